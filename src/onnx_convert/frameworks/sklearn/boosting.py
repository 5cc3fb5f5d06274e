"""XGBoost and LightGBM: the converters of onnxmltools, made known to skl2onnx."""

from __future__ import annotations

import sys
from typing import Any

_CLASSIFIER = {"nocl": [True, False], "zipmap": [True, False, "columns"], "raw_scores": [True, False]}
_XGBOOST = ("XGBClassifier", "XGBRFClassifier", "XGBRegressor", "XGBRFRegressor", "XGBRanker")
_LIGHTGBM = ("LGBMClassifier", "LGBMRegressor", "LGBMRanker")


def register() -> None:
    """Make known the estimators of those packages that the source has imported; the others cannot be in it."""
    if "xgboost" in sys.modules:
        import xgboost  # noqa: PLC0415 - has been imported by the source
        from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost  # noqa: PLC0415

        for name in _XGBOOST:
            _register(getattr(xgboost, name), convert_xgboost)
    if "lightgbm" in sys.modules:
        import lightgbm  # noqa: PLC0415 - has been imported by the source
        from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm  # noqa: PLC0415

        for name in _LIGHTGBM:
            _register(getattr(lightgbm, name), convert_lightgbm)


def versions() -> dict[str, str]:
    """The versions of those that the source has imported, with their converter's."""
    used = [name for name in ("xgboost", "lightgbm") if name in sys.modules]
    return {
        name: sys.modules[name].__version__
        for name in (*used, *(("onnxmltools",) if used else ()))
        if name in sys.modules
    }


def _register(kind: Any, converter: Any) -> None:
    import skl2onnx  # noqa: PLC0415 - the errors of its import belong to the export
    from skl2onnx.common import shape_calculator as shapes  # noqa: PLC0415

    classifies = kind.__name__.endswith("Classifier")
    skl2onnx.update_registered_converter(
        kind,
        f"OnnxConvert{kind.__name__}",
        shapes.calculate_linear_classifier_output_shapes
        if classifies
        else shapes.calculate_linear_regressor_output_shapes,
        converter,
        options=_CLASSIFIER if classifies else {"split": None},
    )
