"""A row's custom operators: what workers are told of them, and who can run an artifact that has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from onnx_convert.spec.source import SourceRef
from onnx_convert.stages.values import Finding

if TYPE_CHECKING:
    from onnx_convert.plan import Row
    from onnx_convert.stages.results import CheckResult
    from onnx_convert.stages.values import Workplace

Runner = Literal["runtime", "reference", "nobody"]
"""Who can run an artifact: ONNX Runtime, onnx's evaluator with operators in Python, or nobody here."""


def of_export(row: Row, workplace: Workplace) -> dict[str, Any] | None:
    """What the worker of a framework is told."""
    custom = row.model.custom_ops
    if custom is None:
        return None
    return {
        "opsets": custom.opsets,
        "register": _callable(custom.register_, workplace),
        "library": str(workplace.folder / custom.library) if custom.library else None,
    }


def of_artifact(row: Row, workplace: Workplace) -> dict[str, Any]:
    """What workers of ONNX files are told: the keys `custom_domains` and `library`."""
    custom = row.model.custom_ops
    if custom is None:
        return {}
    library = str(workplace.folder / custom.library) if custom.library else None
    return {"custom_domains": sorted(custom.opsets), "library": library}


def of_reference(row: Row, workplace: Workplace) -> dict[str, Any]:
    """What the comparison by operators in Python is told: the keys `repository` and `reference`."""
    assert row.model.custom_ops
    return {"repository": str(workplace.root), "reference": _callable(row.model.custom_ops.reference, workplace)}


def runner(row: Row, facts: CheckResult) -> Runner:
    """Who can run an artifact. One whose own operators were all translated to the standard's needs nothing."""
    custom = row.model.custom_ops
    if custom is None or custom.library or not _used(row, facts):
        return "runtime"
    return "reference" if custom.reference else "nobody"


def lacking(row: Row, facts: CheckResult) -> Finding | None:
    """What cannot be done for want of a library, None if it is not wanted."""
    who = runner(row, facts)
    if who == "runtime":
        return None
    used = ", ".join(f"`{name}`" for name in _used(row, facts))
    if who == "reference":
        return Finding(
            "OCA395", f"{used}: compared by onnx's evaluator, neither simplified nor measured", key="custom-ops"
        )
    return Finding("OCA392", f"not compared: nothing here can run {used}", key="custom-ops")


def _used(row: Row, facts: CheckResult) -> list[str]:
    assert row.model.custom_ops
    return [name for name in facts.operators if name.partition("::")[0] in row.model.custom_ops.opsets]


def _callable(text: str | None, workplace: Workplace) -> dict[str, Any] | None:
    if text is None:
        return None
    ref = SourceRef.parse(text, workplace.root, workplace.folder)
    return {"path": str(ref.path), "symbol": ref.symbol}
