"""scikit-learn, XGBoost and LightGBM: fitted estimators and pipelines, pickled or made by Python code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.frameworks import files
from onnx_convert.frameworks.interface import Framework

if TYPE_CHECKING:
    from pathlib import Path

    from onnx_convert.spec.model import Model

_PACKAGES = frozenset({"sklearn", "xgboost", "lightgbm"})
_PICKLES = {".joblib": "a joblib pickle", ".pkl": "a pickle", ".pickle": "a pickle"}


def recognise(path: Path, symbol: str | None) -> str | None:
    """Pickles and skops files by their ending, Python files by what they import."""
    if symbol:
        return files.imports(path, _PACKAGES)
    return "a skops file" if path.suffix == ".skops" else _PICKLES.get(path.suffix)


def executes(path: Path, symbol: str | None) -> str | None:
    """Pickles of any kind; skops loads only types it knows."""
    return None if symbol else _PICKLES.get(path.suffix)


def exporters(model: Model, opset: int) -> tuple[tuple[str, ...], str]:
    """There is one."""
    return ("skl2onnx",), "the converter of scikit-learn"


FRAMEWORK = Framework(
    name="sklearn",
    environment="sklearn",
    worker="onnx_convert.frameworks.sklearn.worker",
    preload=("numpy", "scipy", "pandas", "sklearn", "joblib", "onnx", "skl2onnx"),
    recognise=recognise,
    executes=executes,
    exporters=exporters,
    title="scikit-learn",
)
