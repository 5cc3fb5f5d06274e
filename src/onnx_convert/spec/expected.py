"""What the schema expects, in words; and what to write instead of what was found."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from onnx_convert.spec import wording

Schema = dict[str, Any]

_TYPES: dict[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "array": (list,),
    "object": (dict,),
}
_UNLIMITED = 2**31 - 1
"""Bounds from here on are there for the machine, and not worth a reader's time."""

_EXAMPLES = {"s|m|h": 'a duration such as "15m"', "Bb": 'a size such as "4GiB"', "%": 'a percentage such as "5%"'}


@cache
def schema() -> Schema:
    """The schema of the spec."""
    text = Path(__file__).with_name("onnx-convert.schema.json").read_text("utf-8")
    return dict(json.loads(text))


def resolve(node: Schema) -> Schema:
    """The definition a `$ref` refers to."""
    return dict(schema()["$defs"][node["$ref"].removeprefix("#/$defs/")])


def is_type(value: Any, name: str) -> bool:
    """Whether a TOML value has a type of JSON Schema. A bool is an int in Python, and never in TOML."""
    return isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def fits(value: Any, branch: Schema) -> bool:
    """Whether a value has the type of this alternative."""
    branch = resolve(branch) if "$ref" in branch else branch
    return "type" not in branch or is_type(value, branch["type"])


def right_type(value: Any, node: Schema) -> bool:
    """Whether a value has a type that is allowed, so that only the value itself is wrong."""
    branches = node.get("anyOf", [node])
    if "enum" in node:
        return any(type(value) is type(choice) for choice in node["enum"])
    return any(fits(value, branch) for branch in branches)


def remedy(value: Any, node: Schema) -> str:
    """The correction, where the value shows what was meant."""
    branches = [resolve(branch) if "$ref" in branch else branch for branch in node.get("anyOf", [node])]
    choices = [c for b in branches for c in b.get("enum", [b["const"]] if "const" in b else [])]
    numeric = {"integer", "number"} & {branch.get("type") for branch in branches}
    if isinstance(value, str):
        if value.casefold() in _booleans(node, choices):
            return f"write {value.casefold()} without quotes"
        close = wording.nearest(value, [choice for choice in choices if isinstance(choice, str)])
        if close:
            return f"did you mean {wording.literal(close)}?"
        if (
            numeric
            and not any("pattern" in branch for branch in branches)
            and re.fullmatch(r"[+-]?\d[\d_]*(\.\d+)?([eE][+-]?\d+)?", value.strip())
        ):
            return f"write the number without quotes: {value.strip()}"
    if node.get("type") == "array" and isinstance(value, str | int | float):
        return f"write a list: [{wording.literal(value)}]"
    return f"write {describe(node)}"


def _booleans(node: Schema, choices: list[Any]) -> set[str]:
    """The booleans that are allowed, as they are written."""
    return {"true", "false"} if node.get("type") == "boolean" else {"false"} if False in choices else set()


def describe(node: Schema) -> str:  # noqa: PLR0911 - a case each
    """What a schema allows, in words: `a whole number from 7 to 99, a list or "auto"`."""
    if "$ref" in node:
        node = resolve(node)
    if "anyOf" in node:
        return wording.any_of([describe(branch) for branch in node["anyOf"]])
    if "enum" in node or "const" in node:
        return wording.any_of([wording.literal(choice) for choice in node.get("enum", [node.get("const")])])
    match node["type"]:
        case "boolean":
            return "true or false"
        case "integer":
            return f"a whole number{_bounds(node)}"
        case "number":
            return f"a finite number{_bounds(node)}"
        case "string":
            return _describe_string(node)
        case "array":
            return _describe_array(node)
    return "a table"


def _bounds(node: Schema) -> str:
    low, above, high = (node.get(key) for key in ("minimum", "exclusiveMinimum", "maximum"))
    if low is not None and high is not None and high < _UNLIMITED:
        return f" from {low} to {high}"
    if above is not None:
        return f" above {above}" + (f" and at most {high}" if high is not None else "")
    return f" of at least {low}" if low is not None else ""


def _describe_string(node: Schema) -> str:
    pattern = node.get("pattern", "")
    example = next((words for part, words in _EXAMPLES.items() if part in pattern), None)
    if example:
        return example
    described = f" ({node['description']})" if pattern and "description" in node else ""
    return ("a name" if pattern else "a non-empty string" if node.get("minLength") else "a string") + described


def _describe_array(node: Schema) -> str:
    if "prefixItems" in node:
        return f"a list of {len(node['prefixItems'])} numbers"
    return f"a {'non-empty ' if node.get('minItems') else ''}list, each item {describe(node['items'])}"
