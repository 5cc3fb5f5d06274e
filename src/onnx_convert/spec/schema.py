"""The JSON Schema of `onnx-convert.toml`, made from the model, and the one of `report.json`.

`python -m onnx_convert.spec.schema` writes both to `schema/`, for editors and other tools, and the first also beside
this module: `validate` checks a spec with it. So an editor and the command never disagree, and `check` needs no
pydantic, whose import alone takes most of the time `check` may take.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from onnx_convert.spec.model import MODEL_NAME, SYMBOL, Spec

PACKAGED = Path(__file__).with_name("onnx-convert.schema.json")
PUBLISHED = Path(__file__).parents[3] / "schema"

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NAMES = {
    MODEL_NAME: "1 to 100 letters, digits, `.`, `_` or `-`, the first a letter or digit",
    SYMBOL: "letters, digits and `_`, not starting with a digit",
}


def spec_schema() -> dict[str, Any]:
    """The schema of the file as it is written: `[defaults]` beside the models, and no key of a model required twice."""
    schema: dict[str, Any] = _tidy(Spec.model_json_schema(by_alias=True))
    definitions = schema.pop("$defs")
    model = definitions["Model"]
    model.pop("required")
    model["description"] = "One model; what it leaves out is taken from [defaults]."
    version, gates, models = (schema["properties"][key] for key in ("spec-version", "gates", "models"))
    defaults = {"$ref": "#/$defs/Model", "description": "any key of a model, for all of them"}
    without_source = {"properties": {"models": {"additionalProperties": {"required": ["source"]}}}}
    return {
        "$schema": _DIALECT,
        "title": "onnx-convert.toml",
        "description": "Which models to convert to ONNX, and how to prove that the result is the same.",
        "type": "object",
        "properties": {"spec-version": version, "defaults": defaults, "gates": gates, "models": models},
        "required": ["spec-version", "models"],
        "additionalProperties": False,
        "if": {"properties": {"defaults": {"required": ["source"]}}, "required": ["defaults"]},
        "else": without_source,
        "$defs": definitions,
    }


def report_schema() -> dict[str, Any]:
    """The schema of `report.json`."""
    from onnx_convert.report.model import Report  # noqa: PLC0415 - the spec's schema does not depend on the report

    return {"$schema": _DIALECT, **Report.model_json_schema(by_alias=True, mode="serialization")}


def _tidy(node: Any) -> Any:
    """Without what TOML has no use for: titles made from names, null, and key patterns spelt as `patternProperties`."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: _tidy_member(key, value) for key, value in node.items() if not (key == "default" and value is None)}
    if isinstance(node.get("title"), str):
        del node["title"]
    branches = node.get("anyOf", [])
    kept = [branch for branch in branches if branch != {"type": "null"}]
    if len(kept) == 1:
        return {**kept[0], **{key: value for key, value in node.items() if key != "anyOf"}}
    if branches:
        node["anyOf"] = kept
    if "patternProperties" in node:
        ((pattern, values),) = node.pop("patternProperties").items()
        node["propertyNames"] = {"pattern": pattern, "description": _NAMES[pattern]}
        node["additionalProperties"] = values
    if node.get("pattern") in _NAMES:
        node.setdefault("description", _NAMES[node["pattern"]])
    return node


def _tidy_member(key: str, value: Any) -> Any:
    # Members of `properties` and `$defs` are named by the user, not by JSON Schema: "title" there is a key.
    if key in {"properties", "$defs"}:
        return {name: _tidy(schema) for name, schema in value.items()}
    if key == "default":
        return _without_null(value)
    return _tidy(value)


def _without_null(value: Any) -> Any:
    return {key: item for key, item in value.items() if item is not None} if isinstance(value, dict) else value


def text(schema: dict[str, Any]) -> str:
    """A schema as it lies in its file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def write(published: Path = PUBLISHED, packaged: Path = PACKAGED) -> None:
    """Write every schema file."""
    published.mkdir(exist_ok=True)
    packaged.write_text(text(spec_schema()), "utf-8")
    (published / "onnx-convert.schema.json").write_text(text(spec_schema()), "utf-8")
    (published / "report.schema.json").write_text(text(report_schema()), "utf-8")


if __name__ == "__main__":
    write()
