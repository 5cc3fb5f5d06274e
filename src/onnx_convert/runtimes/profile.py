"""What ONNX Runtime says of a session: which provider got each node, ran each kernel, and how long it took.

A profile is a list of trace events (the Chrome trace event format, complete events: `ts` and `dur` in microseconds).
A kernel that runs a subgraph, as `If` and `Loop` do, holds the events of its kernels within its own: what is counted
here is each kernel's own time, without theirs.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_KERNEL = "_kernel_time"


@dataclass(frozen=True)
class Node:
    """A node of the graph and the provider that got it; an operator outside the standard is DOMAIN::NAME."""

    name: str
    operator: str
    provider: str


@dataclass(frozen=True)
class Kernel:
    """What one kernel took in all calls together: `microseconds` of its own, in `calls` executions."""

    name: str
    operator: str
    provider: str
    calls: int
    microseconds: int


def kernels(events: Iterable[Mapping[str, Any]], calls: int) -> tuple[Kernel, ...]:
    """The kernels of a profile's last `calls` calls, in the order in which they first ran.

    Earlier calls, in which a provider allocates, compiles and chooses its algorithms, are left out.
    """
    listed = [event for event in events if event.get("ph") == "X"]
    runs = sorted(event["ts"] for event in listed if event.get("name") == "model_run")
    begin = runs[-calls] if len(runs) >= calls else 0
    nodes = [event for event in listed if _is_kernel(event) and event["ts"] >= begin]
    found: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for event, own in _own_times(nodes):
        args = event["args"]
        name = event["name"].removesuffix(_KERNEL)
        taken = found[name, args.get("op_name", ""), args["provider"]]
        taken[0] += 1
        taken[1] += own
    return tuple(Kernel(*key, calls=count, microseconds=total) for key, (count, total) in found.items())


def time_share(kernels: Sequence[Kernel]) -> dict[str, float]:
    """The fraction of the kernels' time that each provider had; empty where the clock's microsecond saw none."""
    taken: dict[str, int] = defaultdict(int)
    for kernel in kernels:
        taken[kernel.provider] += kernel.microseconds
    total = sum(taken.values())
    return {name: spent / total for name, spent in taken.items()} if total else {}


def _is_kernel(event: Mapping[str, Any]) -> bool:
    return (
        event.get("cat") == "Node"
        and str(event.get("name", "")).endswith(_KERNEL)
        and "provider" in event.get("args", {})
    )


def _own_times(nodes: list[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], int]]:
    """Each event with its duration less that of the events directly within it; operators run one after the other."""
    ordered = sorted(nodes, key=lambda event: (event["ts"], -event["dur"]))
    own = [int(event["dur"]) for event in ordered]
    around: list[int] = []
    for position, event in enumerate(ordered):
        while around and event["ts"] >= ordered[around[-1]]["ts"] + ordered[around[-1]]["dur"]:
            around.pop()
        if around:
            own[around[-1]] = max(0, own[around[-1]] - int(event["dur"]))
        around.append(position)
    return list(zip(ordered, own, strict=True))
