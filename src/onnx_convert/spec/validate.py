"""A TOML document against the JSON Schema of the spec, said in sentences.

It knows the part of JSON Schema 2020-12 that `schema.py` writes, which is what the model in `model.py` means. pydantic
would take longer to import than `check` may take, and would report a union once per branch.
"""

from __future__ import annotations

import math
import re
import sys
from typing import TYPE_CHECKING, Any

from onnx_convert.spec import expected, wording
from onnx_convert.spec.problem import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from onnx_convert.spec.expected import Schema
    from onnx_convert.spec.positions import Key

Loc = tuple["Key", ...]


def violations(document: dict[str, Any]) -> Iterator[Finding]:
    """Everything in a document that the schema does not allow, in the order of the document."""
    yield from _check(document, expected.schema(), ())


def _check(value: Any, node: Schema, loc: Loc) -> Iterator[Finding]:
    if "$ref" in node:
        yield from _check(value, expected.resolve(node), loc)
    elif "anyOf" in node:
        yield from _union(value, node, loc)
    elif "enum" in node or "const" in node:
        yield from _choice(value, node, loc)
    elif "type" in node:
        if not expected.is_type(value, node["type"]):
            yield _mismatch(value, node, loc)
        else:
            yield from _BY_TYPE[node["type"]](value, node, loc)


def _union(value: Any, node: Schema, loc: Loc) -> Iterator[Finding]:
    """One finding for the branch that was meant: the one whose type the value has."""
    candidates = [branch for branch in node["anyOf"] if expected.fits(value, branch)]
    for branch in candidates:
        if not any(_check(value, branch, loc)):
            return
    if len(candidates) == 1 and not isinstance(value, str | bool):
        yield from _check(value, candidates[0], loc)
    else:
        yield _mismatch(value, node, loc)


def _choice(value: Any, node: Schema, loc: Loc) -> Iterator[Finding]:
    allowed = node.get("enum", [node.get("const")])
    if not any(value == choice and type(value) is type(choice) for choice in allowed):
        yield _mismatch(value, node, loc)


def _string(value: str, node: Schema, loc: Loc) -> Iterator[Finding]:
    if not _matches(value, node):
        yield _mismatch(value, node, loc)


def _matches(text: str, node: Schema) -> bool:
    # Python's `$` also matches before a final line break, JSON Schema's does not
    pattern = str(node.get("pattern", "(?s:.*)")).removeprefix("^").removesuffix("$")
    fits = node.get("minLength", 0) <= len(text) <= node.get("maxLength", math.inf)
    return fits and re.fullmatch(pattern, text) is not None


def _number(value: float, node: Schema, loc: Loc) -> Iterator[Finding]:
    low, above = node.get("minimum", -math.inf), node.get("exclusiveMinimum", -math.inf)
    high = node.get("maximum", math.inf)
    bounded = len({"minimum", "exclusiveMinimum", "maximum"} & node.keys()) > 0
    endless = not abs(value) <= sys.float_info.max  # NaN too, and a whole number that no float can be
    if (bounded and endless) or not (low <= value <= high and (value > above or not bounded)):
        yield _mismatch(value, node, loc)


def _array(value: list[Any], node: Schema, loc: Loc) -> Iterator[Finding]:
    if not node.get("minItems", 0) <= len(value) <= node.get("maxItems", math.inf):
        yield _mismatch(value, node, loc)
        return
    fixed = node.get("prefixItems", [])
    for position, item in enumerate(value):
        expected = fixed[position] if position < len(fixed) else node.get("items", {})
        yield from _check(item, expected, (*loc, position))


def _object(value: dict[str, Any], node: Schema, loc: Loc) -> Iterator[Finding]:
    known = node.get("properties", {})
    others = node.get("additionalProperties", True)
    names = node.get("propertyNames", {})
    for key, item in value.items():
        if key in known:
            yield from _check(item, known[key], (*loc, key))
        elif others is False:
            yield _unknown(key, node, loc)
        else:
            if not _matches(key, names):
                yield _bad_name(key, names, loc)
            yield from _check(item, others, (*loc, key)) if isinstance(others, dict) else ()


_BY_TYPE: dict[str, Any] = {
    "boolean": lambda *_: (),
    "integer": _number,
    "number": _number,
    "string": _string,
    "array": _array,
    "object": _object,
}


def _unknown(key: str, node: Schema, loc: Loc) -> Finding:
    known = node["properties"]
    where = f" in {wording.key_path(loc)}" if loc else ""
    close = wording.nearest(key, known)
    homes = [name for name, member in known.items() if key.replace("_", "-") in _members(member)]
    if close and close.replace("-", "_") == key.replace("-", "_"):
        hint = f"keys are written with hyphens: `{close}`"
    elif homes:
        hint = f"`{key.replace('_', '-')}` is a key of `{homes[0]}`: write `{homes[0]}.{key.replace('_', '-')} = ...`"
    elif close:
        hint = f"did you mean `{close}`?"
    elif loc == () and key not in known:
        hint = f"the keys here are {', '.join(known)}; a model is `[models.{key}]`"
    else:
        hint = f"the keys here are {', '.join(known)}"
    return Finding("OCA104", f"unknown key {wording.quote(key)}{where}", (*loc, key), hint, at_key=True)


def _members(node: Schema) -> Schema:
    """The keys of a table, or of the one table among alternatives."""
    for branch in (node, *node.get("anyOf", ())):
        if "$ref" in branch:
            return dict(expected.resolve(branch).get("properties", {}))
    return {}


def _bad_name(key: str, names: Schema, loc: Loc) -> Finding:
    what = "model name" if loc == ("models",) else f"name in {wording.key_path(loc)}"
    allowed = names.get("description", "at least one character")
    return Finding(
        "OCA110", f"{wording.quote(key)} is not a valid {what}", (*loc, key), f"allowed: {allowed}", at_key=True
    )


def _mismatch(value: Any, node: Schema, loc: Loc) -> Finding:
    message = f"{wording.key_path(loc)} cannot be {wording.found(value)}"
    code = "OCA106" if expected.right_type(value, node) else "OCA105"
    return Finding(code, message, loc, expected.remedy(value, node))
