"""The machine in words: what a reader must know of it to believe a latency. Plain text, hostile where names are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.report import numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from onnx_convert.report.model import Conditions, Limits, Machine, Report


def settings(machine: Machine) -> tuple[str, ...]:
    """What is set on it, as far as it is known: `governor powersave`, `turbo off`, `limited to 1.5 CPUs`."""
    return tuple(_settings(machine))


def _settings(machine: Machine) -> Iterator[str]:
    if machine.governor:
        yield f"governor {machine.governor}"
    if machine.max_mhz:
        yield f"at most {machine.max_mhz:.0f} MHz"
    if machine.turbo is not None:
        yield f"turbo {'on' if machine.turbo else 'off'}"
    if machine.smt:
        yield "two threads a core"
    yield from _limits(machine.limits)
    for gpu in machine.gpus:
        yield f"{gpu.name} with driver {gpu.driver}"


def legs(report: Report, quote: Callable[[str], str] = str) -> tuple[str, ...]:
    """Which legs of a merged report ran on what, one a machine: `legs 1 to 8 on AMD EPYC, 4 cores`.

    `quote` is what the name of a CPU goes through.
    """
    of_machine: dict[str, list[int]] = {}
    for leg in report.legs:
        machine = leg.machine
        known = (quote(machine.cpu), f"{machine.cores} cores" if machine.cores != 1 else "1 core", *settings(machine))
        of_machine.setdefault(", ".join(known), []).append(leg.index)
    return tuple(f"{_indices(indices)} on {known}" for known, indices in of_machine.items())


def _indices(indices: list[int]) -> str:
    """`leg 3`, `legs 1 to 8`, `legs 1, 2 and 4`."""
    first, last = min(indices), max(indices)
    if first == last:
        return f"leg {first}"
    if len(indices) > 2 and len(indices) == last - first + 1:
        return f"legs {first} to {last}"
    return f"legs {', '.join(map(str, indices[:-1]))} and {last}"


def _limits(limits: Limits) -> Iterator[str]:
    if limits.cpus is not None:
        yield f"limited to {limits.cpus:g} CPUs"
    if limits.memory_bytes is not None:
        yield f"limited to {numbers.size(limits.memory_bytes)} memory"


def conditions(now: Conditions | None) -> tuple[str, ...]:
    """What went on while it measured, as far as known: `steal 0.0 %`, `other processes 4.0 % of the CPU time`."""
    if now is None:
        return ()
    said = (
        ("steal {}", now.steal),
        ("other processes {} of the CPU time", now.others),
        ("something waited for a CPU {} of the time", now.pressure),
    )
    fractions = [text.format(numbers.percent(value)) for text, value in said if value is not None]
    return (*fractions, *([f"load {now.load:.1f} before the run"] if now.load is not None else []))
