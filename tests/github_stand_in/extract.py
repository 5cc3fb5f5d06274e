"""Takes what the stand-in needs out of GitHub's own description of its API.

``python -m tests.github_stand_in.extract node_modules/@octokit/openapi/generated/api.github.com.json
node_modules/@octokit/graphql-schema/schema.graphql`` writes `openapi.json` and `schema.graphql` beside this module,
with the version and the digest of each source. Prose and examples are left out, and nothing is changed.
"""

import dataclasses
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from graphql import DefinitionNode, DocumentNode, NamedTypeNode, Visitor, parse, print_ast, visit

HERE = Path(__file__).parent
OPERATIONS = frozenset(
    {
        "actions/download-artifact",
        "actions/get-artifact",
        "actions/get-workflow-run",
        "actions/list-artifacts-for-repo",
        "actions/list-workflow-run-artifacts",
        "checks/create",
        "checks/get",
        "checks/list-annotations",
        "checks/list-for-ref",
        "checks/update",
        "git/get-ref",
        "git/get-tag",
        "issues/create-comment",
        "issues/delete-comment",
        "issues/get-comment",
        "issues/list-comments",
        "issues/update-comment",
        "pulls/get",
        "pulls/list",
        "rate-limit/get",
        "repos/delete-release-asset",
        "repos/get",
        "repos/get-commit",
        "repos/get-latest-release",
        "repos/get-release",
        "repos/get-release-asset",
        "repos/get-release-by-tag",
        "repos/list-pull-requests-associated-with-commit",
        "repos/list-release-assets",
        "repos/list-releases",
        "repos/update-release",
        "repos/update-release-asset",
        "repos/upload-release-asset",
        "users/get-authenticated",
    }
)
# Fields of GitHub's GraphQL schema; the types that they name come along with `id` and these fields only.
FIELDS = {
    "Query": {"viewer"},
    "Mutation": {"minimizeComment", "unminimizeComment"},
    "User": {"id", "login"},
    "Minimizable": {"isMinimized", "minimizedReason", "viewerCanMinimize"},
    "IssueComment": {"id", "body", "isMinimized", "minimizedReason", "viewerCanMinimize"},
}
_METHODS = ("get", "post", "patch", "put", "delete")
_ANNOTATIONS = frozenset({"description", "title", "example", "examples", "deprecated", "readOnly", "externalDocs"})


def schema_of(source: dict[str, Any]) -> dict[str, Any]:
    """A schema without its prose; a property may well be called `description`, so names and keywords are told apart."""
    kept: dict[str, Any] = {}
    for keyword, value in source.items():
        if keyword in _ANNOTATIONS or keyword.startswith("x-"):
            continue
        if keyword == "properties":
            kept[keyword] = {name: schema_of(below) for name, below in value.items()}
        elif keyword in ("allOf", "anyOf", "oneOf"):
            kept[keyword] = [schema_of(below) for below in value]
        elif isinstance(value, dict) and keyword in ("items", "additionalProperties", "not"):
            kept[keyword] = schema_of(value)
        else:
            kept[keyword] = value
    return kept


def _resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def _content(node: dict[str, Any]) -> dict[str, Any]:
    return {kind: schema_of(media.get("schema", {})) for kind, media in node.get("content", {}).items()}


def _operation(document: dict[str, Any], source: dict[str, Any]) -> dict[str, Any]:
    parameters = []
    for given in source.get("parameters", []):
        parameter = _resolved(document, given)
        kept: dict[str, Any] = {
            key: parameter[key] for key in ("name", "in", "required", "x-multi-segment") if key in parameter
        }
        parameters.append({**kept, "schema": schema_of(parameter["schema"])})
    responses = {status: _content(_resolved(document, answer)) for status, answer in source["responses"].items()}
    made: dict[str, Any] = {"operationId": source["operationId"], "parameters": parameters, "responses": responses}
    if "servers" in source:
        made["servers"] = [server["url"] for server in source["servers"]]
    if "requestBody" in source:
        body = _resolved(document, source["requestBody"])
        made["requestBody"] = {"required": body.get("required", False), "content": _content(body)}
    return made


def _references(node: object) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"].rpartition("/")[2]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(_references(below) for below in node.values()))
    if isinstance(node, list):
        return set().union(*(_references(below) for below in node))
    return set()


def openapi(document: dict[str, Any]) -> dict[str, Any]:
    """The operations, and the schemas that they need, of a description of GitHub's API."""
    paths: dict[str, Any] = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if item.get(method, {}).get("operationId") in OPERATIONS:
                paths.setdefault(path, {})[method] = _operation(document, item[method])
    # These two answer every operation, whether its description says so or not.
    todo = _references(paths) | {"basic-error", "validation-error", "validation-error-simple"}
    schemas: dict[str, Any] = {}
    while todo:
        name = todo.pop()
        schemas[name] = schema_of(document["components"]["schemas"][name])
        todo |= _references(schemas[name]) - schemas.keys()
    return {"openapi": document["openapi"], "paths": paths, "components": {"schemas": dict(sorted(schemas.items()))}}


class _Prose(Visitor):
    """Takes descriptions and directives away."""

    def enter(self, node: Any, *_: object) -> Any:
        gone = {key: value for key, value in (("description", None), ("directives", ())) if getattr(node, key, None)}
        return dataclasses.replace(node, **gone) if gone else None


class _Names(Visitor):
    """Collects the types that a definition names."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def enter_named_type(self, node: NamedTypeNode, *_: object) -> None:
        self.found.append(node.name.value)


def graphql(text: str) -> str:
    """The named fields of GitHub's GraphQL schema, with the types that they need, cut down to those fields."""
    every = {node.name.value: node for node in parse(text, no_location=True).definitions if hasattr(node, "name")}
    kept: dict[str, DefinitionNode] = {}
    todo = ["Query", "Mutation", "IssueComment"]
    while todo:
        name = todo.pop()
        if name in every and name not in kept:
            kept[name] = visit(_cut(every[name]), _Prose())
            names = _Names()
            visit(kept[name], names)
            todo += names.found
    return print_ast(DocumentNode(definitions=tuple(kept[name] for name in sorted(kept)))) + "\n"


def _cut(node: Any) -> Any:
    wanted = FIELDS.get(node.name.value)
    if wanted is None:
        return node
    fields = tuple(field for field in node.fields or () if field.name.value in wanted)
    faces = tuple(face for face in node.interfaces or () if face.name.value in FIELDS)
    return dataclasses.replace(node, fields=fields, interfaces=faces)


def _origin(path: Path) -> dict[str, str]:
    package = next(folder for folder in path.resolve().parents if (folder / "package.json").exists()) / "package.json"
    about = json.loads(package.read_text())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    notice = next(package.parent.glob("LICENSE*")).read_text()
    return {
        "package": about["name"],
        "version": about["version"],
        "sha256": digest,
        "license": " ".join(notice.split()),
    }


def main(description: Path, schema: Path) -> None:
    """Writes both extracts."""
    origin = {**_origin(description), "file": description.name}
    found = {"x-origin": origin, **openapi(json.loads(description.read_bytes()))}
    (HERE / "openapi.json").write_text(json.dumps(found, indent=1) + "\n")
    origin = _origin(schema)
    head = "".join(f"# {key}: {value}\n" for key, value in origin.items())
    (HERE / "schema.graphql").write_text(head + graphql(schema.read_text()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
