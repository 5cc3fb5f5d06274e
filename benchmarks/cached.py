"""What it costs to do nothing: a run whose models are all cached, one of which one file changed, and large specs.

    python benchmarks/cached.py [--models 100] [--many 1000] [--rounds 9]

Makes MODELS small scikit-learn models, each with a module and data of its own and a module that all of them import,
converts and measures them once (minutes), then times the real command, start-up included: `run` with everything cached,
`run` with one model's file changed, and `check` and `plan` of MANY models. Prints medians, the slowest, and the peak
memory of the process in MB (without those that it starts).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from onnx_convert.cache import ResultCache
from onnx_convert.environments import default_root
from onnx_convert.report.model import ModelReport

SHARED = "from sklearn.linear_model import LogisticRegression\n\n\ndef fit(data):\n" + (
    "    return LogisticRegression().fit(data, (data[:, 0] > data[:, 1]).astype(int))\n"
)
MODULE = """import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from shared import fit

settings = json.loads(Path(__file__).with_suffix(".json").read_text())


def build():
    return fit(np.random.default_rng(settings["seed"]).normal(size=(32, 4)).astype("float32"))
"""
TABLE = """[models.model-{number}]
source = "models/model_{number}.py:build"
framework = "sklearn"
inputs.x = {{ shape = ["batch", 4], dtype = "float32" }}
dims = {{ batch = [1, 4] }}
benchmark = {{ seconds = 0.05 }}

"""


def repository(folder, count):
    (folder / "models").mkdir(parents=True)
    (folder / "models" / "shared.py").write_text(SHARED)
    for number in range(count):
        (folder / "models" / f"model_{number}.py").write_text(MODULE)
        (folder / "models" / f"model_{number}.json").write_text(json.dumps({"seed": number}))
    tables = "".join(TABLE.format(number=number) for number in range(count))
    (folder / "onnx-convert.toml").write_text(f"spec-version = 1\n\n{tables}")


def command(arguments, folder):
    """Wall seconds, megabytes at most of the process itself, and what it printed."""
    begin = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "onnx_convert", *arguments], cwd=folder, stdout=said, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.perf_counter() - begin
        said.seek(0)
        text = said.read()
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(text[-2000:])
    return elapsed, usage.ru_maxrss / 1e3, text


def timed(title, arguments, folder, rounds):
    done = [command(arguments, folder)[:2] for _ in range(rounds)]
    times, peak = [one[0] for one in done], max(one[1] for one in done)
    print(f"{title}: median {statistics.median(times):.2f} s, slowest {max(times):.2f} s, {peak:.0f} MB", flush=True)


def rows(folder):
    return {row["name"]: row for row in json.loads((folder / "onnx-convert-out" / "report.json").read_text())["models"]}


def cache_in(folder):
    """A cache of its own, with the environments that this machine has already."""
    folder.mkdir()
    for name in ("environments", "layers"):
        if (default_root(os.environ) / name).is_dir():
            (folder / name).symlink_to(default_root(os.environ) / name)
    return folder


def remember(cache, folder, count):
    """Give as many models a result in the cache, so that `plan` has past durations of all of them."""
    row = ModelReport.model_validate(rows(folder)["model-0"])
    files = folder / "onnx-convert-out" / "models" / "model-0"
    results = ResultCache(cache / "results")
    for number in range(count):
        results.store({}, folder, (), row.model_copy(update={"name": f"model-{number}"}), files)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--many", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="onnx-convert-cached-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        repository(folder / "some", options.models)
        cache = cache_in(folder / "cache")
        run = ["run", "--cache-dir", str(cache)]
        took = command(run, folder / "some")[0]
        print(f"run, {options.models} models, first time: {took:.0f} s", flush=True)
        timed(f"run, {options.models} models, all cached", run, folder / "some", options.rounds)
        assert all(row["cached"] for row in rows(folder / "some").values())
        (folder / "some" / "models" / "model_3.json").write_text('{"seed": 1000}')
        took = command(run, folder / "some")[0]
        again = [name for name, row in rows(folder / "some").items() if not row["cached"]]
        print(f"run, one file changed: {took:.1f} s, done again: {', '.join(again)}", flush=True)
        repository(folder / "many", options.many)
        remember(cache, folder / "some", options.many)
        spec = str(folder / "many" / "onnx-convert.toml")
        timed(f"check, {options.many} models", ["check", spec], folder / "many", options.rounds)
        plan = ["plan", spec, "--shards", "8", "--cache-dir", str(cache)]
        timed(f"plan, {options.many} models", plan, folder / "many", options.rounds)


if __name__ == "__main__":
    main()
