"""Workflow commands: no text is one after it was neutralised, and what we say is read as it was said."""

from __future__ import annotations

from onnx_convert.github import commands
from onnx_convert.report.model import Diagnostic
from tests.fuzz import runner, texts

structured = texts.several(1, 3)
mutate = texts.mutate
TOKENS = texts.TOKENS


def one(data: bytes) -> None:
    message, file, subject = texts.split(data, 3)
    text = texts.decode(data)
    assert runner.commands(commands.neutralise(text)) == []
    found = Diagnostic.model_construct(code="OCA901", severity="error", message=message, hint="", file=file, line=3)
    line = commands.annotation(found, subject) + "."
    assert not {"\r", "\n"} & set(line)
    read = runner.parse(line)
    assert read is not None
    assert read.name == "error"
    assert set(read.properties) == {"file", "line", "title"}
    assert (read.properties["file"], read.properties["line"]) == (file, "3")
    assert read.data == (f"{subject}: {message}." if subject else f"{message}.")
    folded = runner.parse(commands.group(text) + ".")
    assert folded == runner.Command("group", {}, f"{text}.")
    _output(text)


def _output(value: str) -> None:
    """What the runner reads of GITHUB_OUTPUT: lines of NAME<<END, the value, END."""
    try:
        line = commands.output_line("name", value, "END")
    except ValueError:
        assert "END" in value
        return
    head, *rest = line.split("\n")
    assert head == "name<<END"
    assert rest[-2:] == ["END", ""]
    assert "END" not in rest[:-2]
    assert "\n".join(rest[:-2]) == value
