"""How values, lists and near misses are put into words."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from onnx_convert.spec.positions import Key

_LONGEST = 60


def quote(text: str) -> str:
    """A string in quotes, on one line, cut where it is long."""
    shown = json.dumps(text, ensure_ascii=False)
    return shown if len(shown) <= _LONGEST else f'{shown[: _LONGEST - 4]}..."'


def found(value: Any) -> str:
    """What a TOML value is: `the string "17"`, `the number 3`, `a list`."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f"the string {quote(value)}" if value else "an empty string"
        case int() | float():
            return f"the number {value}"
        case list():
            return "a list" if value else "an empty list"
        case dict():
            return "a table"
        case dt.date() | dt.time():
            return "a date or time"
        case _:
            raise AssertionError(f"no TOML value: {value!r}")


def literal(value: Any) -> str:
    """A TOML value as it is written."""
    return json.dumps(value, ensure_ascii=False)


def any_of(words: Sequence[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant: the same but for case and `_`, or a few letters away."""
    import difflib  # noqa: PLC0415 - only for a spec that is wrong

    by_form = {_plain(name): name for name in known}
    close = difflib.get_close_matches(_plain(word), by_form, n=1, cutoff=0.6)
    return by_form[close[0]] if close else None


def _plain(word: str) -> str:
    return word.casefold().replace("_", "-")


def key_path(loc: Sequence[Key]) -> str:
    """A key path in words, without the model it is in: `parity.rtol`, `item 2 of opset`."""
    start = 2 if loc[:1] == ("models",) else 1 if loc[:1] == ("defaults",) else 0
    keys = list(loc[start:])
    if not keys:
        return "`" + ".".join(str(key) for key in loc) + "`"
    item = ""
    if isinstance(last := keys[-1], int):
        item = f"item {last + 1} of "
        keys.pop()
    name = ".".join(f"[{key + 1}]" if isinstance(key, int) else key for key in keys).replace(".[", "[")
    return f"{item}`{name}`"
