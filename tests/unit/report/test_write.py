from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onnx_convert.report.model import Latency, Parity, Report
from onnx_convert.report.write import SIZE_LIMIT, ReportError, read, to_json, write, write_json

from . import sample

FILES = {"report.json", "comment.md", "report.html", "junit.xml"}


def test_every_file_is_written_and_nothing_else(tmp_path: Path) -> None:
    write(sample.report(), tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES


def test_a_report_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    write(sample.hostile(), tmp_path)
    assert read(tmp_path / "report.json") == sample.hostile()


@given(st.text(), st.floats(), st.floats())
@settings(deadline=None)
def test_any_text_and_number_survive_json(text: str, a: float, b: float) -> None:
    latency = Latency(median=a, p90=b, p99=a, ci95=(a, b))
    row = sample.row(text, benchmark=(sample.measured("cpu", 1.0, latency_ms=latency),))
    text = to_json(sample.report((row,)))
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert to_json(Report.model_validate_json(text)) == text


def test_keys_stay_in_the_order_of_the_schema_and_the_file_ends_with_a_line_end() -> None:
    text = to_json(sample.report())
    assert list(json.loads(text)) == list(Report.model_fields)
    assert text.endswith("}\n")
    assert text == to_json(sample.report())


def test_infinite_and_undefined_numbers_are_strings() -> None:
    case = sample.case(math.nan, max_rel=math.inf)
    parity = Parity(status="failed", rtol=0, atol=0, cases=(case,))
    text = to_json(sample.report((sample.row(parity=parity),)))
    found = json.loads(text)["models"][0]["parity"]["cases"][0]
    assert (found["max_abs"], found["max_rel"]) == ("nan", "inf")


def test_a_file_that_cannot_be_written_leaves_the_old_one_whole(tmp_path: Path) -> None:
    write_json(sample.report(), tmp_path)
    before = (tmp_path / "report.json").read_bytes()
    (tmp_path / ".report.json.partial").mkdir()
    with pytest.raises(OSError, match="partial"):
        write_json(sample.large(2), tmp_path)
    assert (tmp_path / "report.json").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "EOF"),
        (b"null", "object"),
        (b"\xff\xfe", "Invalid JSON"),
        (b"[" * 100_000, "recursion limit"),
        (b'{"a":' * 100_000, "recursion limit"),
        (b'{"schema_version": 2}', "schema_version"),
        (b'{"tool": {"name": "onnx-convert-action", "version": "\\ud800"}}', "Invalid JSON"),
        (to_json(sample.report()).replace('"models"', '"surprise": 1, "models"').encode(), "surprise"),
        (to_json(sample.report()).replace('"OCA501"', '"::error::"').encode(), "code"),
        (to_json(sample.report()).replace('"passed"', '"great"', 1).encode(), "passed"),
        (to_json(sample.report()).encode()[:-100], "Invalid JSON"),
        (to_json(sample.report()).replace('"cores": ', f'"cores": {10**400}', 1).encode(), "machine.cores"),
    ],
    ids=[
        *(
            "empty",
            "null",
            "binary",
            "deep list",
            "deep object",
            "version",
            "surrogate",
            "key",
            "code",
            "status",
            "cut",
        ),
        "a number that is no float",
    ],
)
def test_what_is_not_a_report_is_refused_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(content)
    with pytest.raises(ReportError, match=said) as raised:
        read(path)
    assert "\n" not in str(raised.value)


def test_a_report_that_is_too_large_is_not_parsed(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    with path.open("wb") as file:
        file.truncate(SIZE_LIMIT + 1)
    with pytest.raises(ReportError, match="larger than 64 MiB"):
        read(path)


def test_a_missing_report_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="No such file"):
        read(tmp_path / "report.json")
