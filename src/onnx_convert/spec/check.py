"""A valid spec against the files it names: they exist, are what they should be, and run no code that is not allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from onnx_convert.frameworks.pytorch import source as pytorch
from onnx_convert.frameworks.registry import FRAMEWORKS, recognise
from onnx_convert.spec import python_file, source, wording
from onnx_convert.spec.problem import Finding, in_order
from onnx_convert.spec.source import PathError, SourceRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from onnx_convert.report.model import Diagnostic
    from onnx_convert.spec.load import LoadedSpec
    from onnx_convert.spec.positions import Key
    from onnx_convert.spec.problem import Problem

Table = dict[str, Any]
Loc = tuple["Key", ...]

_WEIGHTS = (".safetensors", ".pt", ".pth", ".npz", ".h5", ".params")
_WEIGHTS_OF = {"pytorch": _WEIGHTS[:4], "tensorflow": (".h5",), "mxnet": (".params",)}
_SAMPLES = (".npy", ".npz")
_OWNED = {
    "dynamo": "exporter",
    "opset_version": "opset",
    "input_names": "inputs",
    "output_names": "outputs",
    "dynamic_axes": "inputs.NAME.shape",
    "dynamic_shapes": "inputs.NAME.shape",
    "custom_opsets": "custom-ops",
    "f": "source",
    "args": "inputs",
    "kwargs": "inputs",
    "model": "source",
    "target_opset": "opset",
    "initial_types": "inputs",
}


def check(loaded: LoadedSpec) -> tuple[Diagnostic, ...]:
    """What is wrong with the files a spec names, as the report's values, by line."""
    return tuple(problem.diagnostic() for problem in problems(loaded))


def problems(loaded: LoadedSpec) -> tuple[Problem, ...]:
    """The same without pydantic: what `onnx-convert check` shows in milliseconds."""
    findings = (found for name, table in loaded.models.items() for found in _model(table, ("models", name), loaded))
    return in_order(loaded.document.problem(finding) for finding in findings)


def _model(table: Table, loc: Loc, loaded: LoadedSpec) -> Iterator[Finding]:
    yield from _files(table, loc, loaded)
    try:
        ref = SourceRef.parse(table["source"], loaded.root, loaded.folder)
        source.check_content(table["source"], ref.path)
    except PathError as error:
        yield Finding(error.code, error.message, (*loc, "source"), error.hint)
        return
    wrong = _symbol(ref) if ref.symbol else None
    if wrong:
        yield Finding("OCA113", wrong[0], (*loc, "source"), wrong[1])
    name = table.get("framework") or recognise(ref).framework
    if name is None:
        # A file that cannot be read, or not as Python, has no imports to go by
        yield from () if wrong else (_unclear(ref, loc),)
    else:
        yield from _source(ref, name, table, loc)
        yield from _keys(ref, name, table, loc)


def _named(table: Table) -> str:
    return "framework" if "framework" in table else "source"


def _files(table: Table, loc: Loc, loaded: LoadedSpec) -> Iterator[Finding]:
    """Every path but the source."""
    paths: list[tuple[Loc, str, tuple[str, ...]]] = []
    paths += [((key,), table[key], suffixes) for key, suffixes in _PATHS.items() if key in table]
    for name, entry in table.get("inputs", {}).items():
        paths += [(("inputs", name, "data"), entry["data"], _SAMPLES)] if "data" in entry else []
    for name, text in table.get("provider-requirements", {}).items():
        paths.append((("provider-requirements", name), text, ()))
    custom = table.get("custom-ops", {})
    paths += [(("custom-ops", "library"), custom["library"], ())] if "library" in custom else []
    for key in ("register", "reference"):
        if key in custom:
            yield from _python(custom[key], (*loc, "custom-ops", key), loaded)
    for where, text, suffixes in paths:
        try:
            source.file(text, loaded.root, loaded.folder, suffixes)
        except PathError as error:
            yield Finding(error.code, error.message, (*loc, *where), error.hint)


_PATHS: dict[str, tuple[str, ...]] = {"weights": _WEIGHTS, "requirements": ()}


def _python(text: str, where: Loc, loaded: LoadedSpec) -> Iterator[Finding]:
    """A `file.py:name` beside the source."""
    try:
        ref = SourceRef.parse(text, loaded.root, loaded.folder)
        source.check_content(text, ref.path)
    except PathError as error:
        yield Finding(error.code, error.message, where, error.hint)
        return
    if not ref.symbol:
        yield Finding("OCA113", f"{wording.quote(text)} is not a name of a Python file", where, 'write "file.py:name"')
    elif wrong := _symbol(ref):
        yield Finding("OCA113", wrong[0], where, wrong[1])


def _symbol(ref: SourceRef) -> tuple[str, str | None] | None:
    """Why the callable is not a name of the file's top level, and what to do; None if it is one."""
    try:
        facts = python_file.read(ref.path)
    except python_file.PythonFileError as error:
        return f"{wording.quote(ref.relative)} is not valid Python: {error}", "correct the file"
    name = str(ref.symbol).partition(".")[0]
    if name in facts.names or facts.open:
        return None
    close = wording.nearest(name, sorted(facts.names))
    hint = f"did you mean {wording.quote(f'{ref.relative}:{close}')}?" if close else None
    return f"{wording.quote(ref.relative)} defines no {wording.quote(name)} at its top level", hint


