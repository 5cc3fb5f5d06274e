"""Every value of a document is found where it stands, however the document is written."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.spec.positions import Key, Place, Positions

KEYS = st.text("ab-_9é. \"'#=[]\n\t", max_size=4)
SCALARS = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.floats(allow_nan=False),
    st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=8),
    st.sampled_from(["a\nb", '"', "'''", "#]}", "\\", "x = [1,"]),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=4)


class Writer:
    """Writes values as TOML, choosing among the ways to write them."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw

    def choose(self, *ways: str) -> str:
        return str(self.draw(st.sampled_from(ways)))

    def key(self, key: str) -> str:
        bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
        literal = not set(key) & set("'\n\t")
        return self.choose(*([key] if bare else []), *([f"'{key}'"] if literal else []), self.basic(key))

    @staticmethod
    def basic(text: str) -> str:
        return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

    def string(self, text: str) -> str:
        ways = [self.basic(text)]
        if "'" not in text and "\n" not in text and "\x7f" not in text:
            ways.append(f"'{text}'")
        if "'''" not in text and not text.endswith("'") and "\x7f" not in text:
            ways.append(f"'''\n{text}'''")
        if "\\" not in text and '"""' not in text and "\x7f" not in text:
            ways.append(f'"""\n{text}"""')
        return self.choose(*ways)

    def value(self, value: Any) -> str:
        space = self.choose("", " ")
        match value:
            case bool():
                return str(value).lower()
            case str():
                return self.string(value)
            case float() if math.isinf(value):
                return "inf" if value > 0 else "-inf"
            case list():
                gap = self.choose("", " ", "\n  ", " # ]\n")
                return f"[{gap}" + "".join(f"{self.value(item)}{space},{gap}" for item in value) + "]"
            case dict():
                pairs = [f"{self.key(k)}{space}={space}{self.value(v)}" for k, v in value.items()]
                return "{" + space + f"{space},{space}".join(pairs) + space + "}"
            case _:
                return repr(value)

    def table(self, path: tuple[str, ...], table: dict[str, Any]) -> str:
        lines, below = [], []
        for key, value in table.items():
            way = self.choose("inline", "header", "dotted") if isinstance(value, dict) and value else "inline"
            if way == "header":
                below.append(self.table((*path, key), value))
            elif way == "dotted":
                lines += [f"{self.key(key)} . {self.key(k)} = {self.value(v)}" for k, v in value.items()]
            else:
                lines.append(f"{self.key(key)} = {self.value(value)} # = [x]")
        name = " . ".join(self.key(part) for part in path)
        return "\n".join([f"[ {name} ]" if path else "", *lines, *below])


@st.composite
def written(draw: Any) -> tuple[dict[str, Any], str]:
    document = draw(DOCUMENTS)
    text = Writer(draw).table((), document)
    return document, text


def leaves(value: Any, loc: tuple[Key, ...] = ()) -> list[tuple[tuple[Key, ...], Any]]:
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in leaves(inner, (*loc, key))]
    if isinstance(value, list):
        return [leaf for key, inner in enumerate(value) for leaf in leaves(inner, (*loc, key))]
    return [(loc, value)]


@given(written())
def test_the_text_at_the_place_of_a_value_is_the_value(case: tuple[dict[str, Any], str]) -> None:
    document, text = case
    assert tomli.loads(text) == document
    positions = Positions(text)
    for loc, value in leaves(document):
        node, found = positions.find(*loc)
        assert found == len(loc)
        start, end = node.value
        assert tomli.loads(f"x = {text[start:end]}") == {"x": value}
        place = positions.place(node.value)
        assert text.split("\n")[place.line - 1][place.column - 1 :].startswith(text[start:end].split("\n")[0])


@pytest.mark.parametrize(
    ("text", "loc", "place"),
    [
        ("a = 1", ("a",), Place(1, 5, 1)),
        ("é = 1".replace("é", '"é"'), ("é",), Place(1, 7, 1)),
        ("[models.m]\nopset = 17", ("models", "m", "opset"), Place(2, 9, 2)),
        ("[models.m.parity]\nrtol = 1\n[models.m]\nopset = 1", ("models", "m"), Place(3, 9, 1)),
        ("[models.m.parity]\nrtol = 1", ("models",), Place(1, 2, 6)),
        ("a = [\n  1, # one\n  2\n]", ("a", 1), Place(3, 3, 1)),
        ("a = { b = 1,\n  c = 2, }", ("a", "c"), Place(2, 7, 1)),
        ("[[t]]\nx = 1\n[[t]]\nx = 22", ("t", 1, "x"), Place(4, 5, 2)),
        ("[[t]]\n[t.u]\nx = 1\n[[t]]\n[t.u]\nx = 22", ("t", 1, "u", "x"), Place(6, 5, 2)),
        ("a.'b.c'.\"d\\u0065\" = 1", ("a", "b.c", "de"), Place(1, 21, 1)),
        ('a = """x""""\nb = 2', ("b",), Place(2, 5, 1)),
        ("a = 07:32 # lunch", ("a",), Place(1, 5, 5)),
        ('a = """\nlong\n"""', ("a",), Place(1, 5, 3)),
        ("a = 1", ("a", "b", "c"), Place(1, 5, 1)),
    ],
)
def test_a_key_path_is_found_at_its_place(text: str, loc: tuple[Key, ...], place: Place) -> None:
    tomli.loads(text)
    positions = Positions(text)
    assert positions.place(positions.find(*loc)[0].value) == place
