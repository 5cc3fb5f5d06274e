"""The catalogue as documentation: a page an entry and an index, in Markdown.

`python -m onnx_convert.diagnostics.page docs/diagnostics` writes them all and removes pages of entries that are gone.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert.diagnostics.catalogue import entries

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from onnx_convert.diagnostics.entry import Entry

_RANGES = {
    "0": "Environments and the fence",
    "1": "The spec",
    "2": "Sources",
    "3": "Export and check",
    "4": "Simplification",
    "5": "Parity",
    "6": "Benchmark",
    "7": "GitHub",
    "9": "The run itself",
}
_PAGE = re.compile(r"OCA\d{3}\.md")


def page(entry: Entry) -> str:
    """The page of an entry."""
    upstream = "".join(f"- <{one}>\n" if "://" in one else f"- {one}\n" for one in entry.upstream)
    return (
        f"# {entry.code}: {entry.title}\n\n"
        f"Severity: {entry.severity}. In short: {entry.hint}.\n\n"
        f"## Why it happens\n\n{entry.cause.strip()}\n\n"
        f"## What to do\n\n{entry.remedy.strip()}\n" + (f"\n## Upstream\n\n{upstream}" if upstream else "")
    )


def index(catalogue: Iterable[Entry]) -> str:
    """The index: a table for each range of codes."""
    parts = [
        "# Diagnostics\n\nEvery finding has a code. `onnx-convert explain CODE` prints what its page says. "
        "These pages are generated from the catalogue: `python -m onnx_convert.diagnostics.page docs/diagnostics`.\n"
    ]
    found = sorted(catalogue, key=lambda entry: entry.code)
    for digit, title in _RANGES.items():
        rows = [
            f"| [{entry.code}]({entry.code}.md) | {entry.severity} | {entry.title.replace('|', chr(92) + '|')} |\n"
            for entry in found
            if entry.code[3] == digit
        ]
        if rows:
            parts.append(f"\n## {title}\n\n| code | severity | what |\n|---|---|---|\n{''.join(rows)}")
    return "".join(parts)


def explain(entry: Entry) -> RenderableType:
    """The page for a terminal."""
    from rich.markdown import Markdown  # noqa: PLC0415 - writing the pages needs no terminal

    return Markdown(page(entry))


def pages(catalogue: Iterable[Entry]) -> dict[str, str]:
    """Every file of the documentation by its name."""
    found = tuple(catalogue)
    return {"README.md": index(found)} | {f"{entry.code}.md": page(entry) for entry in found}


def write(folder: Path, catalogue: Iterable[Entry]) -> None:
    """Write every page and remove stale ones; other files in the folder stay."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = pages(catalogue)
    for stale in folder.iterdir():
        if _PAGE.fullmatch(stale.name) and stale.name not in wanted:
            stale.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, "utf-8")


def main(arguments: list[str]) -> int:
    """Write the pages to the folder that is given."""
    if len(arguments) != 1:
        print("usage: python -m onnx_convert.diagnostics.page FOLDER", file=sys.stderr)
        return 2
    write(Path(arguments[0]), entries().values())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
