"""The examples of jax2onnx's own test suite, which come with its package, through onnx-convert and through itself.

    python jax_examples.py write FOLDER           # cases, samples and an onnx-convert.toml; in the environment of JAX
    onnx-convert run FOLDER/onnx-convert.toml --no-benchmark --out FOLDER/out
    python jax_examples.py theirs FOLDER          # jax2onnx's own to_onnx and allclose; in the environment of JAX
    python jax_examples.py summary FOLDER jax2onnx.json

`example` is the source of each model.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import json
import logging
import pkgutil
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

RULE = (
    "The first test case of every example that jax2onnx registers, static or dynamic as it is written there, with its "
    "own tolerances. `input_params` are fixed rather than made inputs. Ours at opset 17; theirs at the case's own "
    "opset (23 but for four), by jax2onnx's to_onnx and allclose."
)
OPSET = 17
BATCH = (2, 3)
"""Sizes of each symbolic dimension; jax2onnx's own suite has 3 for them."""


@dataclass(frozen=True)
class Case:
    """A test case as jax2onnx describes it, and the module that registers it."""

    name: str
    key: str
    module: str
    facts: dict[str, Any]

    @property
    def double(self) -> bool:
        """Whether the suite runs it with 64 bits."""
        facts = self.facts
        wanted = facts.get("run_only_f64_variant") or facts.get("enable_double_precision")
        return bool(wanted or str(facts["testcase"]).endswith("_f64"))

    @property
    def tolerances(self) -> tuple[float, float]:
        """Relative and absolute, as the suite has them."""
        kind, defaults = ("f64", (1e-7, 1e-7)) if self.double else ("f32", (1e-5, 1e-5))
        rtol, atol = (self.facts.get(f"{t}_{kind}", self.facts.get(t)) for t in ("rtol", "atol"))
        return (defaults[0] if rtol is None else float(rtol), defaults[1] if atol is None else float(atol))

    def inputs(self) -> list[tuple[tuple[int | str, ...], np.dtype[Any], np.ndarray[Any, Any] | None]]:
        """Shape, dtype and the given values of each input."""
        values = self.facts.get("input_values")
        shapes, dtypes = self.facts.get("input_shapes"), self.facts.get("input_dtypes")
        if shapes is None:
            arrays = [np.asarray(value) for value in values or ()]
            return [(a.shape, self._dtype(a.dtype), a.astype(self._dtype(a.dtype))) for a in arrays]
        given = dtypes or [np.float32] * len(shapes)
        return [(_shape(s), self._dtype(np.dtype(d)), None) for s, d in zip(shapes, given, strict=True)]

    def _dtype(self, dtype: np.dtype[Any]) -> np.dtype[Any]:
        if dtype.kind == "f":
            return np.dtype(np.float64 if self.double else np.float32)
        return np.dtype(np.int32) if dtype == np.int64 and not self.double else dtype

    def callable(self) -> Any:
        """What the case converts, made anew."""
        found = self.facts["callable"]
        if hasattr(found, "instantiate"):
            found = found.with_dtype(np.float64 if self.double else np.float32).instantiate()
        parameters = self.facts.get("input_params")
        return functools.partial(found, **parameters) if parameters else found


def cases() -> Iterator[Case]:
    """Every example's first case, in the order of their modules."""
    from jax2onnx.plugins import examples

    for found in pkgutil.walk_packages(examples.__path__, f"{examples.__name__}."):
        if not found.ispkg:
            yield from _cases_of(found.name)


def example(module: str, key: str) -> Any:
    """The model of a case: a source of onnx-convert."""
    return next(case for case in _cases_of(module) if case.key == key).callable()


def _cases_of(module: str) -> list[Case]:
    from jax2onnx.plugins.plugin_system import EXAMPLE_REGISTRY

    logging.getLogger("jax2onnx.plugins.plugin_system").setLevel(logging.ERROR)
    before = dict(EXAMPLE_REGISTRY)
    EXAMPLE_REGISTRY.clear()
    # A second time, where a template process has imported it already: that one only traced it.
    importlib.reload(importlib.import_module(module))
    registered = dict(EXAMPLE_REGISTRY)
    EXAMPLE_REGISTRY.clear()
    EXAMPLE_REGISTRY.update(before)
    return [
        Case("".join(c if c.isalnum() else "-" for c in key.removeprefix("examples.")), key, module, facts[0])
        for key, metadata in registered.items()
        if (facts := metadata.get("testcases"))
    ]


def _shape(given: Any) -> tuple[int | str, ...]:
    return tuple(given) if isinstance(given, list | tuple) else (given,)


