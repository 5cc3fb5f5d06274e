"""How often a latency verdict is wrong, and how small a slowdown it finds: a protocol that was fixed before it was run.

    python benchmarks/false_alarms.py --out results.jsonl [--minutes 60]    # goes on where an earlier call ended
    python benchmarks/false_alarms.py --out results.jsonl --table [--plot docs/images/false-alarms.svg]

Protocol
--------
Models: chains of 120 or 100 equal layers in three sizes: `small` (tens of microseconds a call), `mid` (a few
milliseconds), `large` (tens of milliseconds). A slower model has more of the same layers. How many, is decided once,
before anything is counted: the base and a chain of twice its length are measured, which gives the cost of a layer, and
a level's model is the one whose cost is closest to that much more (`calibration` in the results).

Alarms: each size against itself, 50 pairs on a machine that does nothing else (`quiet`) and 50 beside one process on
one thread that multiplies matrices in bursts of about 0.1 s with pauses as long (`noisy`): 300 pairs. Any verdict but
`unchanged` is a false one. The two files have the same bytes, which the command would have noticed; here they are
measured all the same.

Power: each size slower by 3, 5 and 10 %, 20 pairs each on the quiet machine: 180 pairs, 60 a level. A pair counts as
found if its verdict is `slower` and both processes together took at most 10 s of wall time, sessions included.

Each pair is one call of `stages.pair.measure_pair`, what `onnx-convert run` and `compare` call: behind the fence, all
cores, `seconds` 5 (the default), an alarm confirmed in a second process. The sizes and conditions take turns.

Today: right after each of the first 20 pairs of a kind, what a script in CI does: the base is measured for 0.7 s in one
process, then the head for 0.7 s in another one (our own single-model benchmark), and the medians are compared with a
threshold of 2, 5 or 10 %.

Nothing is left out, nothing is repeated: a result is written when its pair is done, and a pair that was interrupted is
measured again from its start.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

SIZES = {"small": [1, 12], "mid": [1, 16, 20, 20], "large": [128, 256]}
LAYERS = {"small": 120, "mid": 100, "large": 100}
LEVELS = (3, 5, 10)
ALARM_PAIRS, POWER_PAIRS = 50, 20
SECONDS, SEQUENTIAL_SECONDS, LIMIT_SECONDS = 5.0, 0.7, 10.0
THRESHOLDS = (2, 5, 10)


def chain(size, layers, path):
    """An ONNX file of so many layers, its weights seeded."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper, save

    draw, shape = np.random.default_rng(0), SIZES[size]
    nodes, weights, value = [], [], "x"
    for i in range(layers):
        # Weights that keep the size of values: denormal numbers are many times slower.
        weight = draw.standard_normal((16, 16, 3, 3)) / 72**0.5 if len(shape) == 4 else orthogonal(draw, shape[1])
        weights.append(numpy_helper.from_array(weight.astype(np.float32), f"w{i}"))
        kind, attributes = ("Conv", {"pads": [1, 1, 1, 1]}) if len(shape) == 4 else ("MatMul", {})
        nodes.append(helper.make_node(kind, [value, f"w{i}"], [f"y{i}"], **attributes))
        value = f"y{i}"
        if len(shape) == 4:
            nodes.append(helper.make_node("Relu", [value], [f"r{i}"]))
            value = f"r{i}"
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("x", value)]
    graph = helper.make_graph(nodes, size, ends[:1], ends[1:], weights)
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def orthogonal(draw, count):
    """A matrix that leaves the length of what it is multiplied with as it is."""
    import numpy as np

    return np.linalg.qr(draw.standard_normal((count, count)))[0]


