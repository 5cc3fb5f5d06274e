"""Agreement: are our medians those that the runtimes' own tools and a bare loop give?

    python benchmarks/agreement.py [--rounds 7] [--seconds 3] [--threads 1] [--model NAME]... [--json FILE]

Five models of the examples and the tests, tens of microseconds to tens of milliseconds a call, are converted, and
measured on the same inputs, threads and float32, in turn, each time in a process of its own and in an order that
alternates from round to round: `openvino-runtime` as a run measures it (the worker behind the fence) and OpenVINO's own
`benchmark_app`; `cpu` likewise and a bare loop of ONNX Runtime. Prints a Markdown table: medians over the rounds, and
the median over the rounds of the ratio of ours to theirs, which should be within 5 % of one.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from onnx_convert.environments import Environments, default_root
from onnx_convert.isolation import Fence, Limits
from onnx_convert.runtimes.registry import environment_of

ROOT = Path(__file__).resolve().parents[1]
WITHIN = 0.05
QUICKSTART, PRETRAINED = ROOT / "examples" / "quickstart", ROOT / "examples" / "pretrained"
SAMPLES = PRETRAINED / "samples"
RESNET = """spec-version = 1
[models.resnet18]
source = "networks.py:resnet18"
inputs.image = { shape = ["batch", 3, "height", "width"] }
dims = { batch = [1, 3], height = [64, 96], width = [64, 80] }
parity.samples = 1
"""


@dataclass(frozen=True)
class Model:
    """An artifact and the inputs it is measured on: `in0.npy`, ... in `case`, in the order of `inputs`."""

    name: str
    path: Path
    inputs: tuple[str, ...]
    case: Path


def convert(folder, only):
    """The five artifacts, or those that are named, with their inputs, in a folder that the workers' users can read."""
    resnet = folder / "resnet"
    resnet.mkdir()
    shutil.copy(ROOT / "tests" / "support" / "models" / "pytorch" / "networks.py", resnet)
    (resnet / "onnx-convert.toml").write_text(RESNET)
    rng = np.random.default_rng(0)
    sentence = {name: np.load(SAMPLES / f"{name}.npy")[:1, :8] for name in ("input_ids", "attention_mask")}
    photograph = {"image": np.load(SAMPLES / "photographs.npy")[:1, :, :224, :224]}
    wanted = (
        (QUICKSTART, "edges", {"image": rng.standard_normal((1, 1, 48, 64)).astype(np.float32)}),
        (QUICKSTART, "tiny-cnn", {"image": rng.standard_normal((1, 3, 64, 64)).astype(np.float32)}),
        (resnet, "resnet18", {"image": rng.standard_normal((1, 3, 64, 64)).astype(np.float32)}),
        (PRETRAINED, "all-minilm-l6-v2", sentence),
        (PRETRAINED, "efficientnet-lite0", photograph),
    )
    for source, name, arrays in wanted:
        if only and name not in only:
            continue
        out, case = folder / name / "out", folder / name / "case"
        case.mkdir(parents=True)
        spec = source / "onnx-convert.toml"
        command = ("-m", "onnx_convert", "run", spec, "--model", name, "--no-benchmark", "--out", out)
        subprocess.run([sys.executable, *command], check=True, capture_output=True)
        for position, array in enumerate(arrays.values()):
            np.save(case / f"in{position}.npy", array)
        yield Model(name, out / "models" / name / f"{name}.onnx", tuple(arrays), case)


class Ours:
    """A provider as a run measures it."""

    def __init__(self, fence, environments, provider, options):
        self.fence, self.options, self.provider = fence, options, provider
        self.environment = environments.get(environment_of(provider))

    def median(self, model):
        """Milliseconds."""
        job = {
            "model": str(model.path),
            "provider": self.provider,
            "provider_options": {},
            "threads": self.options.threads,
            "seconds": self.options.seconds,
            "case": str(model.case),
            "inputs": [{"name": name} for name in model.inputs],
        }
        outcome = self.fence.run(self.environment, "onnx_convert.workers.artifact.benchmark", job, Limits(seconds=300))
        if outcome.result is None:
            sys.exit(f"{self.provider}, {model.name}: {outcome.failure}")
        return outcome.result["median"]


