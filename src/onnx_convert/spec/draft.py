"""A first spec from the models that are found in a repository, for `onnx-convert init`.

Models that need nothing more are written out; the others stand as comments that say what to fill in.
"""

from __future__ import annotations

import ast
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert.frameworks.pytorch import source as pytorch
from onnx_convert.frameworks.registry import FRAMEWORKS, recognise
from onnx_convert.spec import python_file
from onnx_convert.spec.rules import RESERVED
from onnx_convert.spec.source import PathError, SourceRef, check_content, inside

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_LIMIT = 50_000
_SKIPPED = {"node_modules", "venv", "env", "site-packages", "__pycache__", "build", "dist", "onnx-convert-out"}
_MODELS = {".onnx", ".joblib", ".pkl", ".pickle", ".skops", ".pt", ".pth", ".pt2", ".ts", ".torchscript"}
_MODULES = {"nn.Module", "torch.nn.Module", "Module", "LightningModule", "pl.LightningModule", "L.LightningModule"}
_HEAD = """\
# What to convert to ONNX, and how to prove that the result is the same.
# `onnx-convert check` says what is still missing; docs/spec.md of onnx-convert-action describes every key.
spec-version = 1

[defaults]
opset = 17
"""
_INPUTS = """\
inputs.input = { shape = ["batch", 3, 224, 224] }    # one for each argument of forward(); a name is a dynamic dimension
"""
_NOTHING = """
# No model was found. Name one:
#
# [models.my-model]
# source = "models/my_model.py:MyModel"
# inputs.input = { shape = ["batch", 3, 224, 224] }    # one for each argument of forward()
"""


def draft(root: Path) -> str:
    """A first spec of the models below a folder, in order of their paths. The folder is the repository's root."""
    root = root.resolve()
    taken: set[str] = set()
    blocks = [block for path in _files(root) for block in _blocks(path.relative_to(root).as_posix(), root, taken)]
    return _HEAD + ("".join(f"\n{block}" for block in blocks) if blocks else _NOTHING)


def _files(root: Path) -> list[Path]:
    """Files that may hold models, sorted; hidden and generated folders are left out, links are not followed."""
    found: list[Path] = []
    seen = 0
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        seen += len(names)
        if seen > FILE_LIMIT:
            break
        found += [Path(folder, name) for name in names if Path(name).suffix in _MODELS | {".py"}]
    # Names that cannot be shown cannot be written into a spec either: undecodable bytes, control characters.
    return sorted(path for path in found if str(path).isprintable())


def _blocks(relative: str, root: Path, taken: set[str]) -> Iterator[str]:
    if relative.endswith(".py"):
        for name, required in _modules(root / relative):
            yield _python(relative, name, required, taken)
        return
    try:
        check_content(relative, inside(relative, root))
        ref = SourceRef.parse(relative, root)
    except PathError:
        return
    framework = recognise(ref).framework
    if framework in FRAMEWORKS and not (framework == "pytorch" and pytorch.is_state_dict(ref.path)):
        yield _file(ref, framework, taken)


def _file(ref: SourceRef, framework: str, taken: set[str]) -> str:
    table = f"[models.{_name(Path(ref.relative).stem, taken)}]\nsource = {_string(ref.relative)}\n"
    what = FRAMEWORKS[framework].executes(ref.path, None)
    if what:
        table += f"trust = true    # the source is {what}: loading it runs the code in it\n"
    if framework == "pytorch" and ref.path.suffix != ".pt2":
        return _comment("This file does not say what the model takes: fill in its inputs.", table + _INPUTS)
    if what:
        return _comment("Loading this file runs code: allow it if you trust everyone who can change it.", table)
    return table


def _python(relative: str, name: str, required: tuple[str, ...], taken: set[str]) -> str:
    table = f"[models.{_name(_kebab(name), taken)}]\nsource = {_string(f'{relative}:{name}')}\n"
    if required:
        table += f"args = {{ {', '.join(f'{parameter} = 1' for parameter in required)} }}    # the module's own\n"
    return _comment("A PyTorch module: fill in its inputs, and `weights` if there is a checkpoint.", table + _INPUTS)


def _comment(reason: str, table: str) -> str:
    return f"# {reason}\n" + "".join(f"# {line}\n" for line in table.splitlines())


def _modules(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Modules of a file that no other code in it uses, so not mere parts of one; with the parameters they require."""
    try:
        if not python_file.read(path).packages & {"torch", "lightning", "pytorch_lightning"}:
            return
        module = python_file.parse(path)
    except python_file.PythonFileError:
        return
    used = {node.id for node in ast.walk(module) if isinstance(node, ast.Name)}
    for statement in module.body:
        if not isinstance(statement, ast.ClassDef) or statement.name in used:
            continue
        if {ast.unparse(base) for base in statement.bases} & _MODULES:
            yield statement.name, _required(statement)


def _required(statement: ast.ClassDef) -> tuple[str, ...]:
    """The parameters of `__init__` that have no default."""
    for inner in statement.body:
        if isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
            positional = [*inner.args.posonlyargs, *inner.args.args]
            required = [one.arg for one in positional[1 : len(positional) - len(inner.args.defaults)]]
            keyword = zip(inner.args.kwonlyargs, inner.args.kw_defaults, strict=True)
            return (*required, *(one.arg for one, default in keyword if default is None))
    return ()


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def _name(wanted: str, taken: set[str]) -> str:
    """A model name that is valid, and not taken in any case."""
    base = re.sub(r"[^A-Za-z0-9_-]+", "-", wanted).strip("-_")[:90] or "model"
    base = f"model-{base}" if base.casefold() in RESERVED else base
    name, number = base, 2
    while name.casefold() in taken:
        name, number = f"{base}-{number}", number + 1
    taken.add(name.casefold())
    return name


def _string(text: str) -> str:
    # JSON's escapes are TOML's
    return json.dumps(text, ensure_ascii=False)
