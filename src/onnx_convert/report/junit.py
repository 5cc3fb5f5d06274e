"""The report as JUnit XML, as Jenkins and Maven Surefire write it: a suite a model, a case a thing that was checked."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from onnx_convert.report import numbers
from onnx_convert.report.against import beyond, told
from onnx_convert.report.text import one_line
from onnx_convert.report.verdict import NATIVE, label, place, ranked, shape_of, worst_first, wrong_opset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from onnx_convert.report.model import Case, ModelReport, ProviderResult, Report
    from onnx_convert.report.verdict import Line

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_RANGES = {"opset": "OCA3", "simplify": "OCA4", "parity": "OCA5", "benchmark": "OCA60"}
"""The diagnostics that belong to a stage; those of no stage belong to the conversion."""

Outcome = Literal["passed", "failure", "error", "skipped"]


@dataclass(frozen=True, slots=True)
class _Test:
    name: str
    outcome: Outcome = "passed"
    message: str = ""
    text: str = ""
    seconds: float = 0.0


def junit(report: Report) -> str:
    """The XML document. Characters that XML 1.0 does not allow are replaced by U+FFFD."""
    suites = [(line, _tests(line.row, report)) for line in ranked(report)]
    everything = [test for _, tests in suites for test in tests]
    root = ET.Element("testsuites", {"name": "onnx-convert", **_counts(everything), "time": _time(report.seconds)})
    for line, tests in suites:
        root.append(_suite(line, tests, report))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(line: Line, tests: tuple[_Test, ...], report: Report) -> ET.Element:
    attributes = {"name": _clean(line.title), **_counts(tests), "time": _time(line.row.seconds)}
    suite = ET.Element("testsuite", attributes | {"timestamp": _clean(report.started)})
    for test in tests:
        attributes = {"classname": _clean(line.title), "name": _clean(test.name), "time": _time(test.seconds)}
        case = ET.SubElement(suite, "testcase", attributes)
        if test.outcome != "passed":
            told = ET.SubElement(case, test.outcome, {"message": _clean(one_line(test.message, 1_000))})
            if test.outcome != "skipped":
                told.set("type", test.name.partition(" ")[0])
                told.text = _clean(test.text or test.message)
    return suite


def _tests(row: ModelReport, report: Report) -> tuple[_Test, ...]:
    """What was checked of a row; a row that failed for none of it failed a gate."""
    tests = (*_checked(row), *_against(row, report))
    if row.status not in {"failed", "error"} or any(test.outcome in {"failure", "error"} for test in tests):
        return tests
    return (*tests, _Test("gates", "failure", _first(row, "") or "a gate failed", _said(row, "")))


def _checked(row: ModelReport) -> Iterator[_Test]:
    yield _convert(row)
    if row.artifact is None:
        return
    yield _opset(row)
    if row.export and row.export.simplification and row.export.simplification.status != "off":
        yield _simplify(row)
    if row.parity and row.parity.status == "skipped":
        yield _Test("parity", "skipped", row.parity.reason or "")
    for case in row.parity.cases if row.parity else ():
        yield _parity(case)
    for result in row.benchmark:
        yield _benchmark(row, result)
    if row.status == "skipped":  # it was converted, and the run ended before the rest was done
        yield _Test("benchmark", "skipped", _said(row, "") or "not done")


def _convert(row: ModelReport) -> _Test:
    if row.status == "skipped" and row.artifact is None:
        return _Test("convert", "skipped", _said(row, "") or "not done")
    seconds = row.export.seconds if row.export else 0.0
    if row.artifact is None:
        return _Test("convert", "error", _first(row, "") or "no artifact", _said(row, ""), seconds)
    return _Test("convert", seconds=seconds)


def _opset(row: ModelReport) -> _Test:
    if not wrong_opset(row) or row.artifact is None:
        return _Test("opset")
    got = row.artifact.opsets.get("ai.onnx", row.artifact.opsets.get(""))
    return _Test("opset", "failure", f"asked for opset {row.opset}, got {got}", _said(row, "opset"))


def _simplify(row: ModelReport) -> _Test:
    assert row.export is not None
    assert row.export.simplification is not None
    simplification = row.export.simplification
    if simplification.status == "undone":
        return _Test("simplify", "skipped", _said(row, "simplify") or "undone", seconds=simplification.seconds)
    return _Test("simplify", seconds=simplification.seconds)


def _parity(case: Case) -> _Test:
    name = f"parity {case.output} on {case.provider} ({shape_of(case.dims)})"
    if case.passed:
        return _Test(name)
    said = (
        f"max abs {numbers.error(case.max_abs)}, max rel {numbers.error(case.max_rel)}, "
        f"{case.mismatched} of {case.elements} elements beyond the tolerance"
    )
    worst = [f"at {list(one.index)}: expected {one.expected}, got {one.actual}" for one in case.worst]
    return _Test(name, "failure", case.reason or said, "\n".join([*filter(None, (case.reason,)), said, *worst]))


def _benchmark(row: ModelReport, result: ProviderResult) -> _Test:
    """A provider that is unavailable is skipped; where its gate failed the row says so in its diagnostics."""
    name = f"benchmark {label(row, result)}"
    if result.latency_ms is not None:
        return _Test(name, seconds=result.latency_ms.median / 1e3)
    gated = row.status == "failed" and result.provider != NATIVE and bool(_first(row, "benchmark"))
    outcome: Outcome = "failure" if gated else "error" if result.status == "failed" else "skipped"
    return _Test(name, outcome, f"{result.status}: {result.reason or 'no reason given'}", _said(row, "benchmark"))


def _against(row: ModelReport, report: Report) -> Iterator[_Test]:
    """What was compared with the base; a failure where its gate is one."""
    found = row.comparison
    if found is None or found.status in {"new", "failed"}:
        return
    if found.size_ratio is not None:
        broken = beyond(found.size_ratio, report.max_size_increase) and "size" in report.fail_on
        said = f"size {numbers.change(found.size_ratio)} against {found.baseline}"
        yield _Test("size against the base", "failure" if broken else "passed", said)
    for one in found.latency:
        slower = one.verdict == "slower" and beyond(one.ratio, report.max_latency_increase)
        unknown: Outcome = "skipped" if one.verdict == "inconclusive" else "passed"
        said = "; ".join(filter(None, (f"{' '.join(told(one))} against {found.baseline}", one.reason)))
        broken = slower and "latency" in report.fail_on
        yield _Test(f"latency on {one.provider} against the base", "failure" if broken else unknown, said)


def _first(row: ModelReport, stage: str) -> str:
    """The worst error of a stage, in a line."""
    found = (one for one in worst_first(row.diagnostics) if one.severity == "error")
    return next((f"{one.code} {one.message}" for one in found if one.code.startswith(_RANGES.get(stage, ""))), "")


def _said(row: ModelReport, stage: str) -> str:
    return "\n".join(
        " ".join(filter(None, (one.severity, one.code, one.message, one.hint and f"(try: {one.hint})", place(one))))
        for one in worst_first(row.diagnostics)
        if one.code.startswith(_RANGES.get(stage, ""))
    )


def _counts(tests: list[_Test] | tuple[_Test, ...]) -> dict[str, str]:
    outcomes = [test.outcome for test in tests]
    return {
        "tests": str(len(tests)),
        "failures": str(outcomes.count("failure")),
        "errors": str(outcomes.count("error")),
        "skipped": str(outcomes.count("skipped")),
    }


def _time(seconds: float) -> str:
    """Seconds as XML Schema's decimal; nothing but digits, whatever a report says."""
    return f"{seconds:.3f}" if 0 <= seconds < 1e12 else "0.000"


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
