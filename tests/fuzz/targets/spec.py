"""A spec that anyone wrote: everything wrong is a SpecError with its places; what is left are values of their kind."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import tomli
from hypothesis import strategies as st

from onnx_convert.plan import make_plan
from onnx_convert.spec.check import problems
from onnx_convert.spec.load import load
from onnx_convert.spec.problem import SpecError
from onnx_convert.spec.render import render
from tests.fuzz import documents, texts

_FULL = """
spec-version = 1
[defaults]
opset = 17
parity = { rtol = 1e-3, atol = 1e-5, samples = 4, outputs.logits = { rtol = 1e-2 } }
benchmark = { providers = ["cpu", "openvino"], seconds = 5, threads = 1, min-provider-share = 0.5 }
[gates]
fail-on = ["convert", "opset", "parity"]
max-latency-increase = "5%"
max-size-increase = 0.1
[models.tiny-cnn]
framework = "pytorch"
source = "models/cnn.py:TinyCNN"
args = { num_classes = 10 }
weights = "weights/cnn.safetensors"
inputs.image = { shape = ["batch", 3, "height", 8], dtype = "float32", range = [0, 1] }
outputs = ["logits"]
dims = { batch = [1, 4], height = [8, 16] }
variants = ["fp16", "int8-dynamic"]
exporter = "dynamo"
export-options = { do_constant_folding = true }
timeout = "5m"
memory = "4GiB"
[models.iris]
source = "models/iris.joblib"
trust = true
opset = [17, 18]
inputs.features = { shape = ["batch", 4], data = "models/samples.npy" }
simplify = false
benchmark = false
[models.ops]
source = "models/cnn.py:Other.make"
opset = "auto"
inputs.x = { shape = [1], values = [1, 2] }
custom-ops = { opsets = { Domain = 1 }, register = "ops.py:register", library = "ops.so", reference = "ops.py:REF" }
provider-options.tensorrt = { fp16 = true }
requirements = "requirements.txt"
"""
SEEDS = [
    tomli.loads(_FULL),
    *({"spec-version": 1, "models": {name: table}} for name, table in tomli.loads(_FULL)["models"].items()),
]
structured = st.tuples(st.sampled_from(SEEDS), documents.edits).map(
    lambda both: documents.to_toml(documents.edited(*both))
)
TOKENS = (
    *(
        "[models.",
        "[defaults]",
        "[gates]",
        "[[",
        "]]",
        '"""',
        "'''",
        " = ",
        "spec-version = 1",
        "source",
        "models/cnn.py",
        ".x",
    ),
    *(
        "opset",
        '"auto"',
        "inf",
        "nan",
        "1e400",
        "0x",
        "0o7",
        "1979-05-27T07:32:00Z",
        "07:32:00",
        "\\u0041",
        "\\e",
        "{ ",
        "}",
    ),
    *(
        "..",
        "/etc/passwd",
        "C:\\",
        "https://",
        "link",
        "models/link.joblib",
        "1_000",
        "+1",
        "#",
        "\ufeff",
        "\x00",
        "\r\n",
        "15m",
        "5%",
    ),
    *sorted({key for table in tomli.loads(_FULL)["models"].values() for key in table}),
)
_FILES = {
    "models/cnn.py": "import torch\nclass TinyCNN(torch.nn.Module): ...\nclass Other: ...\n",
    "models/iris.joblib": "\x80\x04sklearn",
    "models/samples.npy": "\x93NUMPY",
    "weights/cnn.safetensors": "x",
    "ops.py": "def register(): ...\nREF = ()\n",
    "ops.so": "x",
    "requirements.txt": "x\n",
    "m.onnx": "x",
    "empty.onnx": "",
}


@cache
def _folder() -> tuple[tempfile.TemporaryDirectory[str], Path]:
    """A repository with the files that the seeds name, and a link out of it."""
    holder = tempfile.TemporaryDirectory(prefix="fuzz-spec-")
    root = Path(holder.name) / "repository"
    for name, text in _FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "models" / "link.joblib").symlink_to("/etc/passwd")
    return holder, root


def mutate(data: bytes, random: documents.Random) -> bytes:
    """TOML, changed in its values; what is no TOML, in its text."""
    try:
        found = tomli.loads(data.decode())
        return documents.to_toml(documents.edited(found, documents.some_edits(random)))
    except (ValueError, TypeError, RecursionError):
        return texts.mutate(data, random)


def one(data: bytes) -> None:
    root = _folder()[1]
    path = root / "onnx-convert.toml"
    path.write_bytes(data)
    try:
        loaded = load(path, root=root)
    except SpecError as error:
        _shown(error.problems, error.text, error.lines)
        [each.model_dump_json() for each in error.diagnostics]
        return
    assert loaded.spec.models.keys() == loaded.models.keys()
    wrong = problems(loaded)
    _shown(wrong, loaded.text, loaded.lines)
    if not wrong:
        make_plan(loaded)


def _shown(found: tuple[object, ...], text: str | None, lines: object) -> None:
    """Every problem can be shown, and is at a place that is there."""
    count = 2**22 if text is None else 1 + text.count("\n")
    for each in found:
        render(each, lines).encode()
        assert each.message
        assert each.line is None or 1 <= each.line <= count
