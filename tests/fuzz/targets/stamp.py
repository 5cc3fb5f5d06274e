"""The stamp in a comment: whatever a report or a name holds, the last marker is ours and nothing else is one."""

from __future__ import annotations

from onnx_convert.github.stamp import Stamp, read_stamp, shown, text_of
from onnx_convert.report.gfm import code, html_code, marker, prose
from tests.fuzz import texts

OURS = Stamp("0a" * 16, run=42, attempt=3, head="0123456789abcdef" * 2 + "01234567")
structured = texts.several(3, 3)
mutate = texts.mutate
TOKENS = (*texts.TOKENS, str(OURS), marker("gpu", str(OURS)), marker("gpu"), "gpu")


def one(data: bytes) -> None:
    body, name, other = texts.split(data, 3)
    read = read_stamp(body, name)
    assert read is None or marker(name).removesuffix(" -->") in body
    said = f"{prose(body)} {code(body)} {html_code(body)}"
    whole = f"### {said}\n\n{marker(name, str(OURS))}\n"
    assert read_stamp(whole, name) == OURS
    assert (read_stamp(whole, other) is None) == (_same(name) != _same(other))
    assert read_stamp(whole.replace("\n", "\r\n"), name) == OURS
    assert shown(whole) == text_of(f"### {said}")
    assert read_stamp(f"{whole}\n{said}", name) is None
    assert read_stamp(said, name) is None
    assert read_stamp(f"text\n{marker(name)}", name) == Stamp()
    assert len(marker(name, str(OURS)).encode()) < 512


def _same(name: str) -> str:
    """Lone surrogates are all one: they cannot be sent."""
    return name.encode("utf-8", "replace").decode()
