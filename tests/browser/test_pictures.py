"""The pictures of a report, drawn by a real browser: the SVG of report.html, and the comment's chart by Mermaid itself.

Needs Debian's Chromium and `npm ci --prefix tests/browser`; skipped without, saying what is missing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from onnx_convert.report.html import page
from onnx_convert.report.markdown import comment
from onnx_convert.report.model import ModelReport, Report
from tests.unit.report import compared, sample

from .chromium import Look, as_on_github, look, missing

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(missing()), reason=missing() or "")]

WIDTHS = {"narrow": 400, "wide": 1200}


def without_base() -> Report:
    return sample.report(tuple(row.model_copy(update={"comparison": None}) for row in sample.report().models))


def pull_request() -> Report:
    return compared.report(*compared.report().models, *many())


def many() -> tuple[ModelReport, ...]:
    return tuple(compared.identical(f"m{i:02d}") for i in range(20))


REPORTS = {"pull request": pull_request, "no base": without_base, "hostile": sample.hostile}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, str], dict[str, Any]]:
    """What Chromium shows of each report as page and as comment, narrow and light, wide and dark."""
    folder = tmp_path_factory.mktemp("pages")
    looks: dict[tuple[str, str, str], Look] = {}
    for name, report in REPORTS.items():
        html, markdown = folder / f"{name} page.html", folder / f"{name} comment.html"
        html.write_text(page(report()), "utf-8")
        markdown.write_text(as_on_github(comment(report())), "utf-8")
        for shape, width in WIDTHS.items():
            looks["page", name, shape] = Look(html, width, dark=shape == "wide")
        looks["comment", name, "wide"] = Look(markdown, 900, dark=True, wait="body[data-ready]")
    return dict(zip(looks, look(list(looks.values())), strict=True))


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("shape", WIDTHS)
def test_a_page_is_no_wider_than_its_window_and_runs_without_an_error(
    seen: dict[tuple[str, str, str], dict[str, Any]], name: str, shape: str
) -> None:
    facts = seen["page", name, shape]
    assert facts["errors"] == []
    assert facts["overflow"] <= 0


@pytest.mark.parametrize("name", ["pull request", "no base"])
@pytest.mark.parametrize("shape", WIDTHS)
def test_every_text_of_a_drawing_lies_inside_it(
    seen: dict[tuple[str, str, str], dict[str, Any]], name: str, shape: str
) -> None:
    drawings = seen["page", name, shape]["drawings"]
    assert len(drawings) > 5
    assert {one["title"]: one["outside"] for one in drawings if one["outside"]} == {}
    assert all(one["title"] for one in drawings)
    assert all(one["marks"] for one in drawings if one["height"])  # those of a closed fold have none


def test_base_and_head_are_drawn_with_verdict_interval_and_limit(
    seen: dict[tuple[str, str, str], dict[str, Any]],
) -> None:
    drawings = {one["title"]: one for one in seen["page", "pull request", "wide"]["drawings"]}
    change = drawings["Change of the latency of tiny-cnn against the base"]
    assert {"cpu", "slower +8.2 %", "openvino", "inconclusive +1.1 %", "base", "limit +5.0 %", "0 %"} <= set(
        change["texts"]
    )
    assert change["desc"].startswith("cpu: slower +8.2 % [+7.6 %, +8.8 %]")
    both = drawings["Latency of base and head of tiny-cnn on one provider"]
    assert {"base", "now"} <= set(both["texts"])


def test_a_page_is_dark_where_the_reader_is(seen: dict[tuple[str, str, str], dict[str, Any]]) -> None:
    assert seen["page", "no base", "narrow"]["background"] == "rgb(255, 255, 255)"
    assert seen["page", "no base", "wide"]["background"] == "rgb(13, 17, 23)"


@pytest.mark.parametrize(
    ("name", "title", "label"),
    [
        ("pull request", "Latency in percent of a1b2c3d: red is slower, green is faster", "tiny-cnn cpu +8.2 %"),
        ("no base", "Median latency in percent of the original framework", "two-heads cpu"),
    ],
)
def test_mermaid_draws_the_chart_of_a_comment(
    seen: dict[tuple[str, str, str], dict[str, Any]], name: str, title: str, label: str
) -> None:
    facts = seen["comment", name, "wide"]
    assert facts["errors"] == []
    (chart,) = facts["drawings"]
    assert {title, label, "100"} <= set(chart["texts"])
    assert chart["outside"] == []
    assert chart["marks"] >= 3


def test_mermaid_draws_a_chart_whatever_the_names_in_it(seen: dict[tuple[str, str, str], dict[str, Any]]) -> None:
    facts = seen["comment", "hostile", "wide"]
    assert facts["errors"] == []
    assert facts["overflow"] <= 0
    (chart,) = facts["drawings"]
    assert any(text.startswith("Latency in percent of _octocat") for text in chart["texts"])


def test_a_renderer_that_fails_is_seen(tmp_path: Path) -> None:
    """Else these tests could not fail."""
    broken = tmp_path / "broken.html"
    broken.write_text(as_on_github("```mermaid\nxychart-beta horizontal\n    bar [\n```\n"), "utf-8")
    (facts,) = look([Look(broken, 900, wait="body[data-ready]")])
    assert facts["errors"]
