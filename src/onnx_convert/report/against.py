"""What a comparison with the base says, in the words and the order that every renderer shares.

Strings that hold a name or a reason of the report are plain text and hostile.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from onnx_convert.report import numbers
from onnx_convert.report.numbers import NONE
from onnx_convert.report.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from onnx_convert.report.model import Comparison, LatencyComparison, ModelReport, Report

Kind = Literal["slower", "failed", "inconclusive", "faster", "changed", "new", "unchanged", "identical"]

ORDER: tuple[Kind | None, ...] = (
    "slower", "failed", "inconclusive", "faster", "changed", "new", "unchanged", "identical", None,
)  # fmt: skip
"""What readers need to see first comes first."""
_COUNTED: dict[Kind, str] = {
    "slower": "slower",
    "failed": "not compared",
    "inconclusive": "inconclusive",
    "faster": "faster",
    "changed": "changed and not measured",
    "new": "new",
}
_BASE_LIMIT = 40
_NO_BASE = "OCA640"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs from the base: items of name (hostile, may be empty), base and head."""

    what: str
    items: tuple[tuple[str, str, str], ...]


def kind(row: ModelReport) -> Kind | None:
    """A row's news against the base in one word, the worst of its providers'; None where it has no comparison."""
    found = row.comparison
    if found is None:
        return None
    if found.status != "compared":
        return found.status
    verdicts = {one.verdict for one in found.latency}
    order: tuple[Kind, ...] = ("slower", "faster", "inconclusive", "unchanged")
    return next((one for one in order if one in verdicts), "changed")


def base_name(report: Report) -> str | None:
    """How the base is called, short; None where nothing was compared and nothing was to be."""
    compared = next((row.comparison.baseline for row in report.models if row.comparison), None)
    name = compared or (report.baseline.name if report.baseline else None)
    return None if name is None else one_line(name, _BASE_LIMIT)


def clause(report: Report, quote: Callable[[str], str]) -> str:
    """The end of the headline: `; against a1b2c3d: 1 slower, 2 new`. Empty where nothing was to be compared."""
    base = base_name(report)
    if base is None:
        return ""
    if report.baseline and report.baseline.reason:
        return f"; not compared with {quote(base)}"
    kinds = Counter(map(kind, report.models))
    parts = [f"{kinds[one]:,} {word}" for one, word in _COUNTED.items() if kinds[one]]
    others = ((sum(1 for _ in renamed(report)), "renamed"), (len(_deleted(report)), "deleted"))
    parts += [f"{count:,} {word}" for count, word in others if count]
    if parts:
        return f"; against {quote(base)}: {', '.join(parts)}"
    if not kinds["unchanged"] and not kinds["identical"]:
        return ""
    return f"; unchanged against {quote(base)}" if kinds["unchanged"] else f"; identical to {quote(base)}"


def no_base(report: Report) -> str | None:
    """Why there was no base, where no finding of the run says so already."""
    said = any(one.code == _NO_BASE for one in report.diagnostics)
    return report.baseline.reason if report.baseline and not said else None


def renamed(report: Report) -> Iterator[tuple[str, ModelReport]]:
    """Rows that the base has under another name, with that name."""
    for row in report.models:
        if row.comparison and row.comparison.base and row.comparison.base != row.name:
            yield row.comparison.base, row


def _deleted(report: Report) -> tuple[str, ...]:
    return report.baseline.deleted if report.baseline else ()


def told(one: LatencyComparison) -> tuple[str, ...]:
    """A latency against the base: its verdict and change, their interval, and what noise hid.

    An unchanged one has its interval: it says how much it could have changed at most.
    """
    if one.verdict == "identical":
        return ("identical",)
    if one.ratio is None:
        return ("not compared",)
    return tuple(filter(None, (f"{one.verdict} {numbers.change(one.ratio)}", numbers.changes(one.ci), hidden(one))))


def brief(one: LatencyComparison) -> str:
    """What `told` says, where there is little room."""
    if one.verdict == "inconclusive" and one.ratio is not None and one.detectable is not None:
        return f"inconclusive, hides ±{numbers.percent(one.detectable)}"
    if one.verdict == "identical" or one.ratio is None or one.ci is None:
        return told(one)[0]
    return f"{one.verdict} {numbers.around(one.ratio, one.ci)}"


def status(row: ModelReport) -> str:
    """What a row is to the base where that is not about latency: `new`, `identical`, `not compared`; else empty."""
    return {"new": "new", "identical": "identical", "failed": "not compared"}.get(kind(row) or "", "")


def hidden(one: LatencyComparison) -> str:
    """What an inconclusive comparison could not have seen; empty for another."""
    if one.verdict != "inconclusive" or one.detectable is None:
        return ""
    return f"only ±{numbers.percent(one.detectable)} or more would show"


def worst(row: ModelReport) -> tuple[LatencyComparison, ...]:
    """The comparisons that are a row's news, the largest change first."""
    found = row.comparison.latency if row.comparison else ()
    news = [one for one in found if one.verdict == kind(row)]
    return tuple(sorted(news, key=lambda one: abs((one.ratio or 1.0) - 1.0), reverse=True))


def beyond(ratio: float | None, limit: float | None) -> bool:
    """Whether a size or time is over its gate's limit."""
    return ratio is not None and limit is not None and ratio > 1 + limit


def size_change(found: Comparison | None) -> str:
    """The change of an artifact's size, empty where there is none to speak of."""
    if found is None or found.size_ratio is None:
        return ""
    text = numbers.change(found.size_ratio)
    return "" if text == numbers.change(1.0) else text


def differences(found: Comparison) -> tuple[Difference, ...]:
    """What differs but for latency, as text."""
    return tuple(_differences(found))


def _differences(found: Comparison) -> Iterator[Difference]:
    if size := size_change(found):
        yield Difference("Size", (("", "", size),))
    if found.nodes and found.nodes[0] != found.nodes[1]:
        yield Difference("Nodes", (("", *_pair(found.nodes)),))
    for what, counts in (("Operators", found.operators), ("Opsets", found.opsets)):
        if counts:
            yield Difference(what, tuple((name, *_pair(pair)) for name, pair in counts.items()))
    if found.parity:
        base, head = (numbers.error(value) for value in found.parity)
        if base != head:
            yield Difference("Largest error", (("", base, head),))


def _pair(values: tuple[int | None, int | None]) -> tuple[str, str]:
    base, head = (NONE if value is None else f"{value:,}" for value in values)
    return base, head
