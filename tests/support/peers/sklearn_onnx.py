"""sklearn-onnx's estimators as input: every public one that it registers a converter for.

    python sklearn_onnx.py OUTDIR            writes OUTDIR/onnx-convert.toml with its sources and samples
    python sklearn_onnx.py OUTDIR --theirs   writes OUTDIR/theirs.json: its own call with its own comparison
    python sklearn_onnx.py OUTDIR --join     writes sklearn_onnx.json here from OUTDIR/theirs.json and out/report.json

All run with the Python of the sklearn environment (`onnx-convert env build sklearn` prints it); `--theirs` needs
onnxruntime beside it on PYTHONPATH. Between the first and the last: `onnx-convert run --no-benchmark` in OUTDIR.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
OPSETS = {"KNNImputer": 18}
"""Where the converter itself wants more than 17."""

_PATHS = re.compile(r"/\S*/(?=[\w.]+)")
"""Folders of the machine that it ran on."""

RULE = (
    "every public estimator of scikit-learn, and of skl2onnx.sklapi, with a registered converter, fitted with "
    "its default parameters where these convert on a data set of scikit-learn. Theirs: to_onnx(model, X) with its "
    "defaults and onnxruntime on all samples, with the tolerance of ours (rtol 1e-3, atol 1e-5)"
)


def main(arguments: list[str]) -> None:
    """Do what the arguments ask for."""
    out = Path(arguments[0])
    if arguments[1:] == ["--theirs"]:
        (out / "theirs.json").write_text(json.dumps(theirs(), indent=1), "utf-8")
    elif arguments[1:] == ["--join"]:
        (HERE / "sklearn_onnx.json").write_text(join(out), "utf-8")
    else:
        write(out)


def write(out: Path) -> None:
    """The spec, its one source and the samples."""
    import sklearn_estimators as estimators

    (out / "data").mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "sklearn_estimators.py", out / "estimators.py")
    lines = ["spec-version = 1", ""]
    for name in estimators.names():
        lines += [f"[models.{name}]", 'source = "estimators.py:fitted"', f'args = {{ name = "{name}" }}']
        samples = estimators.samples(name)
        if isinstance(samples, np.ndarray):
            data = f"data/{estimators.data_of(name)}.npy"
            text = samples.dtype == object
            np.save(out / data, samples.astype(np.str_) if text else samples)
            shape = ", ".join(["batch", *map(str, samples.shape[1:])]).replace("batch", '"batch"')
            dtype = "string" if text else samples.dtype.name
            lines.append(f'inputs.features = {{ shape = [{shape}], dtype = "{dtype}", data = "{data}" }}')
            lines.append(f"dims = {{ batch = [1, {min(50, len(samples))}] }}")
        lines += [f"opset = {OPSETS[name]}"] if name in OPSETS else []
        lines.append("")
    (out / "onnx-convert.toml").write_text("\n".join(lines), "utf-8")


def theirs() -> dict[str, dict[str, str]]:
    """Whether sklearn-onnx's own call and comparison accept each estimator, and if not, what was raised."""
    import sklearn_estimators as estimators

    warnings.simplefilter("ignore")
    found = {}
    for name in estimators.names():
        try:
            _their_way(estimators.fitted(name), estimators.samples(name))
            found[name] = {"theirs": "passed"}
        except Exception as error:  # whatever the peer raises is its result
            line = next((line for line in str(error).splitlines() if line.strip()), "").strip()[:200]
            found[name] = {"theirs": "failed", "reason": f"{type(error).__name__}: {line}"}
        print(name, found[name], flush=True)
    return found


def _their_way(estimator: Any, samples: Any) -> None:
    import onnxruntime
    import pandas as pd
    from numpy.testing import assert_allclose
    from skl2onnx import to_onnx

    session = onnxruntime.InferenceSession(
        to_onnx(estimator, samples[:1]).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    for expected, actual in zip(_expected(estimator, samples), session.run(None, {"X": samples}), strict=False):
        maps = isinstance(actual, list) and isinstance(actual[0], dict)  # ZipMap's
        given = pd.DataFrame(actual).values if maps else actual
        wanted = expected.toarray() if hasattr(expected, "toarray") else expected
        for one, other in zip(*((wanted, given) if isinstance(wanted, list) else ([wanted], [given])), strict=True):
            if np.asarray(one).dtype.kind in "OUS":
                assert np.array_equal(np.ravel(one), np.ravel(other))
            else:
                assert_allclose(np.ravel(other), np.ravel(one), rtol=1e-3, atol=1e-5)


def _expected(estimator: Any, samples: Any) -> list[Any]:
    from sklearn.base import is_classifier, is_outlier_detector

    methods = ["transform"]
    if hasattr(estimator, "predict") and not hasattr(estimator, "get_support"):
        methods = ["predict"]
        scores = ("predict_proba", "decision_function") if is_classifier(estimator) else ("transform",)
        scores = ("decision_function",) if is_outlier_detector(estimator) else scores
        methods += [one for one in scores if hasattr(estimator, one)][:1]
    elif hasattr(estimator, "kneighbors") and not hasattr(estimator, "transform"):
        return list(reversed(estimator.kneighbors(samples)))
    return [getattr(estimator, method)(samples) for method in methods]


def join(out: Path) -> str:
    """The table of both, in the format of peers/README.md."""
    import skl2onnx

    other = json.loads((out / "theirs.json").read_text("utf-8"))
    report = {row["name"]: row for row in json.loads((out / "out" / "report.json").read_text("utf-8"))["models"]}
    rows = []
    for name in sorted(other):
        row = report[name]
        one: dict[str, Any] = {"name": name, "ours": row["status"]}
        if row["status"] != "passed":
            error = next(found for found in row["diagnostics"] if found["severity"] == "error")
            one |= {"code": error["code"], "reason": _PATHS.sub("", error["message"].splitlines()[0])}
        one["theirs"] = other[name]["theirs"]
        errors = [case["max_abs"] for case in (row.get("parity") or {}).get("cases", []) if case["max_abs"] is not None]
        rows.append(one | ({"worst": max(errors)} if errors else {}))
    passed = {side: sum(row[side] == "passed" for row in rows) for side in ("ours", "theirs")}
    head = {"peer": "sklearn-onnx", "version": skl2onnx.__version__, "framework": "sklearn", "rule": RULE}
    counts = {"cases": len(rows), **{side: {"passed": count} for side, count in passed.items()}}
    return json.dumps(head | counts | {"rows": rows}, indent=1) + "\n"


if __name__ == "__main__":
    main(sys.argv[1:])
