"""What a step leaves on GitHub after a run, whatever the run did."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from entrypoint.main import main
from onnx_convert.report.model import Diagnostic, Machine, ModelReport, Report, Tool

Job = dict[str, str]
NOTHING = (sys.executable, "-c", "raise SystemExit(3)")


@pytest.fixture
def job(tmp_path: Path) -> Job:
    (tmp_path / "workspace").mkdir()
    return {
        "GITHUB_WORKSPACE": str(tmp_path / "workspace"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }


def outputs(job: Job) -> dict[str, str]:
    found = re.findall(r"^(.+?)<<(.+)\n(.*)\n\2$", Path(job["GITHUB_OUTPUT"]).read_text(), re.MULTILINE)
    return {name: value for name, _, value in found}


def report(*diagnostics: Diagnostic) -> str:
    row = ModelReport(name="tiny", framework="pytorch", opset=17, status="error", diagnostics=diagnostics)
    machine = Machine(cpu="x", cores=1, memory_bytes=1, platform="linux", python="3.11")
    return Report(
        tool=Tool(version="1"),
        conclusion="failure",
        machine=machine,
        spec="onnx-convert.toml",
        started="2026-01-01T00:00:00Z",
        models=(row,),
    ).model_dump_json()


def writing(text: str, code: int) -> tuple[str, ...]:
    """A command that writes a report where `--out` says and ends with a code."""
    return (
        sys.executable,
        "-c",
        "import pathlib, sys\n"
        "out = pathlib.Path(next(one for one in sys.argv if one.startswith('--out='))[6:])\n"
        "out.mkdir(exist_ok=True)\n"
        f"(out / 'report.json').write_text({text!r})\n"
        f"sys.exit({code})",
    )


def test_the_report_becomes_outputs_summary_and_annotations(job: Job, capfd: pytest.CaptureFixture[str]) -> None:
    finding = Diagnostic(code="OCA900", severity="error", message="it broke", file="onnx-convert.toml", line=7)
    assert main(job, writing(report(finding), 1)) == 1
    assert outputs(job) == {
        "conclusion": "failure",
        "report": "onnx-convert-out/report.json",
        "output-dir": "onnx-convert-out",
    }
    assert "tiny" in Path(job["GITHUB_STEP_SUMMARY"]).read_text()
    assert re.search(r"^::error file=onnx-convert\.toml,line=7,.*it broke", capfd.readouterr().out, re.MULTILINE)


def test_annotations_that_github_would_drop_are_counted(job: Job, capfd: pytest.CaptureFixture[str]) -> None:
    many = [Diagnostic(code="OCA900", severity="error", message=f"number {n}") for n in range(13)]
    main(job, writing(report(*many), 1))
    out = capfd.readouterr().out
    assert out.count("::error ") == 10
    assert "3 more findings are in the job summary" in out
    assert "not shown on the spec's lines: 3 errors more." in Path(job["GITHUB_STEP_SUMMARY"]).read_text()


def test_a_report_of_an_earlier_step_is_not_taken_for_this_runs(job: Job) -> None:
    main(job, writing(report(), 1))
    Path(job["GITHUB_OUTPUT"]).unlink()
    assert main(job, NOTHING) == 3
    assert outputs(job) == {"conclusion": "failure", "report": "", "output-dir": "onnx-convert-out"}


def test_a_report_that_cannot_be_read_is_none(job: Job) -> None:
    assert main(job, writing("[" * 100_000, 0)) == 0
    assert outputs(job)["report"] == ""


def test_a_wrong_spec_is_annotated_and_shown_in_the_summary(job: Job, capfd: pytest.CaptureFixture[str]) -> None:
    Path(job["GITHUB_WORKSPACE"], "onnx-convert.toml").write_text("spec-version = 1\n```\n")
    assert main(job, NOTHING) == 3
    assert re.search(r"^::error file=onnx-convert\.toml,line=2,", capfd.readouterr().out, re.MULTILINE)
    summary = Path(job["GITHUB_STEP_SUMMARY"]).read_text()
    assert summary.endswith("\n````\n")
    assert "onnx-convert.toml:2" in summary


def test_a_wrong_input_is_2_and_says_what_to_write(job: Job, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(job | {"INPUT_MODE": "a%\nb"}, NOTHING) == 2
    known = "`auto`, `run`, `plan`, `merge`, `comment` or `publish`"
    said = f"::error title=onnx-convert-action::mode: `a%25%0Ab` is not possible%0Ause {known}\n"
    assert capfd.readouterr().out == said
    assert outputs(job) == {"conclusion": "failure"}


def test_without_githubs_files_the_run_is_the_same(job: Job) -> None:
    assert main({"GITHUB_WORKSPACE": job["GITHUB_WORKSPACE"]}, writing(report(), 1)) == 1


def test_a_wrong_input_is_2_even_where_the_outputs_cannot_be_set(job: Job) -> None:
    assert main(job | {"INPUT_MODE": "x", "GITHUB_OUTPUT": "/no/such/folder/file"}, NOTHING) == 2


@pytest.mark.parametrize("name", ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"])
def test_a_file_of_the_runner_that_cannot_be_written_is_a_warning(
    job: Job, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(job | {name: "/no/such/folder/file"}, writing(report(), 0)) == 0
    assert "::warning title=onnx-convert-action::the results could not be handed to GitHub" in capfd.readouterr().out


def test_a_spec_with_endless_errors_leaves_a_summary_that_github_takes(job: Job) -> None:
    lines = "".join(f'[models.m{n}]\nsource = "a.py:f"\nnonsense = "{"`" * 400}"\n' for n in range(4_000))
    Path(job["GITHUB_WORKSPACE"], "onnx-convert.toml").write_text(f"spec-version = 1\n{lines}")
    main(job, NOTHING)
    text = Path(job["GITHUB_STEP_SUMMARY"]).read_text()
    assert len(text.encode()) < 2**20
    assert "\n… and more\n```" in text
    assert "Annotations that are not shown on the spec's lines: " in text
