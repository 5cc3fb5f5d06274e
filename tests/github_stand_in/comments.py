"""Comments of conversations."""

from typing import Any

from .api import Answer, Call, RefusedError, not_found, reads, writes
from .identity import app, user
from .model import Comment, now

MAXIMUM = 65536


def comment(call: Call, it: Comment) -> dict[str, Any]:
    """An `issue-comment`."""
    url = f"{call.repo}/issues/comments/{it.id}"
    reactions = ("+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket", "total_count")
    return {
        "id": it.id,
        "node_id": it.node_id,
        "url": url,
        "html_url": f"{call.origin}/{call.state.repository}/pull/{it.number}#issuecomment-{it.id}",
        "issue_url": f"{call.repo}/issues/{it.number}",
        "body": it.body,
        "user": user(call, it.author),
        "created_at": it.created_at,
        "updated_at": it.updated_at,
        "author_association": "CONTRIBUTOR" if it.author.endswith("[bot]") else "NONE",
        "performed_via_github_app": app(call, it.app),
        "reactions": {"url": f"{url}/reactions", **dict.fromkeys(reactions, 0)},
        **({} if call.state.older_server else {"minimized": {"reason": it.minimized} if it.minimized else None}),
    }


def _list(call: Call) -> Answer:
    _conversation(call, call.params["issue_number"])
    since = call.query.get("since", "")
    found = [it for it in call.state.comments.values() if it.number == call.params["issue_number"]]
    return call.page([it for it in found if it.updated_at >= since], lambda it: comment(call, it))


def _get(call: Call) -> Answer:
    return Answer(200, comment(call, _find(call)))


def _create(call: Call) -> Answer:
    number = call.params["issue_number"]
    _conversation(call, number)
    _refuse_locked(call, number)
    made = Comment(call.state.new_id(), number, call.author.login, _body(call), call.author.app)
    call.state.comments[made.id] = made
    return Answer(201, comment(call, made), {"Location": f"{call.repo}/issues/comments/{made.id}"})


def _update(call: Call) -> Answer:
    it = _find(call)
    _refuse_locked(call, it.number)
    it.body, it.updated_at, it.revisions = _body(call), now(), it.revisions + 1
    return Answer(200, comment(call, it))


def _delete(call: Call) -> Answer:
    del call.state.comments[_find(call).id]
    return Answer(204)


def _find(call: Call) -> Comment:
    it = call.state.comments.get(call.params["comment_id"])
    if it is None:
        raise not_found()
    return it


def _conversation(call: Call, number: int) -> None:
    if number not in call.state.pulls:
        raise not_found()


def _refuse_locked(call: Call, number: int) -> None:
    # People who may write still comment; apps, and the token of a job, do not (hashicorp/terraform-github-actions#100).
    # An edit is refused for the same reason: CommentCannotUpdateReason.LOCKED in the GraphQL schema, in these words.
    if call.state.pulls[number].locked and call.author.kind != "user":
        raise RefusedError(403, "Unable to create comment because issue is locked.")


def _body(call: Call) -> str:
    body: str = call.body["body"]
    error = {"resource": "IssueComment", "code": "unprocessable", "field": "data"}
    if not body.strip():
        raise RefusedError(422, "Validation Failed", [{**error, "message": "Body cannot be blank"}])
    # GitHub says characters, and is reported to count 262,144 bytes (objectstack-ai/objectstack#18843).
    if len(body) > MAXIMUM:
        message = f"Body is too long (maximum is {MAXIMUM} characters)"
        raise RefusedError(422, "Validation Failed", [{**error, "message": message}])
    return body


OPERATIONS = {
    "issues/list-comments": reads(_list, "issues", "pull_requests"),
    "issues/get-comment": reads(_get, "issues", "pull_requests"),
    "issues/create-comment": writes(_create, "issues", "pull_requests"),
    "issues/update-comment": writes(_update, "issues", "pull_requests"),
    "issues/delete-comment": writes(_delete, "issues", "pull_requests"),
}
