"""A stateful stand-in for GitHub's REST and GraphQL API, over real HTTP.

Every request and every response is validated against GitHub's own description of its API; what breaks it is answered
with 500, kept in `violations`, and fails the test. It refuses what GitHub refuses, with GitHub's status and words.

The fixture `stand_in` gives every test a running one::

    def test_the_comment_is_edited_in_place(stand_in: StandIn):
        pull = stand_in.add_pull(head_sha="a" * 40)
        stand_in.add_comment(pull.number, "from someone else")
        stand_in.fault(Fault.BAD_GATEWAY, at=2, when="after")
        post(stand_in.api_url, stand_in.token(), stand_in.repository, pull.number)
        assert [comment.body for comment in stand_in.comments(pull.number)] == [...]

Where it is
    `api_url`, `graphql_url` (as on github.com) and `enterprise_api_url`, `enterprise_graphql_url` (the same state as an
    Enterprise Server has it, under /api/v3, /api/uploads and /api/graphql). URLs in answers have the host that the
    client used. Contents of assets and artifacts are redirected to another port of that host (`blob_port`), where an
    `Authorization` header is refused, as GitHub's storage does, and is a violation. PyGithub follows no redirect to
    another port.

Who asks
    `token()` is a job's token, github-actions[bot], with permissions `contents`, `issues`, `pull_requests`, `checks`
    write and `actions` read. `token(read_only=True)` is that of a fork's pull request, `token(checks="read")` lacks one
    permission ("none": not even reading). `token("user")` is a person's (octocat), `token("app")` another app's
    (models-bot[bot]). `limit(token, remaining=0, reset_s=60)` sets what is left of its rate limit.

What is there, in `repository` (octo-org/models)
    `add_pull`, `add_comment`, `add_check_run`, `add_release`, `add_asset`, `add_tag`, `add_branch`, `add_commit`,
    `add_run`, `add_artifact`, `lock`, `minimize`, `delete_comment`; see `world.py`. Each gives the value of
    `model.py` that was added. `state` has everything, for what there is no method.

What came of it
    `comments(number)`, `check_runs(sha)`, `release(tag)`, `assets(tag)` by name; `history(tag)`: the set of (name,
    digest, state) of a release's assets at first and after each change; `requests`: each an `Exchange` with `method`,
    `path`, `query`, `operation`, `authorized`, `login`, `status`, `fault`; `violations`. No token is kept in any.

What goes wrong
    `fault(kind, at=n, when=..., times=1)`: the n-th request from now on, counted from 1, meets the fault "before" or
    "after" the state changed; so do the following `times - 1` (None: all). "partly", for an upload, leaves the empty
    asset in state `starter` that GitHub leaves. `Fault.REFUSED` closes the port for a tenth of a second (times=None:
    until `clear_faults()`). `Fault.CALL` calls `call()` and drops the connection: for a test that kills its client
    there. `wait_s` is what `Retry-After` and a reached rate limit say. Requests for contents count too. `every_fault`
    in `every_fault.py` tries all of them at every request of an action.

For containers: `StandIn(host="0.0.0.0", port=...)` as a context manager, or `python -m tests.github_stand_in --port N
--host 0.0.0.0 --state FILE`, which starts from what FILE says (`model.State` as JSON) and keeps it there.
"""

from .faults import Fault
from .stand_in import StandIn

__all__ = ["Fault", "StandIn"]