class Bench:
    """The stages that the command runs, on files of our own."""

    def __init__(self, work, fence):
        from onnx_convert import machine
        from onnx_convert.environments import Environments, default_root
        from onnx_convert.stages.values import Workplace

        environments = Environments(default_root(os.environ), environ=os.environ, say=print)
        self._files = work / "files"
        self._files.mkdir()
        self._workplace = Workplace(fence, environments, work, work, machine.threads(machine.describe()))

    def pair(self, size, head, base):
        """Verdict, ratio and seconds of two chains of so many layers."""
        from onnx_convert.stages.pair import Pair, measure_pair

        pair = Pair(self._file(size, head), self._file(size, base), self._reference(size))
        found, said = measure_pair(self._row(SECONDS), pair, "cpu", self._workplace)
        assert found.ratio, (found, said)
        return found

    def single(self, size, layers, seconds=SEQUENTIAL_SECONDS):
        """Median of one chain in milliseconds, in a process of its own."""
        from onnx_convert.report.model import Simplification
        from onnx_convert.stages.benchmark import measure_provider
        from onnx_convert.stages.values import Exported, Simplified

        file = self._file(size, layers)
        simplified = Simplified(file, Simplification(simplifier=None, status="off"))
        exported = Exported(17, file, self._reference(size), None, ())
        result, said = measure_provider(self._row(seconds), exported, simplified, "cpu", self._workplace)
        assert result.latency_ms, (result, said)
        return result.latency_ms.median

    def _row(self, seconds):
        from onnx_convert.frameworks.registry import FRAMEWORKS
        from onnx_convert.plan import Row
        from onnx_convert.spec.model import Benchmark, Model
        from onnx_convert.spec.source import SourceRef

        model = Model(source="chain.onnx", framework="onnx", benchmark=Benchmark(seconds=seconds))
        source = SourceRef(self._files, "chain.onnx", None)
        return Row("chain", "chain", model, source, FRAMEWORKS["onnx"], "onnx", 17)

    def _file(self, size, layers):
        from onnx_convert.stages.results import CheckResult
        from onnx_convert.stages.values import OnnxFile

        path = self._files / f"{size}-{layers}.onnx"
        if not path.exists():
            chain(size, layers, path)
            path.chmod(0o644)
        facts = CheckResult(opsets={"": 17}, ir_version=8, nodes=0, operators={}, inputs=(), outputs=(), bytes=0)
        return OnnxFile(path, (), facts)

    def _reference(self, size):
        import numpy as np

        from onnx_convert.report.model import Tensor
        from onnx_convert.stages.values import Reference

        folder = self._files / f"{size}-cases"
        if not folder.exists():
            (folder / "0000").mkdir(parents=True)
            value = np.random.default_rng(0).standard_normal(SIZES[size]).astype(np.float32)
            np.save(folder / "0000" / "in0.npy", value)
        inputs = (Tensor(name="x", dtype="float32", shape=tuple(SIZES[size])),)
        return Reference(folder, (), inputs, (), {}, None)


@contextlib.contextmanager
def neighbour(condition):
    """The noisy neighbour, where there is one."""
    if condition == "quiet":
        yield
        return
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen([sys.executable, __file__, "--neighbour"], env=environment)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def disturb():
    """Multiply matrices in bursts, for ever."""
    import numpy as np

    draw, matrix = np.random.default_rng(), np.ones((512, 512), np.float32)
    while True:
        end = time.monotonic() + draw.exponential(0.1)
        while time.monotonic() < end:
            matrix @ matrix
        time.sleep(draw.exponential(0.1))


def planned():
    """All pairs in order: (size, condition, level, number); sizes and conditions take turns."""
    for number in range(ALARM_PAIRS):
        for condition in ("quiet", "noisy"):
            for size in SIZES:
                yield size, condition, 0, number
        if number < POWER_PAIRS:
            for level in LEVELS:
                for size in SIZES:
                    yield size, "quiet", level, number


def calibrate(bench):
    """Layers of each size's slower models."""
    layers = {}
    for size in SIZES:
        base = LAYERS[size]
        share = (bench.pair(size, 2 * base, base).ratio - 1) / base
        layers[size] = {level: base + round(level / (100 * share)) for level in LEVELS}
    return layers


def run(out, minutes):
    from onnx_convert.isolation import Fence

    done = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    finished = {tuple(one["pair"]) for one in done if "pair" in one}
    end = time.monotonic() + minutes * 60
    with contextlib.ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="false-alarms-")))
        work.chmod(0o755)
        bench = Bench(work, stack.enter_context(Fence(work / "jobs", environ=os.environ)))
        layers = next((one["calibration"] for one in done if "calibration" in one), None)
        if layers is None:
            layers = calibrate(bench)
            write(out, {"calibration": layers})
        layers = {size: {int(level): count for level, count in found.items()} for size, found in layers.items()}
        for pair in planned():
            if pair in finished:
                continue
            if time.monotonic() > end:
                print("out of time; the same command goes on")
                return
            write(out, one_pair(bench, pair, layers))
    print("complete")


def one_pair(bench, pair, layers):
    size, condition, level, number = pair
    base = LAYERS[size]
    head = layers[size][level] if level else base
    with neighbour(condition):
        found = bench.pair(size, head, base)
        medians = [bench.single(size, count) for count in (base, head)] if number < POWER_PAIRS else None
    return {
        "pair": pair,
        "verdict": found.verdict,
        "reason": found.reason,
        "ratio": found.ratio,
        "ci": found.ci,
        "confirmed": found.confirmed,
        "detectable": found.detectable,
        "seconds": found.seconds,
        "base_ms": found.base_ms.median,
        "load": os.getloadavg()[0],
        "sequential": medians[1] / medians[0] if medians else None,
    }


def write(out, value):
    with out.open("a") as file:
        file.write(json.dumps(value) + "\n")


def results(out):
    return [json.loads(line) for line in out.read_text().splitlines() if '"pair"' in line]


TODAY = "today: beyond 2 / 5 / 10 %"
ALARM_HEAD = (
    "the same model",
    "pairs",
    "`unchanged`",
    "other verdicts",
    "furthest off",
    "seconds, median (p90)",
    TODAY,
)
POWER_HEAD = ("really slower by", "pairs", "found in 10 s", "others", "ratio", "seconds, median (p90)", TODAY)


