"""Fragments: each framework's part of the one spec, and the form that each of its models stands for."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

HERE = Path(__file__).parent
FRAMEWORKS = ("pytorch", "tensorflow", "sklearn", "jax", "mxnet", "onnx", "variants")
"""The fragments in the order of their tables. `variants` holds models of several frameworks."""

_FORM = re.compile(r"^# form: (?P<form>.+)\n(?:#.*\n)*\[models\.(?P<name>[\w.-]+)\]$", re.MULTILINE)


class FragmentError(Exception):
    """A fragment is not of the agreed form; the message says which one and where."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """One `FRAMEWORK.toml`: its text, and the form that each of its models shows, in the fragment's order."""

    framework: str
    text: str
    forms: dict[str, str]

    @property
    def models(self) -> dict[str, dict[str, Any]]:
        """The tables as they are written."""
        found: dict[str, dict[str, Any]] = tomllib.loads(self.text)["models"]
        return found

    @property
    def makes(self) -> frozenset[str]:
        """The frameworks whose `make.py` has to be run for it: those in whose `made` folder something lies."""
        return frozenset(re.findall(r"models/(\w+)/made/", self.text))


def parse(framework: str, text: str) -> Fragment:
    """A fragment from its text. Raises FragmentError for a table that has no `# form:` comment above it."""
    document = tomllib.loads(text)
    if set(document) != {"models"}:
        raise FragmentError(f"{framework}.toml has {', '.join(sorted(set(document) - {'models'})) or 'no models'}")
    forms = {match["name"]: match["form"].strip() for match in _FORM.finditer(text)}
    if missing := [name for name in document["models"] if name not in forms]:
        raise FragmentError(f"{framework}.toml: no `# form:` comment directly above {', '.join(missing)}")
    return Fragment(framework, text, {name: forms[name] for name in document["models"]})


def read(only: Collection[str] = (), folder: Path = HERE) -> tuple[Fragment, ...]:
    """The fragments that are there, of the frameworks in `only` or of all. Raises FragmentError."""
    names = [name for name in FRAMEWORKS if (not only or name in only) and (folder / f"{name}.toml").is_file()]
    return tuple(parse(name, (folder / f"{name}.toml").read_text("utf-8")) for name in names)


def join(fragments: Iterable[Fragment], *, opsets: Sequence[int], simplify: bool = True) -> str:
    """One spec of several fragments. What a model says itself, such as an opset of its own, goes before the defaults.

    Raises FragmentError if two fragments have a model of the same name.
    """
    found = tuple(fragments)
    owner: dict[str, str] = {}
    for fragment in found:
        for name in fragment.models:
            if name in owner:
                raise FragmentError(f"{fragment.framework}.toml and {owner[name]}.toml both have {name}")
            owner[name] = fragment.framework
    opset = str(opsets[0]) if len(opsets) == 1 else str(list(opsets))
    simplifier = '"onnxsim"' if simplify else "false"
    head = f"spec-version = 1\n\n[defaults]\nopset = {opset}\nsimplify = {simplifier}\nbenchmark = false\n"
    return "\n".join((head, *(fragment.text for fragment in found)))
