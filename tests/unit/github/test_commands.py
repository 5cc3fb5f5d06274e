from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.github import commands
from onnx_convert.report.model import Diagnostic, Machine, ModelReport, Report, Severity, Tool


def diagnostic(message: str = "it differs", severity: Severity = "error", **more: object) -> Diagnostic:
    return Diagnostic.model_validate({"code": "OCA901", "severity": severity, "message": message, **more})


def report(*diagnostics: Diagnostic) -> Report:
    row = ModelReport(name="iris", framework="sklearn", opset=17, status="failed", diagnostics=diagnostics)
    machine = Machine(cpu="cpu", cores=2, memory_bytes=1, platform="linux", python="3.11")
    return Report(
        tool=Tool(version="1"),
        conclusion="failure",
        machine=machine,
        spec="onnx-convert.toml",
        started="",
        models=(row,),
    )


def runner_reads(line: str) -> tuple[str, dict[str, str], str] | None:
    """What the runner makes of a line: ActionCommand.TryParseV2 of actions/runner, with its unescaping."""
    text = line.strip()
    if not text.startswith("::") or (end := text.find("::", 2)) == -1:
        return None
    name, _, given = text[2:end].partition(" ")
    properties = dict(pair.partition("=")[::2] for pair in given.split(",") if pair)

    def data(value: str) -> str:
        return value.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")

    unescaped = {key: data(value.replace("%3A", ":").replace("%2C", ",")) for key, value in properties.items()}
    return name, unescaped, data(text[end + 2 :])


def test_an_annotation_is_on_the_line_of_the_spec_with_message_and_remedy() -> None:
    found = diagnostic("it differs", hint="look", file="a,b:c.toml", line=12, column=3)
    read = runner_reads(commands.annotation(found, "iris"))
    assert read is not None
    name, properties, message = read
    assert (name, message) == ("error", "iris: it differs\nlook")
    assert properties["file"] == "a,b:c.toml"
    assert (properties["line"], properties["col"]) == ("12", "3")
    assert properties["title"].startswith("OCA901 a worker's result")


def test_a_note_is_a_notice_and_has_no_place_where_none_is_known() -> None:
    line = commands.annotation(diagnostic(severity="note"))
    assert line.startswith("::notice title=OCA901")
    assert "line=" not in line


def test_a_code_of_another_version_is_its_own_title() -> None:
    assert "title=OCA999::" in commands.annotation(diagnostic().model_copy(update={"code": "OCA999"}))


@given(st.text(), st.text())
def test_an_annotation_is_one_line_and_one_command_whatever_it_says(message: str, file: str) -> None:
    line = commands.annotation(diagnostic(message, file=file, line=1))
    assert "\n" not in line
    assert "\r" not in line
    read = runner_reads(line + ".")
    assert read is not None
    assert set(read[1]) == {"file", "line", "title"}
    assert read[2] == message + "."


def test_ten_of_a_level_are_shown_and_the_rest_is_counted() -> None:
    many = [diagnostic(f"error {i}") for i in range(13)] + [diagnostic(f"note {i}", "note") for i in range(2)]
    found = commands.annotate(report(*many))
    assert len(found.lines) == 12
    assert dict(found.hidden) == {"error": 3}


@given(st.text(st.sampled_from(":#[]x \t\n\r\v\f\x85\u2028\ufeff%")))
def test_a_neutral_text_has_no_command_in_any_line(text: str) -> None:
    shown = commands.neutralise(text)
    for line in re.split(r"[\n\r\v\f\x85\u2028\u2029]", shown):
        assert runner_reads(line.strip("\ufeff")) is None
        assert "##[" not in line


@pytest.mark.parametrize("text", ["a::b", "onnx::Gemm failed", "# [x]", "", "50 % done"])
def test_harmless_text_is_left_alone(text: str) -> None:
    assert commands.neutralise(text) == text


def test_a_group_escapes_its_title() -> None:
    assert commands.group("a\n::error::b") == "::group::a%0A::error::b"
    assert commands.endgroup() == "::endgroup::"


def test_commands_are_stopped_with_a_token_nobody_can_guess() -> None:
    assert commands.stop_commands("a" * 16) == (f"::stop-commands::{'a' * 16}", f"::{'a' * 16}::")
    with pytest.raises(ValueError, match="token"):
        commands.stop_commands("short")


def read_outputs(text: str) -> dict[str, str]:
    """What the runner makes of GITHUB_OUTPUT: its file-command parser, for values with a delimiter."""
    found, lines = {}, iter(text.split("\n"))
    for line in lines:
        if line:
            name, _, end = line.partition("<<")
            value = []
            while (part := next(lines)) != end:
                value.append(part)
            found[name] = "\n".join(value)
    return found


@given(st.text())
def test_an_output_is_read_back_as_it_was(value: str) -> None:
    assert read_outputs(commands.output_line("conclusion", value) + commands.output_line("b", "2")) == {
        "conclusion": value,
        "b": "2",
    }


def test_a_value_that_holds_the_delimiter_is_refused() -> None:
    with pytest.raises(ValueError, match="delimiter"):
        commands.output_line("a", "x\nEND\nb=1", "END")


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "a=b", "1a", "a<<b"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        commands.output_line(name, "x")


def test_delimiters_are_never_the_same() -> None:
    assert commands.output_line("a", "x") != commands.output_line("a", "x")


def test_append_adds_and_translates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "output"
    commands.append(path, "a\r\n")
    commands.append(path, "ü\n")
    assert path.read_bytes() == "a\r\nü\n".encode()
