"""The report as one HTML file that needs nothing else: no network, no script, no font. Autoescaped throughout."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from onnx_convert.report import numbers
from onnx_convert.report.against import base_name, beyond, differences, kind, no_base, size_change, status, told
from onnx_convert.report.charts import change_plot, error_plot, latency_plot, sides_plot
from onnx_convert.report.mixture import mixture
from onnx_convert.report.surroundings import conditions, legs, settings
from onnx_convert.report.text import one_line
from onnx_convert.report.verdict import (
    NATIVE,
    SYMBOLS,
    compared,
    counted,
    errors,
    headline,
    label,
    native_median,
    paired,
    parted,
    place,
    ranked,
    shape_of,
    strain,
    worst_case,
    worst_first,
    wrong_opset,
)

if TYPE_CHECKING:
    from onnx_convert.report.model import Parity, Report, Tensor

_CASES = 500
"""Cases shown of a model; the rest are in report.json."""


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("onnx_convert.report"),
        auto_reload=False,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "short": lambda text: one_line(str(text), 32),
        "line": lambda text: one_line(str(text), 4_000),
        "error": numbers.error,
        "latency": numbers.latency,
        "size": numbers.size,
        "change": numbers.change,
        "changes": numbers.changes,
        "percent": numbers.percent,
        "told": told,
        "kind": kind,
        "no_base": no_base,
        "against_status": status,
        "differences": differences,
        "size_change": size_change,
        "duration": numbers.duration,
        "place": place,
        "shape": shape_of,
        "tensor": _tensor,
        "worst_case": worst_case,
        "worst_first": worst_first,
        "worst_cases": _worst_cases,
        "wrong_opset": wrong_opset,
        "error_plot": error_plot,
        "latency_plot": latency_plot,
        "sides_plot": sides_plot,
    }
    environment.globals |= {
        "NATIVE": NATIVE,
        "label": label,
        "native_median": native_median,
        "NONE": numbers.NONE,
        "SYMBOLS": SYMBOLS,
        "beyond": beyond,
        "change_plot": change_plot,
        "compared": compared,
        "conditions": conditions,
        "legs": legs,
        "counted": counted,
        "interval": numbers.interval,
        "mixture": mixture,
        "paired": paired,
        "settings": settings,
        "times": numbers.times,
        "speed_up": numbers.speed_up,
        "cases_shown": _CASES,
        "errors": errors,
    }
    return environment.get_template("report.html.j2")


def page(report: Report) -> str:
    """The report as a page that opens from disk. Text of the report can neither add elements nor load anything."""
    lines = list(enumerate(ranked(report), 1))
    _, folded = parted(line for _, line in lines)
    shown = [(number, line) for number, line in lines if not (folded and line.untouched)]
    untouched = [(number, line) for number, line in lines if folded and line.untouched]
    text = _template().render(
        report=report,
        lines=lines,
        shown=shown,
        untouched=untouched,
        base=base_name(report) or "",
        headline=headline(report),
    )
    return f"{text}\n"


def _worst_cases(parity: Parity) -> list[object]:
    return list(sorted(parity.cases, key=strain, reverse=True)[:_CASES])


def _tensor(tensor: Tensor) -> str:
    """`image float32[batch, 3, 224, 224]`."""
    shape = ", ".join("?" if size is None else str(size) for size in tensor.shape)
    return f"{tensor.name} {tensor.dtype}[{shape}]"
