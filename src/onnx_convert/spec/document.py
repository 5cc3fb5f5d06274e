"""A TOML file as text, values and places; or why it cannot be read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import tomli

from onnx_convert.spec import wording
from onnx_convert.spec.merge import depth
from onnx_convert.spec.positions import Place, Positions
from onnx_convert.spec.problem import Finding, Problem, SpecError, problem

if TYPE_CHECKING:
    from pathlib import Path

    from onnx_convert.spec.positions import Key

SIZE_LIMIT = 4 * 2**20
NESTING_LIMIT = 32


@dataclass(frozen=True)
class Document:
    """A TOML file that could be parsed: its name in messages, its text with single line feeds, its values."""

    file: str
    text: str
    values: dict[str, Any]

    @cached_property
    def _positions(self) -> Positions:
        return Positions(self.text)

    def place(self, *loc: Key, key: bool = False) -> Place:
        """Where the value of a key path stands (`key`: its key), or the nearest ancestor that is in the file.

        What a model has from [defaults] stands there.
        """
        node, found = self._positions.find(*loc)
        if loc[:1] == ("models",) and 2 <= found < len(loc) and node.table:
            default, also_found = self._positions.find("defaults", *loc[2:])
            if also_found - 1 > found - 2:
                node, found = default, also_found + 1
        return self._positions.place(node.key if key or found < len(loc) else node.value)

    def problem(self, finding: Finding) -> Problem:
        """A finding at its place."""
        loc = finding.loc
        models = (str(loc[1]),) if loc[:1] == ("models",) and len(loc) > 1 else ()
        return problem(finding, self.file, self.place(*loc, key=finding.at_key), models)


def read(path: Path, file: str) -> Document:
    """Read and parse a file that messages call `file`. Raises SpecError with what is wrong."""
    return _parse(_text(path, file), file)


def _text(path: Path, file: str) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise SpecError((_unreadable(path, file, error),), None) from None
    if len(data) > SIZE_LIMIT:
        message = f"the spec is larger than {SIZE_LIMIT // 2**20} MiB, which is not read"
        raise SpecError((problem(Finding("OCA102", message, hint="split it into several specs"), file, None),), None)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SpecError((_not_utf8(data, error, file),), None) from None
    text = text.replace("\r\n", "\n")
    odd = {"\ufeff": "a byte-order mark", "\0": "a NUL byte"}
    for character, name in odd.items():
        if character in text and (character == "\0" or text.startswith(character)):
            finding = Finding("OCA102", f"the spec contains {name}", hint="save it as plain UTF-8, without BOM or NUL")
            raise SpecError((problem(finding, file, _at(text, text.index(character))),), text)
    return text


def _unreadable(path: Path, file: str, error: OSError) -> Problem:
    hint = None
    if isinstance(error, FileNotFoundError):
        message = f"there is no spec at {wording.quote(file)}"
        others = sorted(other.name for other in path.parent.glob("*.toml")) if path.parent.is_dir() else []
        close = wording.nearest(path.name, others)
        hint = f"did you mean {close}?" if close else None
    elif isinstance(error, IsADirectoryError):
        message, hint = f"{wording.quote(file)} is a folder", f"give the file: {file}/onnx-convert.toml"
    else:
        message = f"{wording.quote(file)} cannot be read: {error.strerror or error}"
    return problem(Finding("OCA100", message, hint=hint), file, None)


def _not_utf8(data: bytes, error: UnicodeDecodeError, file: str) -> Problem:
    start = data.rfind(b"\n", 0, error.start) + 1
    place = Place(
        data.count(b"\n", 0, error.start) + 1, len(data[start : error.start].decode("utf-8", "replace")) + 1, 1
    )
    utf16 = " (it looks like UTF-16)" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else ""
    finding = Finding(
        "OCA102", f"the spec is not UTF-8{utf16}: byte 0x{data[error.start]:02x}", hint="save it as UTF-8"
    )
    return problem(finding, file, place)


def _at(text: str, offset: int, length: int = 1) -> Place:
    return Place(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset), length)


def _parse(text: str, file: str) -> Document:
    try:
        values = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise SpecError((_syntax(text, error, file),), text) from None
    except RecursionError:
        raise SpecError((_too_deep(text, file),), text) from None
    except ValueError:  # Python refuses to read integers of more than 4300 digits
        raise SpecError((_too_long(text, file),), text) from None
    if depth(values, NESTING_LIMIT) > NESTING_LIMIT:
        raise SpecError((_too_deep(text, file),), text)
    return Document(file, text, values)


def _syntax(text: str, error: tomli.TOMLDecodeError, file: str) -> Problem:
    line, column = error.lineno, error.colno
    source = text.split("\n")[line - 1] if line <= text.count("\n") + 1 else ""
    name = re.search(r"Cannot (?:declare|overwrite|mutate|redefine|define)", error.msg)
    if name:
        found = wording.quote(source.strip()[:40])
        finding = Finding("OCA121", f"defined twice: {found}" if source.strip() else "a key is defined twice")
        return problem(finding, file, Place(line, 1, max(1, len(source))))
    return problem(
        Finding("OCA101", f"not valid TOML: {_lowered(error.msg)}", hint=_advice(source, error.msg)),
        file,
        Place(line, column, 1),
    )


def _lowered(message: str) -> str:
    return message[:1].lower() + message[1:]


def _advice(source: str, message: str) -> str | None:
    """A remedy for what people who do not write TOML every day get wrong."""
    value = source.partition("=")[2].strip()
    cases = (
        (
            message == "Invalid value" and re.match(r"(True|False|None|null)\b", value),
            "write true or false; for none, leave the key out",
        ),
        (
            message == "Invalid value" and re.match(r"[A-Za-z./]", value),
            f"put the text in quotes: {wording.quote(value)}",
        ),
        ("Unescaped" in message, "write paths with /, or the text in single quotes: '...'"),
        (":" in source.partition("=")[0] and "=" in message, "TOML writes `key = value`, not `key: value`"),
        ("table declaration" in message, "close the table's name: [name]"),
        ("Unclosed" in message or "Unterminated" in message, "close it where it begins"),
    )
    return next((advice for applies, advice in cases if applies), None)


def _too_long(text: str, file: str) -> Problem:
    number = re.search(r"[0-9_]{4300,}", text)
    place = _at(text, number.start(), len(number[0])) if number else None
    return problem(Finding("OCA101", "a number is too long to be read", hint="no key takes such a number"), file, place)


def _too_deep(text: str, file: str) -> Problem:
    """The first bracket that is too deep, else the first line with a key of too many parts."""
    level, offset = 0, 0
    for found in re.finditer(r"[\[{\]}]", text):
        level += 1 if found[0] in "[{" else -1
        if level > NESTING_LIMIT:
            offset = found.start()
            break
    else:
        lines = text.split("\n")
        first = next((number for number, line in enumerate(lines) if line.count(".") > NESTING_LIMIT), 0)
        offset = sum(len(line) + 1 for line in lines[:first])
    finding = Finding("OCA103", f"tables and lists are nested more than {NESTING_LIMIT} deep")
    return problem(finding, file, _at(text, offset))
