from __future__ import annotations

import re
from pathlib import Path

from rich.console import Console

from onnx_convert.diagnostics import entries
from onnx_convert.diagnostics.entry import Entry
from onnx_convert.diagnostics.page import explain, index, page, pages, write

DOCS = Path(__file__).parents[3] / "docs" / "diagnostics"

NAMES = (
    "GitHub|PyTorch|ONNX|BatchNorm|TensorFlow|Keras|JAX|MXNet|NaN|Dropout|SavedModel|TorchScript|TF32|XGBoost|LightGBM"
)
"""What a title may begin with although titles begin in lower case."""

ENTRY = Entry(
    code="OCA501",
    title="results differ | a lot",
    severity="error",
    hint="look at the case",
    cause="The artifact computes something else.",
    remedy="Switch simplification off.",
    upstream=("https://example.org/issues/1",),
)


def test_a_page_has_cause_remedy_and_upstream() -> None:
    text = page(ENTRY)
    assert text.startswith("# OCA501: results differ | a lot\n")
    for expected in (
        "Severity: error",
        "The artifact computes",
        "Switch simplification",
        "<https://example.org/issues/1>",
    ):
        assert expected in text


def test_the_index_links_every_entry_under_its_range() -> None:
    text = index([ENTRY])
    assert "## Parity\n" in text
    assert "| [OCA501](OCA501.md) | error | results differ \\| a lot |" in text
    assert "## Export" not in text


def test_pages_are_written_and_stale_ones_removed(tmp_path: Path) -> None:
    (tmp_path / "OCA599.md").write_text("old")
    (tmp_path / "notes.md").write_text("kept")
    write(tmp_path, [ENTRY])
    assert {path.name for path in tmp_path.iterdir()} == {"README.md", "OCA501.md", "notes.md"}


def test_an_explanation_is_legible_on_a_narrow_terminal() -> None:
    console = Console(width=40, color_system=None)
    with console.capture() as captured:
        console.print(explain(ENTRY))
    assert "Switch simplification off." in captured.get()


def test_every_entry_has_a_code_of_its_range_and_says_something() -> None:
    for code, entry in entries().items():
        assert re.fullmatch(r"OCA[0-79]\d\d", code)
        assert all((entry.title, entry.hint, entry.cause, entry.remedy)), code
        assert not entry.hint.endswith("."), code
        assert not entry.title[0].isupper() or re.match(rf"({NAMES})\b", entry.title), code
        assert "\n" not in entry.title + entry.hint, code


def test_the_documentation_is_current() -> None:
    written = {path.name: path.read_text("utf-8") for path in DOCS.glob("*.md")}
    assert written == pages(entries().values()), "run python -m onnx_convert.diagnostics.page docs/diagnostics"
