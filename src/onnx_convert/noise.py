"""Noise: whether a machine is quiet enough for what was asked of it, and what of it is not.

Nothing here fails a run. The precision that is asked for is the limit of the `latency` gate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from onnx_convert.stages.values import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from onnx_convert.report.model import LatencyComparison, Machine, ProviderResult
    from onnx_convert.spec.model import Benchmark

STEAL, OTHERS, PRESSURE = 0.01, 0.05, 0.25
"""Fractions from which steal time, work of others and waiting for a CPU are named as what may be wrong."""

BUSY_STEAL, BUSY_OTHERS = 0.05, 0.2
"""Fractions from which figures are not those of a quiet machine, however little they vary."""

LOAD, CLOCK = 0.5, 0.9
"""A load of more than so much of the cores is named, and a clock below so much of the highest."""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What of a machine disturbs a measurement, in words, and what to do about it."""

    said: str
    remedy: str


def findings(
    results: tuple[ProviderResult, ...],
    comparisons: tuple[LatencyComparison, ...],
    asked: Benchmark,
    limit: float,
    machine: Machine,
) -> Iterator[Finding]:
    """What a row's measurements say of the machine, with the conditions that they were made under.

    `limit` is the increase of latency that the gate allows, as a fraction.
    """
    found = disturbances(machine)
    seconds = f"raise benchmark.seconds, now {asked.seconds:g}"
    hint = "; ".join((seconds, *(one.remedy for one in found))) if found else f"{seconds}, or use a quieter machine"
    circumstances = ", ".join(one.said for one in found) or _calm(machine)
    blind, rough = _blind(comparisons, limit), _rough(results, limit)
    if blind:
        yield Finding("OCA670", f"the machine is too noisy {blind} ({circumstances})", hint, key="benchmark")
    if rough:
        yield Finding("OCA671", f"the median is only known to {rough} ({circumstances})", hint, key="benchmark")
    if not blind and not rough and _busy(machine) and any(one.latency_ms for one in results):
        message = f"the machine was busy while it measured: {circumstances}"
        yield Finding("OCA674", message, "; ".join(one.remedy for one in found), key="benchmark")
    restless = [one.provider for one in results if one.steady is False]
    if restless:
        message = f"calls still changed their speed when the warm-up ended, on {', '.join(restless)}"
        yield Finding("OCA672", message, key="benchmark")
    yield from _throttled(results, machine)


def disturbances(machine: Machine) -> tuple[Disturbance, ...]:
    """What is conspicuous of a machine and the conditions on it, the likeliest cause first."""
    return tuple(_disturbances(machine))


def _disturbances(machine: Machine) -> Iterator[Disturbance]:
    now = machine.conditions
    if now and now.steal is not None and now.steal >= STEAL:
        yield Disturbance(f"steal {_percent(now.steal)}", "use a runner whose CPUs are its own")
    if now and now.others is not None and now.others >= OTHERS:
        said = f"other processes used {_percent(now.others)} of the CPU time"
        yield Disturbance(said, "end what else runs on the machine")
    if now and now.load is not None and now.load > LOAD * machine.cores:
        said = f"load {now.load:.1f} on {machine.cores} cores before the run"
        yield Disturbance(said, "wait until the machine is idle")
    if now and now.pressure is not None and now.pressure >= PRESSURE and (now.others or 0) < OTHERS:
        yield Disturbance(f"something waited for a CPU {_percent(now.pressure)} of the time", "use fewer threads")
    if now and now.mhz is not None and machine.max_mhz and now.mhz < CLOCK * machine.max_mhz:
        yield Disturbance(f"clock {now.mhz:.0f} of {machine.max_mhz:.0f} MHz", "look at its power and heat limits")
    if machine.governor not in {None, "performance"}:
        yield Disturbance(f"governor {machine.governor}", "set the governor performance")


def _blind(comparisons: tuple[LatencyComparison, ...], limit: float) -> str:
    """What was too small to be seen, else where there is no verdict; empty where the machine is quiet enough."""
    seen = [one for one in comparisons if one.ratio is not None and one.verdict in {"unchanged", "inconclusive"}]
    hidden = [
        f"the smallest it could have told on {one.provider} is {_percent(one.detectable)}"
        for one in seen
        if one.detectable is not None and one.detectable > limit
    ]
    if hidden:
        return f"to see a change of {_percent(limit)}: {'; '.join(hidden)}"
    undecided = [
        f"on {one.provider}" + (f", where {one.reason}" if one.reason else "")
        for one in seen
        if one.verdict == "inconclusive"
    ]
    return f"for a verdict {'; '.join(undecided)}" if undecided else ""


def _rough(results: tuple[ProviderResult, ...], limit: float) -> str:
    """The half-widths of the medians' intervals that are wider than the limit, by provider."""
    told = []
    for one in results:
        if one.latency_ms and one.latency_ms.median > 0:
            low, high = one.latency_ms.ci95
            half = (high - low) / 2 / one.latency_ms.median
            if half > limit:
                told.append(f"± {_percent(half)} on {one.provider}")
    return ", ".join(told)


def _busy(machine: Machine) -> bool:
    now = machine.conditions
    return now is not None and ((now.steal or 0) >= BUSY_STEAL or (now.others or 0) >= BUSY_OTHERS)


def _throttled(results: tuple[ProviderResult, ...], machine: Machine) -> Iterator[Finding]:
    quota = machine.limits.cpus
    used = max((one.threads or 0 for one in results), default=0)
    if quota is not None and used > max(quota, 1):
        message = f"{used} threads were measured where the container may use {quota:g} CPUs: it was held back"
        yield Finding("OCA673", message, key="benchmark")


def _calm(machine: Machine) -> str:
    now = machine.conditions
    known = {"steal": now.steal, "other processes": now.others} if now else {}
    said = [f"{name} {_percent(value)}" for name, value in known.items() if value is not None]
    return ", ".join((*said, f"{machine.cores} cores"))


def _percent(fraction: float) -> str:
    """`5 %`, `8.2 %`: two digits where they say something."""
    percent = fraction * 100
    return f"{percent:.0f} %" if percent >= 9.95 or round(percent, 1) == round(percent) else f"{percent:.1f} %"
