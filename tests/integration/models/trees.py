"""Ensembles of trees, fitted in float64 on data of scikit-learn as most are; `main` converts one as skl2onnx does."""

import numpy as np


def fitted(name):
    import lightgbm as lgb
    import xgboost as xgb
    from sklearn import ensemble, tree
    from sklearn.datasets import load_breast_cancer, load_diabetes

    kinds = {
        "tree": tree.DecisionTreeClassifier(random_state=0),
        "forest": ensemble.RandomForestClassifier(20, random_state=0),
        "extra": ensemble.ExtraTreesRegressor(20, random_state=0),
        "boosting": ensemble.GradientBoostingClassifier(n_estimators=20, random_state=0),
        "histogram": ensemble.HistGradientBoostingClassifier(max_iter=20, random_state=0),
        "histogram_regressor": ensemble.HistGradientBoostingRegressor(max_iter=20, random_state=0),
        "xgboost": xgb.XGBClassifier(n_estimators=20),
        "lightgbm": lgb.LGBMRegressor(n_estimators=20, verbose=-1),
    }
    estimator = kinds[name]
    regresses = name in {"extra", "histogram_regressor", "lightgbm"}
    features, target = load_diabetes(return_X_y=True) if regresses else load_breast_cancer(return_X_y=True)
    return estimator.fit(features, target)


def gaps():
    """A forest that has learned a side for missing values."""
    from sklearn.datasets import load_breast_cancer
    from sklearn.ensemble import RandomForestClassifier

    features, target = load_breast_cancer(return_X_y=True)
    features[::3, ::2] = np.nan
    return RandomForestClassifier(20, random_state=0).fit(features, target)


def categories():
    """Trees that split by category."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    rng = np.random.default_rng(0)
    features = np.stack([rng.integers(0, 12, 500), rng.normal(size=500)], axis=1)
    return HistGradientBoostingClassifier(categorical_features=[0], max_iter=5).fit(features, features[:, 0] % 3 == 1)


def main(job):
    """A worker: the model as skl2onnx writes it by itself."""
    import onnx
    import skl2onnx

    estimator = fitted(job["name"])
    width = estimator.n_features_in_
    types = [("features", skl2onnx.common.data_types.FloatTensorType([None, width]))]
    options = {id(estimator): {"zipmap": False}} if hasattr(estimator, "predict_proba") else None
    model = skl2onnx.convert_sklearn(estimator, initial_types=types, target_opset=17, options=options)
    onnx.save(model, job.out / "model.onnx")
    return {}
