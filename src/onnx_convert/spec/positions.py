r"""Where each key and value of a valid TOML document stands.

tomli gives values without positions. This scanner gives positions without values: it reads documents that tomli has
accepted, so it only tells tokens apart and never judges them. (tree-sitter-toml 0.7 knows TOML 1.0 only and loses its
way in what tomli accepts of TOML 1.1: line breaks in inline tables, `\e`, `07:32`.)
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

import tomli

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_STRING = re.compile(
    r'"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']++|'{1,2}(?!'))*+'{3,5}"
    r'|"(?:[^"\\]++|\\.)*+"'
    r"|'[^']*'",
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]*")

Key = str | int


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of one line: 1-based line and column, length, in characters."""

    line: int
    column: int
    length: int


@dataclass(slots=True)
class Node:
    """A key, where it and its value stand (offsets), and what is inside. `table` says that keys can be looked up."""

    key: tuple[int, int]
    value: tuple[int, int]
    table: bool = False
    children: dict[Key, Node] = field(default_factory=dict)

    def child(self, key: Key, span: tuple[int, int]) -> Node:
        """The child of that key, made here if it is new; of an array of tables its last element."""
        node = self.children.setdefault(key, Node(span, span, table=True))
        return node.children[len(node.children) - 1] if not node.table and node.children else node


class Positions:
    """The positions in one document, which must be valid TOML with line feeds as its only line breaks."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self.root = Node((0, 0), (0, 0), table=True)
        self._scan()

    def find(self, *loc: Key) -> tuple[Node, int]:
        """The node of a key path, or its nearest ancestor that exists; and how many keys of the path led there."""
        node = self.root
        for depth, key in enumerate(loc):
            if key not in node.children:
                return node, depth
            node = node.children[key]
        return node, len(loc)

    def place(self, span: tuple[int, int]) -> Place:
        """The first line of a span of offsets."""
        start, end = span
        line = bisect_right(self._lines, start)
        newline = self._text.find("\n", start, end)
        return Place(line, start - self._lines[line - 1] + 1, max(1, (end if newline < 0 else newline) - start))

    def _scan(self) -> None:
        text, at, table = self._text, 0, self.root
        while (at := _end(_BLANK, text, at)) < len(text):
            if text.startswith("[[", at):
                table, at = self._header(at + 2, of_array=True)
            elif text[at] == "[":
                table, at = self._header(at + 1, of_array=False)
            else:
                at = self._pair(at, table)

    def _header(self, at: int, *, of_array: bool) -> tuple[Node, int]:
        keys, at = self._keys(at)
        node = self.root
        for key, span in keys[:-1]:
            node = node.child(key, span)
        key, span = keys[-1]
        if of_array:
            array = node.children.setdefault(key, Node(span, span))
            element = array.children[len(array.children)] = Node(span, span, table=True)
            return element, at + 2
        node = node.child(key, span)
        node.key = node.value = span  # `[a.b]` mentions a before `[a]` defines it
        return node, at + 1

    def _pair(self, at: int, table: Node) -> int:
        keys, at = self._keys(at)
        for key, span in keys[:-1]:
            table = table.child(key, span)
        key, span = keys[-1]
        at = _end(_SPACE, self._text, at + 1)  # past the "="
        node = table.children[key] = Node(span, span)
        return self._value(at, node)

    def _keys(self, at: int) -> tuple[list[tuple[str, tuple[int, int]]], int]:
        """The parts of a dotted key with their spans, and the offset of what follows."""
        keys: list[tuple[str, tuple[int, int]]] = []
        while True:
            at = _end(_SPACE, self._text, at)
            end = _end(_STRING if self._text[at] in "\"'" else _BARE_KEY, self._text, at)
            keys.append((_unquoted(self._text[at:end]), (at, end)))
            at = _end(_SPACE, self._text, end)
            if self._text[at] != ".":
                return keys, at
            at += 1

    def _value(self, at: int, node: Node) -> int:
        """Give the node the value at an offset; returns the offset behind it."""
        first = self._text[at]
        if first in "\"'":
            end = _end(_STRING, self._text, at)
        elif first == "[":
            end = self._array(at + 1, node)
        elif first == "{":
            end = self._inline_table(at + 1, node)
        else:
            end = at + len(self._text[at : _end(_SCALAR, self._text, at)].rstrip())
        node.value = (at, end)
        return end

    def _array(self, at: int, node: Node) -> int:
        while self._text[at := _end(_BLANK, self._text, at)] != "]":
            item = node.children[len(node.children)] = Node((at, at), (at, at))
            at = _end(_BLANK, self._text, self._value(at, item))
            item.key = item.value
            at += self._text[at] == ","
        return at + 1

    def _inline_table(self, at: int, node: Node) -> int:
        node.table = True
        while self._text[at := _end(_BLANK, self._text, at)] != "}":
            at = _end(_BLANK, self._text, self._pair(at, node))
            at += self._text[at] == ","
        return at + 1


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    if found is None:
        raise AssertionError(f"not valid TOML at offset {at}")
    return found.end()


def _unquoted(key: str) -> str:
    return key if key[0] not in "\"'" else next(iter(tomli.loads(f"{key} = 0")))