def table(found):
    """The results as Markdown."""
    yield from head(ALARM_HEAD)
    for condition in ("quiet", "noisy"):
        for size in SIZES:
            rows = [one for one in found if one["pair"][:3] == [size, condition, 0]]
            if rows:
                yield alarms(f"`{size}` ({median(one['base_ms'] for one in rows):.2g} ms), {condition}", rows)
    yield alarms("**all**", [one for one in found if one["pair"][2] == 0])
    yield ""
    yield from head(POWER_HEAD)
    for level in LEVELS:
        for size in (*SIZES, None):
            rows = [one for one in found if one["pair"][2] == level and size in {None, one["pair"][0]}]
            if rows:
                yield power(f"{level} %, `{size}`" if size else f"**{level} %, all**", rows)


def head(names):
    return "| " + " | ".join(names) + " |", "|---|--:|--:|---|--:|--:|--:|"


def alarms(name, rows):
    others = Counter(one["verdict"] for one in rows if one["verdict"] != "unchanged")
    said = ", ".join(f"{count} `{verdict}`" for verdict, count in others.items()) or "none"
    furthest = max(abs(one["ratio"] - 1) for one in rows)
    good = sum(one["verdict"] == "unchanged" for one in rows) / len(rows)
    cells = (name, len(rows), f"{good:.1%}", said, f"{furthest:.1%}", took(rows), today(rows, two_sided=True))
    return "| " + " | ".join(map(str, cells)) + " |"


def power(name, rows):
    good = [one for one in rows if one["verdict"] == "slower" and one["seconds"] <= LIMIT_SECONDS]
    others = Counter(f"{'later ' * (one['verdict'] == 'slower')}`{one['verdict']}`" for one in rows if one not in good)
    said = ", ".join(f"{count} {verdict}" for verdict, count in others.items()) or "none"
    share, ratio = len(good) / len(rows), median(one["ratio"] for one in rows)
    cells = (name, len(rows), f"{share:.1%}", said, f"{ratio:.3f}", took(rows), today(rows, two_sided=False))
    return "| " + " | ".join(map(str, cells)) + " |"


def took(rows):
    seconds = sorted(one["seconds"] for one in rows)
    return f"{median(seconds):.1f} s ({seconds[int(0.9 * (len(seconds) - 1))]:.1f} s)"


def today(rows, *, two_sided):
    beyond = []
    for threshold in THRESHOLDS:
        off = [one["sequential"] - 1 for one in rows if one["sequential"]]
        beyond.append(sum((abs(one) if two_sided else one) > threshold / 100 for one in off) / len(off))
    return " / ".join(f"{share:.0%}" for share in beyond)


def median(values):
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def plot(found, path):
    """Each pair's ratio as a dot: ours above, today's below."""
    groups = {
        f"{size}, {condition}": [one for one in found if one["pair"][:3] == [size, condition, 0]]
        for condition in ("quiet", "noisy")
        for size in SIZES
    }
    groups |= {f"slower by {level} %": [one for one in found if one["pair"][2] == level] for level in LEVELS}
    left, width, height = 150, 560, 44
    bottom = height * len(groups) + 14

    def at(ratio):
        return round(left + (min(max(100 * (ratio - 1), -20), 30) + 20) / 50 * width, 1)

    size = f"0 0 {left + width + 20} {bottom + 46}"
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" font-family="sans-serif" font-size="12">']
    lines.append('<rect width="100%" height="100%" fill="white"/>')
    for tick in range(-20, 31, 5):
        x, colour = at(1 + tick / 100), "#ddd" if tick else "#888"
        lines.append(f'<line x1="{x}" x2="{x}" y1="10" y2="{bottom}" stroke="{colour}"/>')
        lines.append(f'<text x="{x}" y="{bottom + 16}" text-anchor="middle">{tick:+d} %</text>')
    for top, (name, rows) in zip(range(14, bottom, height), groups.items(), strict=True):
        lines.append(f'<text x="{left - 10}" y="{top + 20}" text-anchor="end">{name}</text>')
        for one in rows:
            for key, y, colour in (("ratio", top + 9, "#1a7f37"), ("sequential", top + 25, "#cf222e")):
                if one[key] is None:
                    continue
                lines.append(f'<circle cx="{at(one[key])}" cy="{y}" r="3" fill="{colour}" fill-opacity="0.4"/>')
    lines.append(f'<text x="{left}" y="{bottom + 38}" fill="#1a7f37">● in turn, as the tool does</text>')
    lines.append(f'<text x="{left + 220}" y="{bottom + 38}" fill="#cf222e">● one after the other, as scripts do</text>')
    path.write_text("\n".join([*lines, "</svg>"]) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--neighbour", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.neighbour:
        disturb()
    if not options.out:
        parser.error("--out is needed")
    if options.table:
        print("\n".join(table(results(options.out))))
        if options.plot:
            plot(results(options.out), options.plot)
    else:
        run(options.out, options.minutes)


if __name__ == "__main__":
    main()
