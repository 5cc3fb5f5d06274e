"""Specs that are wrong, each with the code, the line and a part of the remedy that must be named.

`write(case, folder)` makes the repository and returns the spec's path; the command must then exit with 2.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HEAD = "spec-version = 1\n[models.m]\n"
SOURCE = HEAD + 'source = "models/net.onnx"\n'
"""Valid as it stands, three lines: what a case adds begins in line 4."""

MODULE = HEAD + 'source = "models/net.py:Net"\n'
INPUTS = 'inputs.x = { shape = ["batch", 3] }\n'


@dataclass(frozen=True, slots=True)
class Case:
    """A wrong spec: its content, what must be said, and what else the repository needs (`prepare`)."""

    name: str
    content: str | bytes
    code: str
    line: int | None
    remedy: str
    prepare: Callable[[Path], object] | None = None


def write(case: Case, folder: Path) -> Path:
    """A repository with the case's spec; returns the spec's path."""
    (folder / ".git").mkdir()
    models = folder / "models"
    models.mkdir()
    (models / "net.onnx").write_bytes(b"\x08\x08")
    (models / "net.py").write_text("import torch\n\n\nclass Net(torch.nn.Module):\n    pass\n")
    (models / "tree.joblib").write_bytes(b"\x80\x04.")
    (models / "samples.npy").write_bytes(b"\x93NUMPY")
    with zipfile.ZipFile(models / "script.pt", "w") as archive:
        archive.writestr("script/code/__torch__.py", "")
        archive.writestr("script/constants.pkl", b"")
    if case.prepare:
        case.prepare(folder)
    path = folder / "onnx-convert.toml"
    path.write_bytes(case.content if isinstance(case.content, bytes) else case.content.encode())
    return path


def _link(folder: Path) -> None:
    outside = folder.parent / f"{folder.name}-outside.onnx"
    outside.write_bytes(b"\x08\x08")
    (folder / "models" / "link.onnx").symlink_to(outside)


def _file(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(content)


def _circle(folder: Path) -> None:
    (folder / "models" / "circle.onnx").symlink_to("circle.onnx")


_SYNTAX = (
    Case("no closing quote", HEAD + 'source = "models\n', "OCA101", 3, "TOML"),
    Case("no closing bracket", SOURCE + "opset = [17\n", "OCA101", 5, "close it where it begins"),
    Case("table name not closed", "spec-version = 1\n[models.m\n", "OCA101", 2, "close the table's name"),
    Case("text without quotes", HEAD + "source = models/net.onnx\n", "OCA101", 3, 'quotes: "models/net.onnx"'),
    Case("Python's True", SOURCE + "trust = True\n", "OCA101", 4, "true or false"),
    Case("YAML", "spec-version: 1\n", "OCA101", 1, "`key = value`"),
    Case("backslash in double quotes", HEAD + 'source = "models\\net.qx"\n'.replace("net", "qet"), "OCA101", 3, "/"),
    Case("key twice", SOURCE + "opset = 17\nopset = 18\n", "OCA121", 5, "keep one"),
    Case("table twice", SOURCE + "[models.m]\n", "OCA121", 4, "keep one"),
    Case("an integer of 5000 digits", SOURCE + f"opset = {'1' * 5000}\n", "OCA101", 4, "no key takes"),
    Case("UTF-16", SOURCE.encode("utf-16"), "OCA102", 1, "UTF-8"),
    Case("Latin-1", SOURCE.encode() + b'outputs = ["gr\xf6\xdfe"]\n', "OCA102", 4, "UTF-8"),
    Case("byte-order mark", b"\xef\xbb\xbf" + SOURCE.encode(), "OCA102", 1, "BOM"),
    Case("NUL byte", SOURCE + 'outputs = ["a\0"]\n', "OCA102", 4, "NUL"),
    Case("ten megabytes of brackets", "[" * 10_000_000, "OCA102", None, "split"),
    Case("a megabyte of nested lists", SOURCE + f"args.a = {'[' * 1_000_000}\n", "OCA103", 4, "brackets"),
    Case("lists nested 50 deep", SOURCE + f"args.a = {'[' * 50}{']' * 50}\n", "OCA103", 4, "brackets"),
    Case("tables nested 50 deep", SOURCE + f"args.a = {'{a=' * 50}1{'}' * 50}\n", "OCA103", 4, "brackets"),
    Case("a dotted key of 2000 parts", SOURCE + "args." + "a." * 2000 + "a = 1\n", "OCA103", 4, "levels"),
)

_SHAPE = (
    Case("empty file", "", "OCA107", 1, "onnx-convert init"),
    Case("only comments", "# later\n", "OCA107", 1, "onnx-convert init"),
    Case("no spec-version", '[models.m]\nsource = "models/net.onnx"\n', "OCA107", 1, "spec-version = 1"),
    Case("spec-version in snake case", "spec_version = 1\n" + SOURCE[17:], "OCA104", 1, "`spec-version`"),
    Case("spec-version of the future", SOURCE.replace("= 1", "= 2", 1), "OCA109", 1, "reads 1"),
    Case("spec-version in quotes", SOURCE.replace("= 1", '= "1"', 1), "OCA105", 1, "without quotes: 1"),
    Case("no models", "spec-version = 1\n", "OCA107", 1, "[models.NAME]"),
    Case("no model in models", "spec-version = 1\n[models]\n", "OCA107", 2, "[models.NAME]"),
    Case("models is a list of tables", "spec-version = 1\n[[models]]\n", "OCA105", 2, "write a table"),
    Case("a model is a string", 'spec-version = 1\nmodels.m = "net.onnx"\n', "OCA105", 2, "write a table"),
    Case("a model outside models", SOURCE + "[resnet]\nopset = 17\n", "OCA104", 4, "[models.resnet]"),
    Case("no source", HEAD + "opset = 17\n", "OCA107", 2, "source = "),
    Case("a slash in a model name", SOURCE.replace("models.m", 'models."a/b"'), "OCA110", 2, "letters, digits"),
    Case("a model named by dots", SOURCE.replace("models.m", 'models.".."'), "OCA110", 2, "letters, digits"),
    Case("a device as model name", SOURCE.replace("models.m", "models.NUL"), "OCA110", 2, "name the model otherwise"),
    Case("names that differ in case", SOURCE + '[models.M]\nsource = "models/net.onnx"\n', "OCA108", 4, "another name"),
)

_KEYS = (
    Case("a misspelt key", SOURCE + "optset = 17\n", "OCA104", 4, "`opset`"),
    Case("a key in snake case", SOURCE + "export_options = {}\n", "OCA104", 4, "`export-options`"),
    Case("a key in capitals", SOURCE + "Opset = 17\n", "OCA104", 4, "`opset`"),
    Case("a key of parity in the model", SOURCE + "rtol = 1e-3\n", "OCA104", 4, "parity.rtol"),
    Case("a key of benchmark in the model", SOURCE + "threads = 2\n", "OCA104", 4, "benchmark.threads"),
    Case("a misspelt key in an inline table", SOURCE + "parity = { rtoll = 1 }\n", "OCA104", 4, "`rtol`"),
    Case(
        "a misspelt key in defaults", "spec-version = 1\n[defaults]\nopst = 17\n" + SOURCE[17:], "OCA104", 3, "`opset`"
    ),
    Case("a misspelt table", "spec-version = 1\n[default]\nopset = 17\n" + SOURCE[17:], "OCA104", 2, "defaults"),
    Case("a misspelt gate key", SOURCE + '[gates]\nfail_on = ["convert"]\n', "OCA104", 5, "`fail-on`"),
    Case("nothing like any key", SOURCE + "zzz = 1\n", "OCA104", 4, "the keys here are"),
)

_VALUES = (
    Case("a number for source", HEAD + "source = 3\n", "OCA105", 3, "write a non-empty string"),
    Case("opset in quotes", SOURCE + 'opset = "17"\n', "OCA106", 4, "without quotes: 17"),
    Case("opset misspelt", SOURCE + 'opset = "atuo"\n', "OCA106", 4, '"auto"'),
    Case("opset too low", SOURCE + "opset = 5\n", "OCA106", 4, "from 7 to 99"),
    Case("opset a float", SOURCE + "opset = 17.0\n", "OCA105", 4, "whole number"),
    Case("no opset at all", SOURCE + "opset = []\n", "OCA106", 4, "non-empty"),
    Case("an opset twice", SOURCE + "opset = [17, 17]\n", "OCA122", 4, "once"),
    Case("an unknown framework", SOURCE + 'framework = "pytoch"\n', "OCA106", 4, '"pytorch"'),
    Case("an unknown simplifier", SOURCE + 'simplify = "onnx-sim"\n', "OCA106", 4, '"onnxsim"'),
    Case("simplify = true", SOURCE + "simplify = true\n", "OCA106", 4, '"onnxsim"'),
    Case("false in quotes", SOURCE + 'simplify = "false"\n', "OCA106", 4, "false without quotes"),
    Case("trust in quotes", SOURCE + 'trust = "true"\n', "OCA105", 4, "true without quotes"),
    Case("trust = 1", SOURCE + "trust = 1\n", "OCA105", 4, "true or false"),
    Case("benchmark = true", SOURCE + "benchmark = true\n", "OCA106", 4, "a table or false"),
    Case("a tolerance in quotes", SOURCE + 'parity.rtol = "1e-3"\n', "OCA105", 4, "without quotes: 1e-3"),
    Case("a tolerance that is NaN", SOURCE + "parity.rtol = nan\n", "OCA106", 4, "finite number"),
    Case("a tolerance that no float can be", SOURCE + f"parity.atol = 1{'0' * 309}\n", "OCA106", 4, "finite number"),
    Case("an infinite tolerance", SOURCE + "parity.atol = inf\n", "OCA106", 4, "finite number"),
    Case("a negative tolerance", SOURCE + "parity.atol = -1e-5\n", "OCA106", 4, "at least 0"),
    Case("a tolerance of true", SOURCE + "parity.atol = true\n", "OCA105", 4, "finite number"),
    Case("no samples", SOURCE + "parity.samples = 0\n", "OCA106", 4, "from 1 to"),
    Case("a share above one", SOURCE + "benchmark.min-provider-share = 2\n", "OCA106", 4, "from 0 to 1"),
    Case("a provider twice", SOURCE + 'benchmark.providers = ["cpu", "cpu"]\n', "OCA122", 4, "once"),
    Case("no provider", SOURCE + "benchmark.providers = []\n", "OCA106", 4, "benchmark = false"),
    Case("providers not a list", SOURCE + 'benchmark.providers = "cpu"\n', "OCA105", 4, '["cpu"]'),
    Case("a duration without unit", SOURCE + 'timeout = "15"\n', "OCA106", 4, '"15m"'),
    Case("no time at all", SOURCE + 'timeout = "0s"\n', "OCA106", 4, "timeout"),
    Case("a size in words", SOURCE + 'memory = "lots"\n', "OCA106", 4, '"4GiB"'),
    Case("an unknown gate", SOURCE + '[gates]\nfail-on = ["convret"]\n', "OCA106", 5, '"convert"'),
    Case("a limit without percent", SOURCE + '[gates]\nmax-size-increase = "five"\n', "OCA106", 5, '"5%"'),
    Case("a limit beyond reason", SOURCE + '[gates]\nmax-size-increase = "20000%"\n', "OCA106", 5, "percentage"),
    Case("a date as argument", SOURCE + "args.since = 2020-01-01\n", "OCA105", 4, "no converter takes"),
)

_INPUTS = (
    Case("a negative size", SOURCE + "inputs.x.shape = [-1, 3]\n", "OCA106", 4, "at least 1"),
    Case("a size of zero", SOURCE + "inputs.x.shape = [0, 3]\n", "OCA106", 4, "at least 1"),
    Case("a size that is a float", SOURCE + "inputs.x.shape = [1.5]\n", "OCA105", 4, "whole number"),
    Case("a dimension with a space", SOURCE + 'inputs.x.shape = ["batch size"]\n', "OCA106", 4, "letters, digits"),
    Case("a shape that is a number", SOURCE + "inputs.x.shape = 3\n", "OCA105", 4, "[3]"),
    Case("a misspelt dtype", SOURCE + 'inputs.x.dtype = "flot32"\n', "OCA106", 4, '"float32"'),
    Case("a range of one", SOURCE + "inputs.x.range = [1]\n", "OCA106", 4, "list of 2 numbers"),
    Case("a range backwards", SOURCE + "inputs.x.range = [1, 0]\n", "OCA116", 4, "[0, 1]"),
    Case("a range of nothing", SOURCE + "inputs.x.range = [1, 1]\n", "OCA116", 4, "`values`"),
    Case("an infinite range", SOURCE + "inputs.x.range = [0, inf]\n", "OCA116", 4, "float32 takes"),
    Case("range and values", SOURCE + "inputs.x = { range = [0, 1], values = [1] }\n", "OCA116", 4, "one of"),
    Case("values of the wrong type", SOURCE + 'inputs.x = { dtype = "int64", values = [1.5] }\n', "OCA116", 4, "whole"),
    Case("values out of range", SOURCE + 'inputs.x = { dtype = "uint8", values = [256] }\n', "OCA116", 4, "255"),
    Case("mixed values", SOURCE + 'inputs.x.values = [1, "a"]\n', "OCA116", 4, "mixes"),
    Case("no values", SOURCE + "inputs.x.values = []\n", "OCA106", 4, "at least one"),
    Case("dims of no input", SOURCE + INPUTS + "dims = { bath = [1] }\n", "OCA117", 5, "`batch`"),
    Case("a dim without sizes", SOURCE + "dims = { batch = [] }\n", "OCA106", 4, "non-empty"),
    Case("a dim that is a number", SOURCE + "dims = { batch = 4 }\n", "OCA105", 4, "[4]"),
    Case("a size twice", SOURCE + "dims = { batch = [1, 1] }\n", "OCA122", 4, "once"),
    Case("an output twice", SOURCE + 'outputs = ["a", "a"]\n', "OCA122", 4, "once"),
    Case("no outputs", SOURCE + "outputs = []\n", "OCA106", 4, "leave `outputs` out"),
    Case("an output named like an input", SOURCE + INPUTS + 'outputs = ["x"]\n', "OCA108", 5, "name of its own"),
    Case("parity of no output", SOURCE + 'outputs = ["logits"]\nparity.outputs.logit = {}\n', "OCA117", 5, "`logits`"),
    Case("options of no provider", SOURCE + "provider-options.cup = {}\n", "OCA117", 4, "`cpu`"),
    Case("a number beyond every float", SOURCE + f"opset = {10**400}\n", "OCA106", 4, "7"),
    Case("packages of no provider", SOURCE + 'provider-requirements.cup = "iris.skops"\n', "OCA117", 4, "`cpu`"),
    Case("packages that leave", SOURCE + 'provider-requirements.cpu = "../reqs.txt"\n', "OCA111", 4, ".."),
    Case("a PyTorch module without inputs", MODULE, "OCA107", 2, "inputs.NAME"),
    Case("an input without shape", MODULE + 'inputs.x = { dtype = "int64" }\n', "OCA107", 4, "shape ="),
    Case("samples of an unknown type", SOURCE + 'inputs.x.data = "models/net.onnx"\n', "OCA112", 4, ".npy or .npz"),
)


def _source(text: str) -> str:
    return HEAD + f"source = {text}\n"


_PATHS = (
    Case("an empty path", _source('""'), "OCA106", 3, "non-empty"),
    Case("a blank path", _source('" "'), "OCA111", 3, "relative to the spec"),
    Case("an absolute path", _source('"/etc/passwd"'), "OCA111", 3, "relative to the spec"),
    Case("a path of Windows", _source("'models\\net.onnx'"), "OCA111", 3, "models/net.onnx"),
    Case("a drive", _source("'C:/net.onnx'"), "OCA111", 3, "relative to the spec"),
    Case("a home folder", _source('"~/net.onnx"'), "OCA111", 3, "relative to the spec"),
    Case("a URL", _source('"https://example.org/net.onnx"'), "OCA111", 3, "download"),
    Case("a path with NUL", _source('"models\\u0000/net.onnx"'), "OCA111", 3, "remove it"),
    Case("a path that leaves", _source('"../net.onnx"'), "OCA111", 3, ".."),
    Case("a path that leaves late", _source('"models/../../net.onnx"'), "OCA111", 3, ".."),
    Case("a link that leaves", _source('"models/link.onnx"'), "OCA111", 3, "inside the repository", _link),
    Case("a circle of links", _source('"models/circle.onnx"'), "OCA112", 3, "path", _circle),
    Case("a name too long", _source(f'"{"a" * 300}.onnx"'), "OCA112", 3, "path"),
    Case("a missing file", _source('"models/nett.onnx"'), "OCA112", 3, '"models/net.onnx"'),
    Case("a missing folder", _source('"model/net.onnx"'), "OCA112", 3, '"models"'),
    Case("a folder that is a file", _source('"models/net.onnx/x"'), "OCA112", 3, "is a file"),
    Case("an empty file", _source('"models/e.onnx"'), "OCA112", 3, "content", _file("models/e.onnx", b"")),
    Case(
        "a pointer of Git LFS",
        _source('"models/l.onnx"'),
        "OCA112",
        3,
        "lfs: true",
        _file("models/l.onnx", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"),
    ),
    Case("missing weights", MODULE + INPUTS + 'weights = "models/w.pt"\n', "OCA112", 5, "path"),
    Case("weights that are a folder", MODULE + INPUTS + 'weights = "models"\n', "OCA112", 5, "name the file"),
    Case("missing samples", SOURCE + 'inputs.x.data = "models/sample.npy"\n', "OCA112", 4, '"models/samples.npy"'),
    Case("missing requirements", SOURCE + 'requirements = "reqs.txt"\n', "OCA112", 4, "path"),
    Case("requirements that leave", SOURCE + 'requirements = "../reqs.txt"\n', "OCA111", 4, ".."),
)

_SOURCES = (
    Case("Python without callable", _source('"models/net.py"'), "OCA113", 3, "models/net.py:NAME"),
    Case("a misspelt callable", _source('"models/net.py:Nett"'), "OCA113", 3, '"models/net.py:Net"'),
    Case("a callable that is no name", _source('"models/net.py:Net()"'), "OCA113", 3, "file.py:callable"),
    Case("a callable of a model file", _source('"models/net.onnx:Net"'), "OCA113", 3, 'write "models/net.onnx"'),
    Case(
        "Python that is none",
        _source('"models/bad.py:f"'),
        "OCA113",
        3,
        "correct the file",
        _file("models/bad.py", b"def"),
    ),
    Case(
        "a file of no framework",
        _source('"models/plain.py:f"'),
        "OCA114",
        3,
        'framework = "pytorch"',
        _file("models/plain.py", b"def f(): ..."),
    ),
    Case(
        "a file of two frameworks",
        _source('"models/two.py:f"'),
        "OCA114",
        3,
        'framework = "pytorch" or "sklearn"',
        _file("models/two.py", b"import torch, sklearn\ndef f(): ..."),
    ),
    Case("a folder", _source('"models"'), "OCA114", 3, "framework ="),
    Case("a pickle without trust", _source('"models/tree.joblib"'), "OCA115", 3, "trust = true"),
    Case("a pickle for PyTorch", _source('"models/tree.joblib"') + 'framework = "pytorch"\n', "OCA118", 4, "framework"),
    Case("args for a file", SOURCE + "args = { n = 1 }\n", "OCA118", 4, "file.py:callable"),
    Case("weights for a file", SOURCE + 'weights = "models/script.pt"\n', "OCA118", 4, "holds its own"),
    Case(
        "weights that MXNet does not read",
        _source('"models/net-symbol.json"') + 'weights = "models/w.npz"\n',
        "OCA118",
        4,
        "give a .params file",
        lambda folder: [(folder / "models" / name).write_bytes(b"{}") for name in ("net-symbol.json", "w.npz")],
    ),
    Case("a signature for a file", SOURCE + 'signature = "serving_default"\n', "OCA118", 4, "remove"),
    Case("what the spec owns", MODULE + INPUTS + "export-options.opset_version = 9\n", "OCA118", 5, "`opset`"),
    Case(
        "dynamo for TorchScript",
        _source('"models/script.pt"') + INPUTS + 'exporter = "dynamo"\n',
        "OCA118",
        5,
        '"auto"',
    ),
)

CASES = (*_SYNTAX, *_SHAPE, *_KEYS, *_VALUES, *_INPUTS, *_PATHS, *_SOURCES)
