"""What the core knows of a framework."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from onnx_convert.spec.model import Model


class Recognise(Protocol):
    """Says whether a source looks like this framework's: a short reason ("a TorchScript archive"), or None."""

    def __call__(self, path: Path, symbol: str | None) -> str | None:
        """Look at the file, without running anything in it."""
        ...


class Exporters(Protocol):
    """The exporters to try for a model at an opset, best first, with the reason for that order."""

    def __call__(self, model: Model, opset: int) -> tuple[tuple[str, ...], str]:
        """The exporters and the reason."""
        ...


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework: which sources are its own, where its worker lives, what to import before forking.

    `executes(path, symbol)` names what is executed when the source is loaded ("a pickle"), so that it needs `trust`;
    None for sources that are data or the repository's own code. With `own_opset` a source has an opset already, which
    it keeps unless the spec names another.
    """

    name: str
    environment: str
    worker: str
    preload: tuple[str, ...]
    recognise: Recognise
    executes: Recognise
    exporters: Exporters
    title: str
    own_opset: bool = False
