"""What a runtime gives: a session on one provider, or the reason why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]


class Unavailable(Exception):  # noqa: N818 - a result with a reason, not a fault
    """The provider is not on this machine; the message names what is missing."""


class Refused(Exception):  # noqa: N818 - a result with a reason, not a fault
    """The provider is there, and refused to load or to run this model; the message is its own reason."""


class LibraryRefused(Exception):  # noqa: N818 - as above
    """A library of custom operators that cannot be loaded; the message is the runtime's reason."""


class Session(Protocol):
    """A model loaded on one provider."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    versions: Mapping[str, str]
    """Of the packages that run it."""

    def run(self, feeds: Mapping[str, Array]) -> list[Any]:
        """Run once; outputs in the model's order, arrays but for sequences and maps. Raises Refused."""

    def bind(self, feeds: Mapping[str, Array]) -> Callable[[], None]:
        """Return the cheapest repeatable call on these inputs, bound once where that is possible. Raises Refused."""

    def clock(self) -> int:
        """Nanoseconds of the clock that bound calls are timed by."""

    def effective(self) -> dict[str, float]:
        """Return the fraction of nodes that each execution provider got; empty for a graph without nodes."""
