"""What the tool costs over a straightforward script: wall time and memory, in turn, on the same machine.

    python benchmarks/overhead.py --script-python VENV/bin/python [--rounds 3]

Runs `straight.py` and `onnx-convert run --no-cache` on the quickstart and pretrained examples, one after the other and
in alternating order, and prints for each round the wall seconds with the measuring time taken out of both, and the peak
memory of the core process. Environments must be built: run `make demo` first. The script's environment holds what
`straight-requirements.txt` names and the tool's torch, scikit-learn and onnx.
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

ROOT = Path(__file__).resolve().parents[1]
SPECS = [ROOT / "examples" / name / "onnx-convert.toml" for name in ("quickstart", "pretrained")]


def timed(command, **environment):
    """Wall seconds, peak resident bytes of the process itself (not of those it starts), and what it printed."""
    with tempfile.TemporaryFile() as output:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, env={**os.environ, **environment})
        peak = 0
        while process.poll() is None:
            peak = max(peak, high_water(process.pid))
            time.sleep(0.02)
        wall = time.perf_counter() - begin
        output.seek(0)
        text = output.read().decode()
    if process.returncode:
        sys.exit(f"{command} failed:\n{text}")
    return wall, peak, text


def high_water(pid):
    """VmHWM of a process in bytes; 0 once it has gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0)


def script(python, out):
    """Seconds of the straightforward script without its measuring, and its peak memory."""
    spent, peak = 0.0, 0
    for spec in SPECS:
        wall, memory, text = timed([python, ROOT / "benchmarks" / "straight.py", spec, out], HF_HUB_OFFLINE="1")
        print("    " + "\n    ".join(text.splitlines()[:-1]))
        spent += wall - json.loads(text.splitlines()[-1])["measured_seconds"]
        peak = max(peak, memory)
    return spent, peak


def tool(out):
    """Seconds of the tool without its measuring, and the peak memory of its core process."""
    spent, peak = 0.0, 0
    for spec in SPECS:
        folder = out / spec.parent.name
        command = [sys.executable, "-m", "onnx_convert", "run", spec, "--out", folder, "--no-cache"]
        wall, memory, _ = timed(command)
        report = json.loads((folder / "report.json").read_text())
        rows = [one for model in report["models"] for one in model["benchmark"]]
        spent += wall - sum(one["measuring_seconds"] or 0 for one in rows)
        peak = max(peak, memory)
    return spent, peak


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--script-python", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    ratios, peaks = [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.rounds):
            runs = [("script", lambda: script(options.script_python, folder)), ("tool", lambda: tool(Path(folder)))]
            found = {name: run() for name, run in (runs if number % 2 == 0 else reversed(runs))}
            ratios.append(found["tool"][0] / found["script"][0])
            peaks.append(found["tool"][1])
            print(
                f"round {number + 1}: script {found['script'][0]:.1f} s ({found['script'][1] / 1e6:.0f} MB), "
                f"tool {found['tool'][0]:.1f} s, ratio {ratios[-1]:.2f}, core {found['tool'][1] / 1e6:.0f} MB",
                flush=True,
            )
    print(f"median ratio {statistics.median(ratios):.2f}, core peak {max(peaks) / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
