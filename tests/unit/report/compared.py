"""Reports of a pull request: rows that were compared with a base, in every way that a comparison can end."""

from __future__ import annotations

import math
import random
from typing import Any, Literal

from onnx_convert.report.model import Baseline, Comparison, Latency, LatencyComparison, ModelReport, Report

from . import sample

BASE = "a1b2c3d"


def paired(
    provider: str,
    verdict: Literal["faster", "unchanged", "slower", "inconclusive"],
    ratio: float,
    *,
    median: float = 1.23,
    noise: float = 0.04,
    **more: Any,
) -> LatencyComparison:
    """A comparison as the worker makes it: 400 pairs whose logarithms scatter by `noise`."""
    draw = random.Random(f"{provider} {ratio}")
    pairs = [(median * math.exp(draw.gauss(0, noise)), median * math.exp(draw.gauss(0, noise))) for _ in range(400)]
    base, head = [one for one, _ in pairs], [one * ratio for _, one in pairs]
    half = 3 * noise / math.sqrt(400)
    values: dict[str, Any] = {
        "provider": provider,
        "verdict": verdict,
        "ratio": ratio,
        "ci": (ratio * (1 - half), ratio * (1 + half)),
        "detectable": round(half * 1.5, 4),
        "seconds": 6.2,
        "epochs": 6,
        "pairs": 400,
        "base_ms": _latency(base),
        "head_ms": _latency(head),
        "spread": _quantiles([after / before for before, after in zip(base, head, strict=True)]),
    }
    return LatencyComparison(**values | more)


def row(name: str, *latency: LatencyComparison, **more: Any) -> ModelReport:
    """A row that was compared; what is said of the comparison is in `more`, as are fields of the row under `row`."""
    fields = more.pop("row", {})
    results = {one.provider: one.head_ms.median for one in latency if one.head_ms}
    measured = tuple(sample.measured(provider, median) for provider, median in (results or {"cpu": 1.23}).items())
    values: dict[str, Any] = {"baseline": BASE, "size_ratio": 1.0, "latency": latency}
    native = 2.3 * max(one.latency_ms.median for one in measured if one.latency_ms)
    benchmark = (*measured, sample.measured("native", native))
    return sample.row(name, benchmark=benchmark, comparison=Comparison(**values | more), **fields)


def identical(name: str, **more: Any) -> ModelReport:
    return row(name, status="identical", **more)


def report(*rows: ModelReport, **more: Any) -> Report:
    """A pull request in which a model became slower, one faster, one was renamed, one is new and one is gone."""
    slower = row(
        "tiny-cnn",
        paired("cpu", "slower", 1.082, confirmed=1.079),
        paired("openvino", "inconclusive", 1.011, median=0.98, noise=0.31),
        size_ratio=1.124,
        nodes=(5, 7),
        operators={"Conv": (2, 3), "Cast": (0, 1)},
        opsets={"ai.onnx": (17, 18), "ai.onnx.ml": (None, 3)},
        parity=(3.1e-6, 4.4e-5),
        row={
            "status": "failed",
            "diagnostics": (
                sample.diagnostic(
                    "OCA650",
                    "8.2 % slower than a1b2c3d on cpu, more than max-latency-increase 5 %",
                    hint="see what changed in the graph, or raise gates.max-latency-increase",
                    key="benchmark",
                ),
            ),
        },
    )
    rows = rows or (
        identical("embedder"),
        row("encoder", paired("cpu", "unchanged", 1.004, median=9.1)),
        row("mixer", paired("cpu", "slower", 1.021, median=3.3), size_ratio=0.998),
        row("detector", paired("cpu", "faster", 0.861, median=38.2), size_ratio=0.513, nodes=(352, 149)),
        slower,
        identical("classifier", base="old-classifier"),
        row("iris", status="new", size_ratio=None),
        row("tagger", status="failed", size_ratio=None, reason="its conversion at a1b2c3d failed: OCA301 no exporter"),
    )
    baseline = Baseline(name="a1b2c3d", kind="commit", commit="a1b2c3d" * 5 + "a1b2c", deleted=("legacy",))
    gates = ("convert", "opset", "parity", "provider", "latency", "size")
    values: dict[str, Any] = {
        "baseline": baseline,
        "fail_on": gates,
        "max_latency_increase": 0.05,
        "max_size_increase": 0.10,
    }
    return sample.report(rows, **values | more)


def large(models: int = 400) -> Report:
    """Many models with long names, each of whose comparisons ended in another way than that of the one before."""
    every = report().models
    name = "a-model-with-a-name-that-is-as-long-as-it-is-dull-" * 2
    return report(*(every[i % len(every)].model_copy(update={"name": f"{name}{i:03d}"}) for i in range(models)))


def _latency(values: list[float]) -> Latency:
    quantiles = _quantiles(values)
    return Latency(
        median=quantiles[50],
        p90=quantiles[90],
        p99=quantiles[99],
        ci95=(quantiles[47], quantiles[53]),
        quantiles=quantiles,
    )


def _quantiles(values: list[float]) -> tuple[float, ...]:
    ordered = sorted(values)
    return tuple(round(ordered[round(i / 100 * (len(ordered) - 1))], 6) for i in range(101))
