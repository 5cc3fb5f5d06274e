"""Start-up: `--help`, `check` on 100 models, and every wrong spec of the tests, as processes of their own.

    python benchmarks/startup.py [--rounds 11]

Prints the median and the slowest wall time of each in milliseconds, and the heavy modules that were imported (none).
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

HEAVY = ("numpy", "onnx", "onnxruntime", "torch")


def hundred_models(folder):
    (folder / "model.py").write_text("import torch\n\n\ndef build():\n    return torch.nn.Linear(4, 3)\n")
    models = "".join(
        f'[models.model-{number}]\nsource = "model.py:build"\n'
        'inputs.x = { shape = ["batch", 4], dtype = "float32" }\ndims = { batch = [1, 4] }\n\n'
        for number in range(100)
    )
    (folder / "onnx-convert.toml").write_text(f"spec-version = 1\n\n{models}")
    return folder / "onnx-convert.toml"


def milliseconds(arguments, folder):
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "onnx_convert", *arguments], cwd=folder, capture_output=True, check=False
    )
    return (time.perf_counter() - begin) * 1e3, done


def heavy_imports(arguments, folder):
    code = (
        "import sys; from onnx_convert.cli import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        f"print('heavy:', [name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=folder, capture_output=True, check=False)
    return done.stdout.decode().splitlines()[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=11)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spec = hundred_models(folder)
        for title, arguments in (("--help", ["--help"]), ("check, 100 models", ["check", str(spec)])):
            times = [milliseconds(arguments, folder)[0] for _ in range(rounds)]
            median, slowest = statistics.median(times), max(times)
            print(f"{title}: median {median:.0f} ms, slowest {slowest:.0f} ms; {heavy_imports(arguments, folder)}")
    wrong_specs(rounds)


def wrong_specs(rounds):
    from tests.unit.spec.wrong_specs import CASES, write

    slowest = []
    for case in CASES:
        with tempfile.TemporaryDirectory() as name:
            spec = write(case, Path(name))
            found = [milliseconds(["check", str(spec)], name) for _ in range(max(1, rounds // 4))]
            assert all(done.returncode == 2 for _, done in found), (case.name, found[0][1])
            slowest.append((statistics.median(elapsed for elapsed, _ in found), case.name))
    slowest.sort(reverse=True)
    print(f"{len(slowest)} wrong specs: slowest " + ", ".join(f"{name} {ms:.0f} ms" for ms, name in slowest[:3]))


if __name__ == "__main__":
    main()
