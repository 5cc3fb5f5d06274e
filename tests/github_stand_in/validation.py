"""GitHub's own description of its API, as validators: of each request, and of each answer to it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_URN = "urn:github"
# What GitHub answers with 422 in words of its own, so that a test may provoke it.
_LIMITS = {
    "maxItems": "No more than {} items are allowed; {} were supplied.",
    "maxLength": "Only {} characters are allowed; {} were supplied.",
}

_TIME_AND_PLACE = re.compile(r'http://[^/"]+|\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\dZ')
_ERRORS = {
    name: {"$ref": f"#/components/schemas/{name}"}
    for name in ("basic-error", "validation-error", "validation-error-simple")
}

_formats = FormatChecker(formats=())
_formats.checks("date-time", raises=ValueError)(lambda text: text is None or bool(datetime.fromisoformat(text)))
_formats.checks("uri", raises=ValueError)(lambda text: text is None or bool(urlsplit(text).scheme))


@dataclass(frozen=True)
class Limit:
    """A limit that a request is over, in GitHub's words."""

    message: str


@dataclass(frozen=True, eq=False)
class Described:
    """An operation of the description."""

    id: str
    method: str
    template: str
    pattern: re.Pattern[str]
    source: Mapping[str, Any]

    @property
    def uploads(self) -> bool:
        """Whether it is on the host for uploads, and takes bytes of any type."""
        return "servers" in self.source

    def problems(self, query: Mapping[str, Any], kind: str, body: Any) -> Iterator[str | Limit]:
        """What a request has that the description does not allow."""
        known = {one["name"]: one for one in self.source["parameters"] if one["in"] == "query"}
        yield from (f"unknown parameter {name}" for name in query.keys() - known.keys())
        for name, one in known.items():
            if name in query:
                yield from _errors(one["schema"], query[name], f"parameter {name}")
            elif one.get("required"):
                yield f"parameter {name} is missing"
        if not self.uploads:
            yield from self._body_problems(kind, body)

    def _body_problems(self, kind: str, body: Any) -> Iterator[str | Limit]:
        described = self.source.get("requestBody")
        if body is None:
            if described and described["required"]:
                yield "the body is missing"
        elif described is None:
            yield "a body, where none is expected"
        elif kind.partition(";")[0] not in described["content"]:
            yield f"a body of type {kind}"
        else:
            schema = described["content"][kind.partition(";")[0]]
            unknown = body.keys() - schema.get("properties", {}).keys() if isinstance(body, dict) else ()
            yield from (f"unknown key {name}" for name in unknown)
            yield from _errors(schema, body, "the body")

    def answer_problems(self, status: int, body: Any) -> list[str]:
        """What an answer has that the description does not allow."""
        # Every fault at every request makes the same answers some hundred times: at other times, on other ports.
        return _answer_problems(self, status, _TIME_AND_PLACE.sub(_same, json.dumps(body)))

    def _answer_problems(self, status: int, body: Any) -> list[str]:
        """As `answer_problems`. Any error may be a `basic-error`."""
        content = self.source["responses"].get(str(status))
        if content is None and status < 400:
            return [f"status {status} is not described"]
        schema = (content or {}).get("application/json")
        if schema is None and status >= 400:
            several = status == 422 and "errors" in body
            simple = several and isinstance(body["errors"][0], str)
            schema = _ERRORS["validation-error-simple" if simple else "validation-error" if several else "basic-error"]
        if schema is None:
            return [] if body is None else [f"a body, where none is described for {status}"]
        return [str(problem) for problem in _errors(schema, body, f"the answer {status}")]


@lru_cache(maxsize=1024)
def _answer_problems(operation: Described, status: int, text: str) -> list[str]:
    return operation._answer_problems(status, json.loads(text))


def _same(found: re.Match[str]) -> str:
    return "http://host" if found[0].startswith("http") else "2026-01-01T00:00:00Z"


