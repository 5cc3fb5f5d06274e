"""The little of GitHub's GraphQL API that is used: who asks, and whether a comment is minimised."""

import json
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

from graphql import GraphQLError, GraphQLSchema, build_schema, execute_sync, parse, validate

from .api import Answer, Call
from .model import Comment


@cache
def _schema() -> GraphQLSchema:
    return build_schema((Path(__file__).parent / "schema.graphql").read_text())


def answer(call: Call, report: Callable[[str], None]) -> Answer:
    """Answers a query; one that the schema does not allow is reported, and answered as GitHub does."""
    if call.identity is None:
        return Answer(401, {"message": "This endpoint requires you to be authenticated."})
    asked = json.loads(call.request.body)
    try:
        document = parse(asked["query"])
        errors = validate(_schema(), document)
    except GraphQLError as error:
        errors = [error]
    if errors:
        report("; ".join(error.message for error in errors))
        return Answer(200, {"errors": [error.formatted for error in errors]})
    root = {
        "viewer": {"id": f"U_{call.identity.id}", "login": call.identity.login},
        "minimizeComment": partial(_minimize, call),
        "unminimizeComment": partial(_unminimize, call),
    }
    found = execute_sync(_schema(), document, root, variable_values=asked.get("variables"))
    if not found.errors:
        return Answer(200, {"data": found.data})
    # GitHub tells the type of an error beside its message, where GraphQL has `extensions`.
    said = [{"type": (error.extensions or {}).get("type"), **error.formatted} for error in found.errors]
    return Answer(200, {"data": found.data, "errors": said})


def _minimize(call: Call, _info: object, **given: Any) -> dict[str, Any]:
    it = _comment(call, given["input"]["subjectId"])
    it.minimized = given["input"]["classifier"].lower().replace("_", "-")
    return {"clientMutationId": given["input"].get("clientMutationId"), "minimizedComment": _minimizable(call, it)}


def _unminimize(call: Call, _info: object, **given: Any) -> dict[str, Any]:
    it = _comment(call, given["input"]["subjectId"])
    it.minimized = None
    return {"clientMutationId": given["input"].get("clientMutationId"), "unminimizedComment": _minimizable(call, it)}


def _comment(call: Call, node_id: str) -> Comment:
    for it in call.state.comments.values():
        if it.node_id == node_id:
            if not (call.may("issues", "write") or call.may("pull_requests", "write")):
                raise GraphQLError("Resource not accessible by integration", extensions={"type": "FORBIDDEN"})
            return it
    message = f"Could not resolve to a node with the global id of '{node_id}'"
    raise GraphQLError(message, extensions={"type": "NOT_FOUND"})


def _minimizable(call: Call, it: Comment) -> dict[str, Any]:
    return {
        "__typename": "IssueComment",
        "id": it.node_id,
        "body": it.body,
        "isMinimized": it.minimized is not None,
        "minimizedReason": it.minimized,
        "viewerCanMinimize": call.may("issues", "write"),
    }
