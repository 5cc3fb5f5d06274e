"""The plan: a valid spec as the rows of work it asks for, one a model, opset and variant."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from onnx_convert.frameworks.registry import FRAMEWORKS, recognise
from onnx_convert.spec.source import PathError, SourceRef
from onnx_convert.spec.tolerances import of_variant
from onnx_convert.stages.values import Finding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from onnx_convert.frameworks.interface import Framework
    from onnx_convert.spec.load import LoadedSpec
    from onnx_convert.spec.model import Model
    from onnx_convert.spec.problem import Problem


OF_ONE_MODEL = frozenset({"OCA115"})
"""Problems that end one model's row rather than the run: a source that needs `trust` and has none."""


class UnknownModelError(Exception):
    """A model was asked for that the spec does not have; the message names the closest one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One artifact to make; `opset` None where no number is asked for: it is "auto", or the source's own.

    `key` is its file's stem, and unique: a model's own name has no "+". `base` is the key of the float32 row that a
    variant is made from. A row with an `obstacle` cannot be worked on; the finding says why.
    """

    key: str
    name: str
    model: Model
    source: SourceRef
    framework: Framework | None
    framework_name: str | None
    opset: int | None
    variant: str = "fp32"
    requirements: Path | None = None
    obstacle: Finding | None = None
    base: str | None = None


Family = tuple[Row, ...]
"""A row with an export of its own, and after it the variants that are made from it."""


def families(rows: Sequence[Row]) -> tuple[Family, ...]:
    """The rows by the export they share, in order."""
    own = [row for row in rows if row.base is None]
    return tuple((row, *(other for other in rows if other.base == row.key)) for row in own)


def make_plan(loaded: LoadedSpec, problems: Sequence[Problem] = (), only: Collection[str] = ()) -> tuple[Row, ...]:
    """The rows of a spec, in its order; of the models in `only`, or of all.

    `problems` are what `check` has against single models: they become the obstacles of their rows. Raises
    UnknownModelError.
    """
    models = loaded.spec.models
    for name in only:
        if name not in models:
            close = difflib.get_close_matches(name, models, n=1)
            hint = f'; did you mean "{close[0]}"?' if close else f"; it has {', '.join(models)}"
            raise UnknownModelError(f'the spec has no model "{name}"{hint}')
    obstacles = {
        name: Finding(problem.code, problem.message, problem.hint)
        for problem in problems
        if problem.code in OF_ONE_MODEL
        for name in problem.models
    }
    return tuple(
        row
        for name, model in models.items()
        if not only or name in only
        for row in _rows(name, model, loaded, obstacles.get(name))
    )


def _rows(name: str, model: Model, loaded: LoadedSpec, obstacle: Finding | None) -> Iterator[Row]:
    try:
        source = SourceRef.parse(model.source, loaded.root, loaded.folder)
    except PathError as error:  # `check` refuses it in the spec of a run, not in the one that it is compared with
        source = SourceRef(loaded.folder / model.source, model.source, None)
        obstacle = Finding(error.code, error.message, error.hint)
    framework_name = model.framework or recognise(source).framework
    framework = FRAMEWORKS.get(framework_name or "")
    requirements = loaded.folder / model.requirements if model.requirements else None
    rows = [
        Row(key, name, model, source, framework, framework_name, opset, "fp32", requirements, obstacle)
        for key, opset in _opsets(name, model, framework)
    ]
    yield from rows
    for variant in model.variants:
        judged = model.model_copy(update={"parity": of_variant(model.parity, variant)})
        yield replace(rows[0], key=f"{name}+{variant}", model=judged, variant=variant, obstacle=None, base=rows[0].key)


def _opsets(name: str, model: Model, framework: Framework | None) -> tuple[tuple[str, int | None], ...]:
    """A key and an opset for each float32 row of a model."""
    own = framework is not None and framework.own_opset and "opset" not in model.model_fields_set
    if model.opset == "auto" or own:
        return ((name, None),)
    if isinstance(model.opset, tuple):
        several = len(model.opset) > 1
        return tuple((f"{name}+opset{opset}" if several else name, opset) for opset in model.opset)
    return ((name, model.opset),)
