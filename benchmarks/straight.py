"""The straightforward script: what an engineer writes to convert, check and time a spec's models without this tool.

One process, every framework in one environment, one model after the other: export, onnx.checker, onnxsim, comparison
with the framework on every combination of dims, latency of ONNX Runtime and of the framework for the same seconds.
It trusts everything, isolates nothing, reports nothing but a line a model. `overhead.py` compares it with
`onnx-convert run`.

    python benchmarks/straight.py SPEC OUT
"""

import importlib.util
import itertools
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import onnxsim
import tomli

MEASURED = 0.0


def load_callable(path, symbol):
    sys.path.append(str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, symbol)


def make_inputs(root, entry, sizes, rng):
    made = {}
    for name, value in entry.get("inputs", {}).items():
        shape = [sizes.get(axis, axis) for axis in value["shape"]]
        if "data" in value:
            array = np.load(root / value["data"])
            for axis, size in enumerate(shape):
                array = array.take(np.arange(size), axis=axis, mode="wrap")
            made[name] = array.astype(value.get("dtype", array.dtype))
        elif value.get("dtype", "float32").startswith("int"):
            low, high = value.get("range", (0, 9))
            made[name] = rng.integers(low, high, shape).astype(value["dtype"])
        else:
            made[name] = rng.standard_normal(shape).astype(value.get("dtype", "float32"))
    return made


def measure(call, seconds):
    global MEASURED
    begin = time.perf_counter()
    for _ in range(10):
        call()
    times = []
    start = time.perf_counter()
    while time.perf_counter() - start < seconds or len(times) < 10:
        before = time.perf_counter()
        call()
        times.append(time.perf_counter() - before)
    MEASURED += time.perf_counter() - begin
    return statistics.median(times) * 1e3


class Torch:
    def __init__(self, root, entry, source, symbol):
        import torch

        self.torch = torch
        self.model = load_callable(root / source, symbol)(**entry.get("args", {})).eval()
        if "weights" in entry:
            from safetensors.torch import load_file

            self.model.load_state_dict(load_file(root / entry["weights"]))

    def run(self, inputs):
        with self.torch.inference_mode():
            made = self.model(*[self.torch.from_numpy(array) for array in inputs.values()])
        made = list(made.values()) if isinstance(made, dict) else made if isinstance(made, (list, tuple)) else [made]
        return [tensor.numpy() for tensor in made]

    def export(self, path, entry, inputs):
        axes = {
            name: {axis: dim for axis, dim in enumerate(value["shape"]) if isinstance(dim, str)}
            for name, value in entry["inputs"].items()
        }
        self.torch.onnx.export(
            self.model,
            tuple(self.torch.from_numpy(array) for array in inputs.values()),
            path,
            opset_version=entry["opset"],
            input_names=list(inputs),
            output_names=list(entry["outputs"]) if "outputs" in entry else None,
            dynamic_axes=axes,
            dynamo=False,
        )


class Sklearn:
    def __init__(self, root, entry, source, symbol):
        if symbol:
            self.model = load_callable(root / source, symbol)()
        elif source.endswith(".skops"):
            import skops.io

            self.model = skops.io.load(root / source, trusted=skops.io.get_untrusted_types(file=root / source))
        else:
            import joblib

            self.model = joblib.load(root / source)

    def run(self, inputs):
        (array,) = inputs.values()
        return [self.model.predict(array), self.model.predict_proba(array)]

    def export(self, path, entry, inputs):
        from skl2onnx import to_onnx
        from skl2onnx.common.data_types import FloatTensorType

        ((name, array),) = inputs.items()
        types = [(name, FloatTensorType([None, array.shape[1]]))]
        options = {id(self.model): {"zipmap": False}}
        model = to_onnx(self.model, initial_types=types, target_opset=entry["opset"], options=options)
        onnx.save(model, path)


class Onnx:
    def __init__(self, root, entry, source, symbol):
        self.path = root / source
        self.session = ort.InferenceSession(self.path)
        self.names = [value.name for value in self.session.get_inputs()]

    def run(self, inputs):
        return self.session.run(None, inputs)

    def export(self, path, entry, inputs):
        Path(path).write_bytes(self.path.read_bytes())


def kind_of(root, source):
    if source.endswith(".onnx"):
        return Onnx
    if source.endswith((".joblib", ".skops", ".pkl")):
        return Sklearn
    return Sklearn if "sklearn" in (root / source).read_text() else Torch


def convert(root, out, name, entry):
    source, _, symbol = entry["source"].partition(":")
    model = kind_of(root, source)(root, entry, source, symbol)
    rng = np.random.default_rng(0)
    if "inputs" not in entry:
        described = model.session.get_inputs()
        entry["inputs"] = {one.name: {"shape": one.shape} for one in described}
        for value in entry["inputs"].values():
            entry.setdefault("dims", {}).update({dim: [1, 4] for dim in value["shape"] if isinstance(dim, str)})
    named = {dim for value in entry["inputs"].values() for dim in value["shape"] if isinstance(dim, str)}
    dims = {dim: entry.get("dims", {}).get(dim, [1, 4]) for dim in named}
    combinations = [dict(zip(dims, sizes, strict=True)) for sizes in itertools.product(*dims.values())]
    traced = make_inputs(root, entry, combinations[-1], rng)
    path = out / f"{name}.onnx"
    model.export(str(path), entry, traced)
    onnx.checker.check_model(str(path), full_check=True)
    simplified, _ = onnxsim.simplify(onnx.load(path))
    onnx.save(simplified, path)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 2
    session = ort.InferenceSession(path, options)
    worst = 0.0
    parity = entry.get("parity", {})
    for sizes in combinations:
        for _ in range(parity.get("samples", 4)):
            inputs = make_inputs(root, entry, sizes, rng)
            for actual, expected in zip(session.run(None, inputs), model.run(inputs), strict=True):
                tolerance = {"rtol": parity.get("rtol", 1e-3), "atol": parity.get("atol", 1e-5)}
                np.testing.assert_allclose(actual, expected, **tolerance)
                worst = max(worst, float(np.max(np.abs(actual.astype(np.float64) - expected))))
    inputs = make_inputs(root, entry, combinations[0], rng)
    seconds = entry.get("benchmark", {}).get("seconds", 5)
    onnx_ms = measure(lambda: session.run(None, inputs), seconds)
    native_ms = measure(lambda: model.run(inputs), seconds)
    print(f"{name}: max abs {worst:.2g}, onnxruntime {onnx_ms:.3f} ms, framework {native_ms:.3f} ms")


def main(spec, out):
    spec, out = Path(spec), Path(out)
    out.mkdir(parents=True, exist_ok=True)
    values = tomli.loads(spec.read_text())
    for name, entry in values["models"].items():
        convert(spec.parent, out, name, {"opset": 17, **values.get("defaults", {}), **entry})
    print(json.dumps({"measured_seconds": MEASURED}))


if __name__ == "__main__":
    main(*sys.argv[1:])
