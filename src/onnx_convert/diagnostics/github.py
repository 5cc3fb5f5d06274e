"""OCA700-OCA709: what GitHub did not do."""

from onnx_convert.diagnostics.entry import Entry

_VERDICT = " The verdict on the models stays what it was; the report is in the job summary and the output folder."

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="OCA700",
        title="GitHub could not be reached",
        severity="warning",
        hint="run the job again; if it persists, check https://www.githubstatus.com and the runner's network",
        cause="GitHub did not answer, broke off, or answered with an error of its own, for longer than the two minutes "
        "that the action waits in all." + _VERDICT,
        remedy="Re-run the job: what was begun is found and completed, nothing is posted twice. On a self-hosted "
        "runner check proxies and certificates; on Enterprise Server the input `github-api-url`.",
    ),
    Entry(
        code="OCA701",
        title="GitHub does not know the token",
        severity="warning",
        hint="leave out the input `token` to use the workflow's own, or renew the one that is given",
        cause="The token is wrong, expired or revoked, or belongs to another GitHub than `github-api-url` names."
        + _VERDICT,
        remedy="The default, `${{ github.token }}`, is valid for as long as its job runs. A token of your own has to "
        "be of the same server as the repository.",
    ),
    Entry(
        code="OCA702",
        title="the token lacks a permission",
        severity="warning",
        hint="grant the permission that the message names; a pull request from a fork cannot be given it, see "
        "docs/forks.md",
        cause="The token may not do it: the workflow's `permissions` leave it out, the organisation's default is "
        "read-only, or the pull request comes from a fork or from Dependabot, whose tokens are always read-only. "
        "GitHub answers 403, or 404 where it does not even say what is there." + _VERDICT,
        remedy="Put the lines of YAML that the job summary shows into the workflow. For forks, use a second workflow "
        "on `workflow_run` with `mode: comment`: docs/forks.md.",
    ),
    Entry(
        code="OCA703",
        title="GitHub's rate limit would take too long to wait for",
        severity="warning",
        hint="run the job again later; many jobs with one token share its limit",
        cause="GitHub limits requests per hour and per minute. It asked to wait longer than the two minutes that the "
        "action waits in all." + _VERDICT,
        remedy="Re-run the job later. With many models, use `mode: merge`, which posts once for all shards: "
        "docs/matrices.md.",
    ),
    Entry(
        code="OCA704",
        title="GitHub refused a request",
        severity="warning",
        hint="the message holds what GitHub said",
        cause="GitHub understood the request and did not do it." + _VERDICT,
        remedy="Do what GitHub's message asks for. If it makes no sense, please open an issue with it.",
    ),
    Entry(
        code="OCA705",
        title="there is no token",
        severity="warning",
        hint="set GITHUB_TOKEN, or leave the action's input `token` at its default",
        cause="Comments, checks and release assets need a token, and none was given." + _VERDICT,
        remedy="In a workflow leave `token` at its default. On a laptop: `GITHUB_TOKEN=$(gh auth token) onnx-convert "
        "comment …`.",
    ),
    Entry(
        code="OCA706",
        title="the address of GitHub's API is none",
        severity="warning",
        hint="`github-api-url` looks like https://github.example.com/api/v3",
        cause="The input `github-api-url`, or the variable GITHUB_API_URL, is not an http or https address, or "
        "GitHub's answers lead away from it, where the token must not go: the repository has another name now, or the "
        "server calls itself by another." + _VERDICT,
        remedy="Leave the input at its default, which is right on github.com and on Enterprise Server. An Enterprise "
        "Server has to be called by the name that it has in the addresses of its own answers.",
    ),
)