class Description:
    """All operations, found by method and path."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        every = [
            Described(operation["operationId"], method.upper(), path, _pattern(path, operation), operation)
            for path, item in source["paths"].items()
            for method, operation in item.items()
        ]
        # Of two that match, the one that says more: a ref takes slashes, so that /commits/{ref} matches
        # /commits/{ref}/check-runs as well.
        self.operations = sorted(every, key=lambda one: -len(re.sub(r"\{\w+\}", "", one.template)))

    def find(self, method: str, path: str) -> tuple[Described, dict[str, Any]] | None:
        """The operation of a request, and its parameters in the path."""
        for one in self.operations:
            if one.method == method and (match := one.pattern.fullmatch(path)):
                types = {p["name"]: p["schema"].get("type") for p in one.source["parameters"]}
                found = {name: unquote(value) for name, value in match.groupdict().items()}
                return one, {name: int(v) if types[name] == "integer" else v for name, v in found.items()}
        return None

    def query(self, operation: Described, given: Mapping[str, str]) -> dict[str, Any]:
        """Parameters of a query, as the types that they are described as."""
        types = {p["name"]: p["schema"].get("type") for p in operation.source["parameters"]}
        integers = {name for name, value in given.items() if types.get(name) == "integer" and value.isdecimal()}
        return {name: int(value) if name in integers else value for name, value in given.items()}


@cache
def description() -> Description:
    """The description that is kept beside this module."""
    return Description(_source())


@cache
def _source() -> dict[str, Any]:
    source: dict[str, Any] = json.loads((Path(__file__).parent / "openapi.json").read_text())
    _amend(source["components"]["schemas"])
    return source


def _amend(schemas: dict[str, Any]) -> None:
    """What GitHub answers, and its description has not heard of."""
    # "If an upstream failure occurs, you will receive a 502 Bad Gateway status. This may leave an empty asset with a
    # state of `starter`." (docs.github.com, upload a release asset.)
    schemas["release-asset"]["properties"]["state"]["enum"].append("starter")
    # The repository of a pull request's head may have been deleted (github/rest-api-description#1811).
    for name in ("pull-request", "pull-request-simple"):
        properties = schemas[name]["properties"]["head"]["properties"]
        properties["repo"] = {"anyOf": [{"type": "null"}, properties["repo"]]}


@cache
def _registry() -> Registry[Any]:
    components = {"components": {"schemas": _json_schema(_source()["components"]["schemas"])}}
    return Registry().with_resource(_URN, Resource.from_contents(components, DRAFT202012))


_validators: dict[int, tuple[Mapping[str, Any], Draft202012Validator]] = {}


def _errors(schema: Mapping[str, Any], value: Any, what: str) -> Iterator[str | Limit]:
    _, validator = _validators.get(id(schema)) or _validators.setdefault(id(schema), (schema, _validator(schema)))
    for error in validator.iter_errors(value):
        closest = best_match([error])
        yield _limit(error) or f"{what} at {closest.json_path}: {closest.message[:300]}"


def _limit(error: ValidationError) -> Limit | None:
    if error.validator in _LIMITS:
        return Limit(
            "Invalid request.\n\n" + _LIMITS[error.validator].format(error.validator_value, len(error.instance))
        )
    return None


def _validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    return Draft202012Validator(_json_schema(schema), registry=_registry(), format_checker=_formats)


def _json_schema(node: Any) -> Any:
    """A schema of OpenAPI 3.0 as a JSON Schema: `nullable` becomes a type, and references point into the registry."""
    if isinstance(node, list):
        return [_json_schema(below) for below in node]
    if not isinstance(node, dict):
        return node
    made = {key: _json_schema(value) for key, value in node.items() if key != "nullable" or value not in (True, False)}
    if isinstance(made.get("$ref"), str) and made["$ref"].startswith("#"):
        made["$ref"] = _URN + made["$ref"]
    return {"anyOf": [{"type": "null"}, made]} if node.get("nullable") is True else made


def _pattern(path: str, operation: Mapping[str, Any]) -> re.Pattern[str]:
    pattern = re.escape(path).replace(r"\{", "{").replace(r"\}", "}")
    for one in operation["parameters"]:
        if one["in"] == "path":
            single = r"\d+" if one["schema"].get("type") == "integer" else "[^/]+"
            part = ".+" if one.get("x-multi-segment") else single
            pattern = pattern.replace(f"{{{one['name']}}}", f"(?P<{one['name']}>{part})")
    return re.compile(pattern)
