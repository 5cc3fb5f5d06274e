"""What the comment's template is given: escaped text, and the detail that there is room for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from onnx_convert.report.gfm import Markdown, cell

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Detail:
    """How much is shown. `cases` and `findings` are at most so many a model, `rows` so many failed models.

    `named` is how many models are named of each kind of change against the base.
    """

    chart: bool = True
    cases: int = 40
    untouched: bool = True
    passed_details: bool = True
    passed_rows: bool = True
    failed_details: bool = True
    hints: bool = True
    named: int = 5
    findings: int = 20
    text: int = 2_000
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A diagnostic: its code, sentence, place and remedy."""

    code: Markdown
    severity: str
    message: Markdown
    place: Markdown | None
    hint: Markdown | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table of escaped cells; `align` is the row under its head."""

    head: tuple[Markdown, ...]
    align: Markdown
    rows: tuple[tuple[Markdown, ...], ...]
    more: int = 0

    @classmethod
    def of(cls, head: Iterable[str], left: int, rows: Iterable[Iterable[str]], more: int = 0) -> Table:
        """A table whose first `left` columns are text and the others numbers."""
        names = tuple(cell(name) for name in head)
        align = "|".join([":--"] * left + ["--:"] * (len(names) - left))
        return cls(names, Markdown(f"|{align}|"), tuple(tuple(map(cell, row)) for row in rows), more)


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed model, explained."""

    title: Markdown
    cause: str
    emoji: Markdown
    findings: tuple[Finding, ...]
    more: int
    worst: Markdown | None
    blame: Markdown | None


@dataclass(frozen=True, slots=True)
class Fold:
    """Everything else of a model; `title` is for HTML."""

    title: Markdown
    facts: tuple[Markdown, ...]
    findings: tuple[Finding, ...]
    comparison: Table | None
    cases: Table | None
    benchmark: Table | None


@dataclass(frozen=True, slots=True)
class Chart:
    """A bar chart in Mermaid: layers of bars drawn over each other, and the layers' colours."""

    title: Markdown
    unit: Markdown
    labels: Markdown
    layers: tuple[Markdown, ...]
    colours: Markdown
    reference: Markdown
    top: Markdown
    height: int


@dataclass(frozen=True, slots=True)
class View:
    """The whole comment."""

    headline: Markdown
    findings: tuple[Finding, ...]
    news: tuple[Markdown, ...]
    table: Table | None
    untouched: Table | None
    omitted: Markdown | None
    failures: tuple[Failure, ...]
    chart: Chart | None
    folds: tuple[Fold, ...]
    foot: Markdown


def whole(number: str) -> str:
    """A number with its unit, which a narrow cell must not part; an interval may part between its ends."""
    return number.replace(" ", "\xa0").replace(",\xa0", ", ").replace("-", "\N{NON-BREAKING HYPHEN}")
