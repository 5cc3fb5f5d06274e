"""XGBoost and LightGBM, alone and in pipelines, fitted on real data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import data
import lightgbm as lgb
import xgboost as xgb
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

KINDS: dict[str, tuple[Any, str]] = {
    "xgb-binary": (xgb.XGBClassifier(n_estimators=50), "cancer"),
    "xgb-multiclass": (xgb.XGBClassifier(n_estimators=50), "digits"),
    "xgb-regressor": (xgb.XGBRegressor(n_estimators=50), "diabetes"),
    "xgb-poisson": (xgb.XGBRegressor(n_estimators=50, objective="count:poisson"), "diabetes"),
    "xgb-targets": (xgb.XGBRegressor(n_estimators=20), "linnerud"),
    "xgb-forest": (xgb.XGBRFClassifier(n_estimators=20), "wine"),
    "lgb-binary": (lgb.LGBMClassifier(n_estimators=50, verbose=-1), "cancer"),
    "lgb-multiclass": (lgb.LGBMClassifier(n_estimators=50, verbose=-1), "digits"),
    "lgb-regressor": (lgb.LGBMRegressor(n_estimators=50, verbose=-1), "diabetes"),
    "lgb-poisson": (lgb.LGBMRegressor(n_estimators=50, objective="poisson", verbose=-1), "diabetes"),
}


def model(name: str, *, pipeline: bool = False) -> Any:
    """A model of the list above; in a `pipeline`, behind a scaler."""
    estimator, source = KINDS[name]
    features, target = data.load(source)
    if pipeline:
        estimator = make_pipeline(StandardScaler(), estimator)
    return estimator.fit(features, target)


def named_columns() -> Any:
    """XGBoost fitted on a table: it keeps the names of the columns."""
    import pandas as pd

    features, target = data.load("wine")
    names = [f"measure {number}" for number in range(features.shape[1])]
    return xgb.XGBClassifier(n_estimators=20).fit(pd.DataFrame(features, columns=names), target)