def write(folder: Path) -> None:
    """The spec of all cases, with their samples as files."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(__file__, folder / "jax_examples.py")
    lines = ["spec-version = 1", "[defaults]", f"opset = {OPSET}"]
    for case in cases():
        rtol, atol = case.tolerances
        lines += ["", f"[models.{case.name}]", 'framework = "jax"', 'source = "jax_examples.py:example"']
        lines.append(f'args = {{ module = "{case.module}", key = "{case.key}" }}')
        lines.append(f"parity = {{ rtol = {rtol}, atol = {atol}, samples = 1 }}")
        lines += [_input(folder, case, position, *each) for position, each in enumerate(case.inputs())]
        axes = dict.fromkeys(a for shape, _, _ in case.inputs() for a in shape if isinstance(a, str))
        if axes:
            lines.append(f"dims = {{ {', '.join(f'{axis} = {list(BATCH)}' for axis in axes)} }}")
        options = {key: list(case.facts[key]) for key in ("inputs_as_nchw", "outputs_as_nchw") if case.facts.get(key)}
        if case.double:
            options["enable_double_precision"] = True  # type: ignore[assignment]
        if options:
            lines.append(f"export-options = {{ {', '.join(f'{k} = {json.dumps(v)}' for k, v in options.items())} }}")
    (folder / "onnx-convert.toml").write_text("\n".join(lines) + "\n", "utf-8")


def _input(folder: Path, case: Case, position: int, shape: Any, dtype: np.dtype[Any], values: Any) -> str:
    if position in (case.facts.get("inputs_as_nchw") or ()):
        shape = tuple(shape[axis] for axis in (0, 3, 1, 2))
    given = ""
    if values is not None:
        file = f"{case.name}-{position}.npy"
        np.save(folder / file, values[None])
        given = f', data = "{file}"'
    elif dtype.kind in "iu":
        given = ", range = [0, 4]"
    elif dtype.kind == "f":
        given = ", range = [-0.5, 0.5]"
    return f'inputs.in_{position} = {{ shape = {json.dumps(list(shape))}, dtype = "{dtype.name}"{given} }}'


def theirs(folder: Path) -> None:
    """Whether jax2onnx's own export and comparison accept each case; written case by case."""
    results = {}
    for case in cases():
        results[case.name] = reason = _accepted(case, folder)
        print(f"{case.name}: {reason or 'passed'}", flush=True)
        (folder / "theirs.json").write_text(json.dumps(results, indent=1), "utf-8")


def _accepted(case: Case, folder: Path) -> str | None:
    import jax
    import jax2onnx

    path = str(folder / "theirs.onnx")
    rtol, atol = case.tolerances
    rng = np.random.default_rng(int(hashlib.sha256(case.name.encode()).hexdigest()[:16], 16))
    jax.config.update("jax_enable_x64", case.double)
    layout = {key: case.facts.get(key) for key in ("inputs_as_nchw", "outputs_as_nchw")}
    try:
        function, inputs = case.callable(), case.inputs()
        jax2onnx.to_onnx(
            function,
            [jax.ShapeDtypeStruct(shape, dtype) for shape, dtype, _ in inputs],
            opset=case.facts.get("opset_version", 23),
            enable_double_precision=case.double,
            return_mode="file",
            output_path=path,
            **layout,
        )
        arrays = [_sample(rng, *each) for each in inputs]
        passed, message = jax2onnx.allclose(
            function, path, arrays, None, rtol, atol, enable_double_precision=case.double, **layout
        )
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return None if passed else message.splitlines()[0]


def _sample(rng: np.random.Generator, shape: Any, dtype: np.dtype[Any], values: Any) -> Any:
    if values is not None:
        return values
    sizes = tuple(BATCH[-1] if isinstance(axis, str) else axis for axis in shape)
    if dtype.kind in "iu":
        return rng.integers(0, 5, size=sizes).astype(dtype)
    return rng.random(sizes) > 0.5 if dtype.kind == "b" else (rng.standard_normal(sizes) * 0.25).astype(dtype)


def summary(folder: Path, result: Path) -> None:
    """The file that the support matrix reads, see README.md."""
    accepted = json.loads((folder / "theirs.json").read_text("utf-8"))
    report = json.loads((folder / "out" / "report.json").read_text("utf-8"))
    rows = [_row(model, accepted) for model in report["models"]]
    found = {
        "peer": "jax2onnx",
        "version": version("jax2onnx"),
        "framework": "jax",
        "rule": RULE,
        "opset": OPSET,
        "cases": len(rows),
        "ours": {"passed": sum(row["ours"] == "passed" for row in rows)},
        "theirs": {"passed": sum(row["theirs"] == "passed" for row in rows)},
        "rows": rows,
    }
    result.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


def _row(model: dict[str, Any], accepted: dict[str, str | None]) -> dict[str, Any]:
    name = model["name"]
    row = {"name": name, "ours": model["status"], "theirs": "failed" if accepted[name] else "passed"}
    if model["status"] != "passed":
        first = next(d for d in model["diagnostics"] if d["severity"] == "error")
        row |= {"code": first["code"], "reason": first["message"].splitlines()[0][:300]}
    worst = [case["max_abs"] for case in model["parity"]["cases"] if case.get("max_abs") is not None]
    return row | ({"worst": max(worst)} if worst else {})


if __name__ == "__main__":
    commands = {"write": write, "theirs": theirs, "summary": summary}
    commands[sys.argv[1]](*map(Path, sys.argv[2:]))
