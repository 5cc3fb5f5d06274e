"""Which dynamic dimensions an exporter froze, told from the sizes at which the model is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from onnx_convert.workers.artifact.cases import Sizes


def dimensions(passed: Mapping[Sizes, bool], trace: Mapping[str, int]) -> dict[str, int]:
    """Name the frozen dimensions and the sizes they are frozen at.

    `passed` says for each combination of sizes whether all outputs agreed; `trace` is the combination the model was
    exported with. A dimension is frozen when the model is never right at another size than the traced one, and
    somewhere changing this dimension alone makes a right result wrong.
    """
    return {
        name: size
        for name, size in trace.items()
        if _only_right_at(passed, name, size) and _alone_makes_it_wrong(passed, name)
    }


def _only_right_at(passed: Mapping[Sizes, bool], name: str, size: int) -> bool:
    return all(dict(sizes).get(name) == size for sizes, right in passed.items() if right)


def _alone_makes_it_wrong(passed: Mapping[Sizes, bool], name: str) -> bool:
    right = {_without(sizes, name) for sizes, good in passed.items() if good}
    return any(_without(sizes, name) in right for sizes, good in passed.items() if not good)


def _without(sizes: Sizes, name: str) -> Sizes:
    return tuple(item for item in sizes if item[0] != name)
