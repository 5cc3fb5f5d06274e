"""A bare loop of ONNX Runtime: what an engineer writes to time a model. `agreement.py` compares the tool with it.

    python benchmarks/bare_loop.py MODEL THREADS SECONDS NAME=FILE.npy...

Prints the median of a call in milliseconds. Spinning is off, as in the tool: with it on, threads that wait burn a core.
"""

import statistics
import sys
import time

import numpy as np
import onnxruntime as ort

model, threads, seconds, *inputs = sys.argv[1:]
options = ort.SessionOptions()
options.intra_op_num_threads = int(threads)
options.add_session_config_entry("session.intra_op.allow_spinning", "0")
session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
binding = session.io_binding()
for item in inputs:
    name, _, path = item.partition("=")
    binding.bind_cpu_input(name, np.load(path))
for output in session.get_outputs():
    binding.bind_output(output.name)

warm = time.perf_counter() + float(seconds) / 5
while time.perf_counter() < warm:
    session.run_with_iobinding(binding)

times = []
end = time.perf_counter() + float(seconds)
while time.perf_counter() < end:
    begin = time.perf_counter_ns()
    session.run_with_iobinding(binding)
    times.append(time.perf_counter_ns() - begin)
print(statistics.median(times) / 1e6)
