"""A stateful stand-in for GitHub's REST and GraphQL API, over real HTTP.

Every request and every response is validated against GitHub's own description of its API; what breaks it is answered
with 500, kept in `violations`, and fails the test. It refuses what GitHub refuses, with GitHub's status and words.

In a test, the fixture `stand_in` (`from tests.github_stand_in.fixtures import stand_in`) gives a running one::

    def test_the_comment_is_edited_in_place(stand_in):
        pull = stand_in.add_pull(head_sha="a" * 40)
        stand_in.add_comment(pull.number, "from someone else")
        stand_in.fault(at=2, kind=Fault.BAD_GATEWAY, when="after")
        post(stand_in.api_url, stand_in.token(), stand_in.repository, pull.number)
        assert [comment.body for comment in stand_in.comments(pull.number)] == [...]

Where it is
    `api_url`, `graphql_url` (as on github.com) and `enterprise_api_url`, `enterprise_graphql_url` (the same state as an
    Enterprise Server has it, under /api/v3, /api/uploads and /api/graphql). URLs in answers have the host that the
    client used. Blobs (contents of assets and artifacts) are redirected to another port of that host, which refuses an
    `Authorization` header as GitHub's storage does. PyGithub refuses to follow to another port.

Who asks
    `token()` is a job's token, github-actions[bot], with permissions `contents`, `issues`, `pull_requests`, `checks`
    write and `actions` read. `token(read_only=True)` is that of a fork's pull request, `token(checks="read")` lacks one
    permission ("none" for not even reading), `token("user")` is a person's (octocat), `token("app")` that of another app
    (models-bot[bot]). `limit(token, remaining=0, reset_s=60)` sets what is left of its rate limit.

What is there (`repository` is its name, octo-org/models)
    `add_pull(number=, head_sha=, head_branch=, head_repository=, base_sha=, state=, draft=)`, `add_comment(number, body,
    author=, minimized=)`, `add_check_run(sha, name, app=, ...)`, `add_release(tag, draft=, prerelease=, immutable=,
    sha=, annotated=, assets={name: content})`, `add_asset(tag, name, content, state=)`, `add_tag(tag, sha, annotated=)`,
    `add_run(head_sha=, event=, ...)`, `add_artifact(run_id, name, {file: content} or zip, expired=)`, `lock(number)`,
    `minimize(comment_id)`, `delete_comment(comment_id)`. Each gives the value of `model.py` that was added.

What came of it
    `comments(number)`, `check_runs(sha)`, `assets(tag)` by name, `release(tag)`, `history(tag)`: the set of (name,
    digest, state) after each change of a release's assets; `requests`: each with `method`, `path`, `query`,
    `authorized`, `login`, `status`, `fault`; `violations`.

What goes wrong
    `fault(at=n, kind=Fault.X, when="before" or "after", times=1)`: the n-th request from now on, counted from 1, meets
    the fault before or after the state changed; so do the following `times - 1` (None: all). `when="partly"`, for an
    upload, leaves the empty asset in state `starter` that GitHub leaves. `Fault.CALL` calls `call()` and drops the
    connection: for a test that kills its client there. `clear_faults()` ends them. `every_fault` in `every_fault.py`
    tries all of them at every request of an action.

For containers: `StandIn(host="0.0.0.0", port=...)` as a context manager, or `python -m tests.github_stand_in --port N --host
0.0.0.0 --state FILE`, which starts from what FILE says (a JSON object of `model.State`) and keeps it there.
"""