class BareLoop:
    """ONNX Runtime in a loop of a few lines: inputs bound, the same threads, spinning off as ours."""

    title = "bare loop of ONNX Runtime"
    script = Path(__file__).with_name("bare_loop.py")

    def __init__(self, environments, options):
        self.python, self.options = environments.get("onnx").python, options

    def median(self, model):
        """Milliseconds."""
        inputs = [f"{name}={model.case / f'in{position}.npy'}" for position, name in enumerate(model.inputs)]
        settings = (str(self.options.threads), str(self.options.seconds))
        return float(output([self.python, self.script, model.path, *settings, *inputs]))


class BenchmarkApp:
    """OpenVINO's own tool, of the environment that ours runs in."""

    title = "OpenVINO's benchmark_app"

    def __init__(self, environments, options):
        self.path = environments.get("openvino").python.with_name("benchmark_app")
        self.options = options

    def median(self, model):
        """Milliseconds."""
        inputs = ",".join(f"{name}:{model.case / f'in{position}.npy'}" for position, name in enumerate(model.inputs))
        same = ("-d", "CPU", "-api", "sync", "-hint", "none", "-nstreams", "1", "-infer_precision", "f32")
        seconds = ("-t", f"{self.options.seconds:g}", "-nthreads", str(self.options.threads))
        # Of models with dynamic sizes it would also time the filling of inputs.
        said = output([self.path, "-m", model.path, "-i", inputs, *same, *seconds, "-inference_only", "true"])
        found = re.search(r"Latency:\s*\n.*?Median:\s+([\d.]+) (us|ms)", said)
        return float(found[1]) / (1000 if found[2] == "us" else 1)


def output(command):
    """What a command prints; ends the script with it where it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def in_turn(model, ours, theirs, rounds):
    """Both medians of each round; the order alternates."""
    pairs = []
    for number in range(rounds):
        order = (ours, theirs) if number % 2 == 0 else (theirs, ours)
        found = {side: side.median(model) for side in order}
        pairs.append((found[ours], found[theirs]))
        ratio = found[ours] / found[theirs]
        print(f"{model.name} {ours.provider} {number + 1}/{rounds}: {ratio:.3f}", file=sys.stderr, flush=True)
    return pairs


def row(model, ours, theirs, pairs):
    """A line of the table."""
    ratios = [mine / other for mine, other in pairs]
    ratio = statistics.median(ratios)
    mine, other = (statistics.median(side) for side in zip(*pairs, strict=True))
    verdict = "yes" if abs(ratio - 1) <= WITHIN else "**no**"
    spread = f"{min(ratios):.3f} to {max(ratios):.3f}"
    return (
        f"| {model.name} | `{ours.provider}` | {_time(mine)} | {theirs.title} | {_time(other)} "
        f"| {ratio:.3f} | {spread} | {verdict} |"
    )


def _time(milliseconds):
    return f"{milliseconds * 1000:.1f} µs" if milliseconds < 1 else f"{milliseconds:.2f} ms"


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--model", action="append", help="one of them, named again for more")
    parser.add_argument("--json", type=Path, help="write every round's medians here")
    options = parser.parse_args()
    environments = Environments(default_root(os.environ), environ=os.environ, say=print)
    folder = Path(tempfile.mkdtemp(prefix="onnx-convert-agreement-"))
    folder.chmod(0o755)
    lines, kept = [], []
    try:
        models = list(convert(folder, options.model))
        with Fence(folder, environ=os.environ) as fence:
            against = (("openvino-runtime", BenchmarkApp), ("cpu", BareLoop))
            for provider, their in against:
                ours, theirs = Ours(fence, environments, provider, options), their(environments, options)
                for model in models:
                    pairs = in_turn(model, ours, theirs, options.rounds)
                    lines.append(row(model, ours, theirs, pairs))
                    kept.append({"model": model.name, "provider": provider, "ours_theirs_ms": pairs})
    finally:
        shutil.rmtree(folder)
    print(f"{options.rounds} rounds of {options.seconds:g} s, {options.threads} threads, {os.cpu_count()} CPUs\n")
    print("| model | provider | ours | against | theirs | ratio | of single rounds | within 5 % |")
    print("|---|---|---|---|---|---|---|---|")
    print("\n".join(lines))
    if options.json:
        options.json.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
