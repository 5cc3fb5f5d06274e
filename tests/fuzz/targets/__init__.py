"""The targets, a module each.

`one(data)` raises only on a defect; `structured` is a Hypothesis strategy of inputs that get past the first parser.
`mutate(data, random)`, where there is one, changes an input and keeps its form, for atheris. `TOKENS` are words that
mean something there. A target with `NATIVE` opens models with native code, and only ever runs in a process of its own.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from random import Random

    from hypothesis.strategies import SearchStrategy


class Target(Protocol):
    structured: SearchStrategy[bytes]

    @staticmethod
    def one(data: bytes) -> None: ...


class Mutating(Target, Protocol):
    @staticmethod
    def mutate(data: bytes, random: Random) -> bytes: ...


def names() -> tuple[str, ...]:
    return tuple(sorted(file.stem for file in Path(__file__).parent.glob("[a-z]*.py")))


def find(name: str) -> Target:
    return cast("Target", import_module(f"{__name__}.{name}"))
