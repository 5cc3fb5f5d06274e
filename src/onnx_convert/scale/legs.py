"""The legs of a matrix: which models each does, on which providers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from onnx_convert.scale.balance import balance
from onnx_convert.scale.device import is_gpu
from onnx_convert.scale.durations import seconds_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from onnx_convert.plan import Row
    from onnx_convert.scale.device import Device
    from onnx_convert.scale.durations import Durations


@dataclass(frozen=True, slots=True)
class Leg:
    """One job: the names of its models, the providers it is restricted to (all if none), and its expected seconds."""

    index: int
    count: int
    models: tuple[str, ...]
    providers: tuple[str, ...]
    device: Device
    seconds: float

    @property
    def shard(self) -> str:
        """As `--shard` takes it: `3/9`."""
        return f"{self.index}/{self.count}"


def legs(rows: Sequence[Row], durations: Durations, *, shards: int, gpu_shards: int = 0) -> tuple[Leg, ...]:
    """The models of rows over at most so many legs, all rows of a model in one; the CPU's legs first.

    With `gpu_shards`, the providers of GPUs get legs of their own, and a model that has no other provider gets no
    other leg.
    """
    providers = {row.name: row.model.benchmark.providers if row.model.benchmark else () for row in rows}
    listed = dict.fromkeys(one for names in providers.values() for one in names)
    on_gpu = [name for name, names in providers.items() if gpu_shards and any(map(is_gpu, names))]
    on_cpu = [name for name, names in providers.items() if name not in on_gpu or not all(map(is_gpu, names))]
    split = {
        "cpu": tuple(one for one in listed if not is_gpu(one)) if on_gpu else (),
        "gpu": tuple(sorted(filter(is_gpu, listed))),
    }
    parted: list[tuple[Device, tuple[tuple[str, float], ...]]] = [
        *(("cpu", part) for part in _parted(rows, on_cpu, durations, "cpu", shards)),
        *(("gpu", part) for part in _parted(rows, on_gpu, durations, "gpu", gpu_shards)),
    ]
    return tuple(
        Leg(
            index,
            len(parted),
            tuple(name for name, _ in part),
            split[device],
            device,
            sum(seconds for _, seconds in part),
        )
        for index, (device, part) in enumerate(parted, 1)
    )


def _parted(
    rows: Sequence[Row], names: Sequence[str], durations: Durations, device: Device, parts: int
) -> list[tuple[tuple[str, float], ...]]:
    """The models in parts, in their order, each with its expected seconds."""
    expected = seconds_of(rows, durations.on(device))
    weights = dict.fromkeys(names, 0.0)
    for row in rows:
        if row.name in weights:
            weights[row.name] += expected[row.key]
    listed = list(weights.items())
    parted = balance([max(1, round(seconds * 1e3)) for _, seconds in listed], parts)
    return [tuple(listed[position] for position in part) for part in parted]


def matrix(found: Sequence[Leg]) -> str:
    """The legs as one line of JSON, for `strategy.matrix` with `fromJSON`.

    `index` is for names of artifacts, in which GitHub takes no slash.
    """
    include = [
        {
            "shard": leg.shard,
            "index": str(leg.index),
            "models": " ".join(leg.models),
            "providers": " ".join(leg.providers),
            "device": leg.device,
        }
        for leg in found
    ]
    return json.dumps({"include": include})
