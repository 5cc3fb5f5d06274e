"""OCA700-OCA719: what GitHub did not do, and what came in the way of the comment."""

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
        "read-only, as Dependabot's is, or the pull request comes from a fork, whose token is always read-only. "
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
    Entry(
        code="OCA710",
        title="the conversation is locked",
        severity="warning",
        hint="unlock the conversation, and run the job again",
        cause="Somebody locked the conversation of the pull request. Then only people with write access may comment; "
        "no permission of a workflow's token changes that." + _VERDICT,
        remedy="Unlock it and re-run the job, or read the job summary and the check run, which a lock does not touch.",
    ),
    Entry(
        code="OCA711",
        title="there is no such pull request",
        severity="warning",
        hint="check the number of the pull request, and that the token may read the repository",
        cause="GitHub answered 404 or 410 when it was asked for the comments of the pull request: the number is "
        "wrong, the pull request is in another repository, or the token may not even see it." + _VERDICT,
        remedy="Check the number and the repository. For a private repository grant the token `pull-requests: write`, "
        "with the lines of YAML that the job summary shows.",
    ),
    Entry(
        code="OCA712",
        title="the comment does not come to rest",
        severity="warning",
        hint="give each workflow that comments on one pull request a `check-name` of its own",
        cause="Whenever the comment was written, somebody else had changed or deleted it by the next look: other jobs "
        "that post under the same `check-name`, or a bot that removes comments." + _VERDICT,
        remedy="Give workflows different values of `check-name`; each then has a comment of its own. Shards of one run "
        "do not comment: `mode: merge` does, once.",
    ),
    Entry(
        code="OCA720",
        title="there is no commit for the check run",
        severity="warning",
        hint="leave `check-name` empty where a job is about no commit",
        cause="A check run belongs to a commit, and neither the event nor GITHUB_SHA names one." + _VERDICT,
        remedy="Use `check-name` in jobs on `pull_request` and `push`. Outside GitHub Actions there is no check run.",
    ),
)
