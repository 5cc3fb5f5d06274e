"""What GitHub's runner takes for a workflow command, by actions/runner `src/Runner.Common/ActionCommand.cs`.

`TryParseV2`: after white space, `::NAME PROPERTIES::DATA`. `TryParse`: `##[NAME PROPERTIES]DATA`, anywhere in a line.
Which names are registered changes by version, so here every word is one. .NET compares text by culture there, which
passes over characters without weight in a collation, but takes what follows by its index all the same.
"""

from __future__ import annotations

import re
from typing import NamedTuple

LINE_ENDS = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
"""More than .NET's `ReadLine` knows (the first three), because others read logs too."""

_WEIGHTLESS = (
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]*"
)
_COLONS = re.compile(f":{_WEIGHTLESS}:")
_START = re.compile(f"{_WEIGHTLESS}:{_WEIGHTLESS}:")
_OLD = re.compile(f"#{_WEIGHTLESS}#{_WEIGHTLESS}\\[")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


class Command(NamedTuple):
    name: str
    properties: dict[str, str]
    data: str


def commands(log: str) -> list[Command]:
    """All that the runner would act on."""
    return [found for line in LINE_ENDS.split(log) if (found := parse(line) or old(line))]


def parse(line: str) -> Command | None:
    """The command in the form of today."""
    text = line.lstrip()
    if not _START.match(text) or (end := _COLONS.search(text, 2)) is None:
        return None
    name, _, given = text[2 : end.start()].partition(" ")
    pairs = (pair.split("=", 1) for pair in given.strip().split(",") if "=" in pair)
    properties = {key: _data(value.replace("%3A", ":").replace("%2C", ",")) for key, value in pairs}
    return Command(name, properties, _data(text[end.start() + 2 :])) if _NAME.fullmatch(name) else None


def old(line: str) -> Command | None:
    """The command in the form of Azure Pipelines."""
    found = _OLD.search(line)
    if found is None or (end := line.find("]", found.start())) < 0:
        return None
    name = line[found.start() + 3 : end].partition(" ")[0]
    return Command(name, {}, line[end + 1 :]) if _NAME.fullmatch(name) else None


def _data(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
