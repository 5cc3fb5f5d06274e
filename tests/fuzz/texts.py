"""Hostile text: what means something to GitHub, to its runner, to Markdown, HTML, TOML or a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.unit.report.rendered import FRAGMENTS

if TYPE_CHECKING:
    from random import Random

SEPARATOR = "\x1f"
"""Between the texts of an input that is several; each of them may hold anything else."""

TOKENS = (
    *FRAGMENTS,
    *(
        "::",
        "##[",
        "]",
        "::set-output name=a::",
        "::add-mask::",
        "::stop-commands::",
        "##[error]",
        "::e::",
        "%25",
        "%0A",
    ),
    *(
        "\r",
        "\v",
        "\f",
        "\x1c",
        "\x85",
        "\u2029",
        "\u200b",
        "\u2060",
        "\ufeff",
        "\u00ad",
        "\u00a0",
        "\u3000",
        "\x1b[2J",
    ),
    *(
        "<!-- onnx-convert-action -->",
        "; gist=",
        "run=1.1 head=",
        " -->",
        "--",
        "&#45;",
        "&commat;",
        "&#x40;x",
        "%2D%2D",
    ),
    *(
        ":+1:",
        "$$",
        "\\(",
        "[!NOTE]",
        "<details open>",
        "<svg/onload=x>",
        "javascript:x",
        "\ud800",
        "\U0001f600",
        "a" * 70,
    ),
    *(
        "ftp://e.x",
        "xmpp:a@e.x",
        "www.a.b",
        "_www.a.b",
        "https://e.x",
        "a@b.c",
        "\u2019",
        "'",
        "1" * 40,
        "e" * 7,
        "\\|",
        "``|``",
    ),
)

piece = st.one_of(st.lists(st.sampled_from(TOKENS), max_size=10).map("".join), st.text(max_size=40))


def several(low: int, high: int) -> st.SearchStrategy[bytes]:
    """Inputs of that many texts."""
    return st.lists(piece.map(lambda text: text.replace(SEPARATOR, "")), min_size=low, max_size=high).map(
        lambda texts: encode(SEPARATOR.join(texts))
    )


def encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def decode(data: bytes) -> str:
    """Any bytes as text, lone surrogates included: JSON carries them."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def split(data: bytes, count: int) -> list[str]:
    """The texts of an input, always so many."""
    texts = decode(data).split(SEPARATOR, count - 1)
    return texts + [""] * (count - len(texts))


def mutate(data: bytes, random: Random) -> bytes:
    """A token put in, put over something, or a stretch taken out, doubled or moved."""
    text = decode(data)
    for _ in range(random.randint(1, 4)):
        start = random.randint(0, len(text))
        end = min(len(text), start + random.choice((0, 0, 1, 2, 8, 30)))
        new = random.choice((random.choice(TOKENS), text[start:end] * 2, "", chr(random.randrange(0x20, 0x3000))))
        text = text[:start] + new + text[end:]
    return encode(text)
