"""What TensorFlow's worker costs beside plain TensorFlow: start, load a Keras file, one prediction.

    python benchmarks/tensorflow_worker.py [--rounds 4]

Both are measured in turn, ABBA, from nothing running: the worker with its fence and a template process of its own.
Memory is the highest sum, over all processes that were started, of their share of what lies in memory (PSS), so that
what template and job have in common counts once; it is sampled in rounds of its own, for sampling takes time.
Prints the medians of wall time and of peak memory, and the worker's ratio to plain TensorFlow.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
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


INTERVAL = 0.01  # seconds between two looks at the memory


def plain(python, path):
    """Seconds of plain TensorFlow."""
    begin = time.perf_counter()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([python, "-c", PLAIN, path], check=True, **quiet)
    return time.perf_counter() - begin


def descendants():
    """Every process below this one."""
    children = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = stat.read_text().rpartition(")")[2].split()[1]
            children.setdefault(int(parent), []).append(int(stat.parent.name))
    found = list(children.get(os.getpid(), ()))
    for pid in found:
        found += children.get(pid, ())
    return found


def share(pid):
    """The bytes of a process in memory, what it shares divided by who shares it; 0 once it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


@contextmanager
def watched():
    """A list whose last entry is the most that all processes below this one held at once, in bytes."""
    peaks, ended = [0], threading.Event()

    def watch():
        while not ended.wait(INTERVAL):
            peaks.append(max(peaks[-1], sum(map(share, descendants()))))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peaks
    finally:
        ended.set()
        thread.join()


def peak(call):
    """The most memory a call held."""
    with watched() as peaks:
        call()
    return peaks[-1]


def worker(environment, path):
    """Seconds of the worker: reference outputs of one case and nothing exported."""
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
    return seconds - calls


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
        for call in calls.values():
            call()  # compiled modules and files in memory, for both
        seconds, memory = {which: [] for which in calls}, {which: [] for which in calls}
        for turn in range(rounds):
            for which in sorted(calls, reverse=turn % 2 == 1):
                seconds[which].append(calls[which]())
                memory[which].append(peak(calls[which]) / 2**20)
    for title, unit, found in (("time", "s", seconds), ("peak memory", "MiB", memory)):
        medians = {name: statistics.median(values) for name, values in found.items()}
        shown = ", ".join(f"{name} {value:.2f} {unit}" for name, value in medians.items())
        print(f"{title}: {shown}; ratio {medians['worker'] / medians['plain']:.3f}")


if __name__ == "__main__":
    sys.exit(main())
