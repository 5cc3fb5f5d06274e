"""What TensorFlow's worker costs beside plain TensorFlow: start, load a Keras file, one prediction.

    python benchmarks/tensorflow_worker.py [--rounds 4]

Both are measured in turn, ABBA, from nothing running: the worker with its fence and a template process of its own.
Prints the medians of wall time and of peak memory, and the worker's ratio to plain TensorFlow.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from onnx_convert.environments import Environments, default_root
from onnx_convert.isolation import Fence, Limits

MAKE = """
import sys, keras
keras.utils.set_random_seed(0)
keras.applications.MobileNetV2(weights=None).save(sys.argv[1])
"""
PLAIN = """
import sys, numpy, tensorflow, keras
model = keras.saving.load_model(sys.argv[1], compile=False)
call = tensorflow.function(lambda x: model(x, training=False), autograph=False)
call = call.get_concrete_function(tensorflow.TensorSpec((None, 224, 224, 3)))
call(tensorflow.constant(numpy.zeros((1, 224, 224, 3), "float32"))).numpy()
"""


def plain(python, path):
    """Seconds and peak bytes of plain TensorFlow."""
    begin = time.perf_counter()
    process = subprocess.Popen([python, "-c", PLAIN, path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0
    return time.perf_counter() - begin, usage.ru_maxrss * 1024


def worker(environment, path):
    """Seconds and peak bytes of the worker: reference outputs of one case and nothing exported."""
    job = {
        "kind": "native",
        "repository": str(path.parent),
        "source": {"path": str(path), "symbol": None},
        "dims": {"batch": [1]},
        "samples": 1,
        "seed": 0,
        "threads": len(os.sched_getaffinity(0)),
        "seconds": 0.0,
    }
    with tempfile.TemporaryDirectory(prefix="onnx-convert-") as work:
        Path(work).chmod(0o755)
        begin = time.perf_counter()
        with Fence(Path(work), environ=os.environ) as fence:
            outcome = fence.run(environment, "onnx_convert.frameworks.tensorflow.worker", job, Limits(300))
            seconds = time.perf_counter() - begin
    assert outcome.failure is None, outcome.failure
    measured = outcome.result
    calls = (measured["iterations"] + measured["warmup_iterations"]) * measured["median"] / 1e3
    return seconds - calls, outcome.peak_memory_bytes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4)
    rounds = parser.parse_args().rounds
    environment = Environments(default_root(os.environ), environ=os.environ, say=print).get("tensorflow")
    with tempfile.TemporaryDirectory(prefix="onnx-convert-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        path = folder / "model.keras"
        subprocess.run([environment.python, "-c", MAKE, path], check=True, capture_output=True)
        calls = {"plain": lambda: plain(environment.python, path), "worker": lambda: worker(environment, path)}
        found = {which: [] for which in calls}
        for call in calls.values():
            call()  # compiled modules and files in memory, for both
        for turn in range(rounds):
            for which in sorted(calls, reverse=turn % 2 == 1):
                found[which].append(calls[which]())
    for position, (title, unit, scale) in enumerate((("time", "s", 1), ("peak memory", "MiB", 2**20))):
        medians = {name: statistics.median(row[position] for row in rows) / scale for name, rows in found.items()}
        ratio = medians["worker"] / medians["plain"]
        shown = ", ".join(f"{name} {value:.2f} {unit}" for name, value in medians.items())
        print(f"{title}: {shown}; ratio {ratio:.3f}")


if __name__ == "__main__":
    sys.exit(main())
