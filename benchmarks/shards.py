"""Scaling out: 200 models with fake durations over 8 shards, planned and merged by the real commands.

    python benchmarks/shards.py [--models 200] [--shards 8] [--rounds 7]

Durations are drawn from a log-normal distribution with a seed (median 40 s, a few of many minutes) and given to `plan`
as a report. Prints how far the largest shard is above what no partition can undercut (`balance.lower_bound`: the mean,
the longest model, and the least of models that must share a shard), and the wall and CPU time of `plan` and of `merge`,
start-up included. Each row has three providers, nine parity cases, distributions and a comparison with a base, as large
as those of real runs, and a file. One model failed, in the last shard.
"""

import argparse
import json
import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from onnx_convert.report.model import Comparison, LatencyComparison, Parity  # noqa: E402
from onnx_convert.report.write import write_json  # noqa: E402
from onnx_convert.scale.balance import lower_bound  # noqa: E402
from tests.unit.report import sample  # noqa: E402
from tests.unit.scale.sample import lay, shard, spec  # noqa: E402


def timed(arguments, folder, expected=0):
    """Wall seconds, CPU seconds, and what was printed to stdout."""
    begin, before = time.perf_counter(), os.times()
    done = subprocess.run(
        [sys.executable, "-m", "onnx_convert", *map(str, arguments)], cwd=folder, capture_output=True, check=False
    )
    seconds, after = time.perf_counter() - begin, os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    if done.returncode != expected:
        sys.exit(done.stderr.decode())
    return seconds, spent, done.stdout.decode()


def row(name, seconds, *, failed):
    """A row as large as those of real runs are."""
    if failed:
        return sample.failing_parity(name).model_copy(update={"seconds": seconds})
    latency = tuple(
        LatencyComparison(
            provider=provider, ratio=1.001, ci=(0.99, 1.01), verdict="unchanged", detectable=0.02, pairs=2_000,
            base_ms=sample.latency(1.2), head_ms=sample.latency(1.2, seed=1),
        )
        for provider in ("cpu", "openvino")
    )  # fmt: skip
    cases = tuple(
        sample.case(provider=provider, dims={"batch": batch})
        for provider in ("cpu", "openvino", "openvino-runtime")
        for batch in (1, 4, 16)
    )
    return sample.row(
        name,
        seconds=seconds,
        parity=Parity(status="passed", rtol=1e-3, atol=1e-5, samples=4, cases=cases),
        benchmark=tuple(sample.measured(one, 1.2) for one in ("cpu", "openvino", "openvino-runtime", "native")),
        comparison=Comparison(baseline="a1b2c3d", size_ratio=1.0, latency=latency),
    )


def told(runs):
    wall, cpu = [wall for wall, _, _ in runs], [cpu for _, cpu, _ in runs]
    return f"median {statistics.median(wall):.2f} s, slowest {max(wall):.2f} s (CPU {statistics.median(cpu):.2f} s)"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, default=200)
    parser.add_argument("--shards", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    draw = random.Random(5)
    took = {f"model-{n:03}": round(draw.lognormvariate(math.log(40), 1.0), 3) for n in range(options.models)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spec(folder, list(took))
        past = tuple(sample.row(model, seconds=seconds) for model, seconds in took.items())
        write_json(sample.report(past), folder / "past")
        plan = ["plan", "--shards", options.shards, "--durations", "past", "--cache-dir", "cache"]
        plans = [timed(plan, folder) for _ in range(options.rounds)]
        legs = [leg["models"].split() for leg in json.loads(plans[0][2])["include"]]
        largest = max(sum(round(took[model] * 1e3) for model in leg) for leg in legs)
        bound = lower_bound([round(seconds * 1e3) for seconds in took.values()], options.shards)
        print(
            f"{options.models} models of {min(took.values()):.1f} s to {max(took.values()):.0f} s, {len(legs)} shards"
        )
        above = f"{largest / bound - 1:.3%} above"
        print(f"largest shard {largest / 1e3:.3f} s, best possible at least {bound / 1e3:.3f} s: {above}")
        print(f"plan: {told(plans)}")
        for index, leg in enumerate(legs, 1):
            rows = tuple(row(model, took[model], failed=index == len(legs) and model == leg[-1]) for model in leg)
            about = {"spec_models": tuple(took), "rows": rows, "started": "2026-11-26T09:00:00+00:00"}
            lay(shard(index, len(legs), leg, **about), folder / "shards" / str(index))
        merge = ["merge", "shards", "--out", "merged"]
        merges = [timed(merge, folder, expected=1) for _ in range(options.rounds)]
        out = folder / "merged"
        size = (out / "report.json").stat().st_size / 1e6
        print(f"merge of {options.models} rows ({size:.1f} MB of report.json): {told(merges)}")
        comment = (out / "comment.md").read_text()
        print(f"comment of {len(comment.encode()):,} bytes: {comment.splitlines()[0]}")


if __name__ == "__main__":
    main()