def _unclear(ref: SourceRef, loc: Loc) -> Finding:
    candidates = recognise(ref).candidates
    shown = wording.quote(ref.relative)
    if candidates:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in candidates.items())
        hint = f"add framework = {wording.any_of([wording.literal(name) for name in candidates])}"
        return Finding("OCA114", f"{shown} fits several frameworks ({reasons})", (*loc, "source"), hint)
    kind = "a folder" if ref.path.is_dir() else "a Python file that imports none" if ref.symbol else "of no known type"
    hint = f"add framework = {wording.any_of([wording.literal(name) for name in FRAMEWORKS])}"
    return Finding("OCA114", f"the framework of {shown} is not clear: it is {kind}", (*loc, "source"), hint)


def _source(ref: SourceRef, name: str, table: Table, loc: Loc) -> Iterator[Finding]:
    """That the framework can open the source, and may."""
    where = (*loc, "source")
    shown = wording.quote(ref.relative)
    framework = FRAMEWORKS[name]
    if ref.path.is_dir() and not framework.recognise(ref.path, None):
        yield Finding("OCA112", f"{shown} is a folder, not a file", where, "name the file in it")
    elif ref.symbol and name == "onnx":
        yield Finding("OCA118", "an ONNX source is a file, not a callable", where, "name the .onnx file")
    elif not ref.symbol and not framework.recognise(ref.path, None):
        message = f"{shown} is not a file that {framework.title} models are in"
        yield Finding("OCA118", message, (*loc, _named(table)), "correct `source` or `framework`")
    elif name == "pytorch" and framework.executes(ref.path, ref.symbol) and pytorch.is_state_dict(ref.path):
        hint = f'write source = "file.py:callable" for the module and weights = {shown}'
        yield Finding("OCA118", f"{shown} holds only weights, not a model", where, hint)
    elif (what := framework.executes(ref.path, ref.symbol)) and not table.get("trust", False):
        yield Finding("OCA115", f"{shown} is {what}: loading it runs whatever code is in it", where)


def _keys(ref: SourceRef, name: str, table: Table, loc: Loc) -> Iterator[Finding]:
    """Keys that mean nothing, or something else, for this source. What [defaults] says is for models it fits."""
    if table.get("args") and not ref.symbol:
        yield Finding("OCA118", "`args` are for a `file.py:callable` source", (*loc, "args"), at_key=True)
    if "weights" in table:
        yield from _weights(ref, name, table, loc)
    if "signature" in table and not (name == "tensorflow" and (ref.symbol or ref.path.is_dir())):
        message = "`signature` is for a SavedModel, or for a `tf.Module` that a callable returns"
        yield Finding("OCA118", message, (*loc, "signature"), at_key=True)
    for key in table.get("export-options", {}):
        if key in _OWNED and name != "onnx":
            where = (*loc, "export-options", key)
            yield Finding("OCA118", f"`{key}` is the spec's own", where, f"use `{_OWNED[key]}`", at_key=True)
    if name == "pytorch":
        yield from _exporter(ref, table, loc)
        yield from _inputs(ref, table, loc)


def _weights(ref: SourceRef, name: str, table: Table, loc: Loc) -> Iterator[Finding]:
    suffix = "." + table["weights"].rpartition(".")[2].lower()
    # A TorchScript module takes another state, and an MXNet symbol has its parameters in another file.
    if not ref.symbol and (name not in ("pytorch", "mxnet") or ref.path.suffix == ".pt2"):
        message = f"`weights` are for a `file.py:callable` source; {wording.quote(ref.relative)} holds its own"
        yield Finding("OCA118", message, (*loc, "weights"), at_key=True)
    elif name in _WEIGHTS_OF and suffix in _WEIGHTS and suffix not in _WEIGHTS_OF[name]:
        message = f"a {suffix} file does not fit a {FRAMEWORKS[name].title} model"
        yield Finding("OCA118", message, (*loc, "weights"), f"give a {wording.any_of(_WEIGHTS_OF[name])} file")


def _exporter(ref: SourceRef, table: Table, loc: Loc) -> Iterator[Finding]:
    exporter = table.get("exporter", "auto")
    script = not ref.symbol and ref.path.suffix != ".pt2" and pytorch.is_torchscript(ref.path)
    if exporter == "torchscript" and ref.path.suffix == ".pt2":
        message = "an exported program can only be exported by dynamo"
        yield Finding("OCA118", message, (*loc, "exporter"), 'write exporter = "auto"')
    elif exporter == "dynamo" and script:
        message = "a TorchScript file can only be exported by the TorchScript exporter"
        yield Finding("OCA118", message, (*loc, "exporter"), 'write exporter = "auto"')


def _inputs(ref: SourceRef, table: Table, loc: Loc) -> Iterator[Finding]:
    """PyTorch modules and TorchScript files do not say what they take."""
    if ref.path.suffix == ".pt2":
        return
    inputs = table.get("inputs", {})
    if not inputs:
        hint = 'add inputs.NAME = { shape = ["batch", 3, 224, 224] }, one for each argument of forward()'
        yield Finding("OCA107", f"the model {wording.quote(str(loc[1]))} has no `inputs`", loc, hint, at_key=True)
    for name, entry in inputs.items():
        if "shape" not in entry and "data" not in entry:
            message = f"the input {wording.quote(name)} has no `shape`"
            yield Finding("OCA107", message, (*loc, "inputs", name), 'add shape = ["batch", ...]', at_key=True)
