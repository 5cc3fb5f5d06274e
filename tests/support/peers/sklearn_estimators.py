"""Every estimator that skl2onnx registers a converter for, fitted on a data set that scikit-learn brings along.

`fitted(name)` is a source of onnx-convert; `samples(name)` are the values it is compared on.
"""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils import all_estimators

CLASSIFIERS = [("logistic", LogisticRegression(max_iter=500)), ("tree", DecisionTreeClassifier(max_depth=4))]
REGRESSORS = [("linear", LinearRegression()), ("tree", DecisionTreeRegressor(max_depth=4))]

ARGUMENTS: dict[str, dict[str, Any]] = {
    "BaggingClassifier": {"n_estimators": 5},
    "BaggingRegressor": {"n_estimators": 5},
    "ColumnTransformer": {"transformers": [("scaled", StandardScaler(), [0, 1]), ("small", MinMaxScaler(), [2, 3])]},
    "FeatureUnion": {"transformer_list": [("scaled", StandardScaler()), ("components", PCA(2))]},
    "FunctionTransformer": {},
    "GridSearchCV": {"estimator": LogisticRegression(max_iter=500), "param_grid": {"C": [0.1, 1.0]}},
    "KBinsDiscretizer": {"encode": "onehot-dense", "quantile_method": "averaged_inverted_cdf"},
    "KernelPCA": {"n_components": 3, "kernel": "rbf"},
    "GaussianRandomProjection": {"n_components": 2},
    "MLPClassifier": {"max_iter": 500},
    "MLPRegressor": {"max_iter": 500, "hidden_layer_sizes": (20,)},
    "MultiOutputClassifier": {"estimator": LogisticRegression(max_iter=500)},
    "MultiOutputRegressor": {"estimator": Ridge()},
    "OneHotEncoder": {"sparse_output": False, "handle_unknown": "ignore"},
    "OneVsOneClassifier": {"estimator": LogisticRegression(max_iter=500)},
    "OneVsRestClassifier": {"estimator": LogisticRegression(max_iter=500)},
    "Pipeline": {"steps": [("scaled", StandardScaler()), ("model", LogisticRegression())]},
    "RFE": {"estimator": LogisticRegression(max_iter=500), "n_features_to_select": 2},
    "RFECV": {"estimator": LogisticRegression(max_iter=500)},
    "RadiusNeighborsClassifier": {"radius": 3.0},
    "RadiusNeighborsRegressor": {"radius": 3.0},
    "RandomTreesEmbedding": {"n_estimators": 3, "max_depth": 3, "sparse_output": False},
    "SelectFromModel": {"estimator": RandomForestClassifier(10, random_state=0)},
    "SelectKBest": {"k": 2},
    "GenericUnivariateSelect": {"mode": "k_best", "param": 2},
    "SelectPercentile": {"percentile": 50},
    "StackingClassifier": {"estimators": CLASSIFIERS},
    "StackingRegressor": {"estimators": REGRESSORS},
    "TunedThresholdClassifierCV": {"estimator": LogisticRegression(max_iter=500)},
    "VotingClassifier": {"estimators": CLASSIFIERS, "voting": "soft"},
    "VotingRegressor": {"estimators": REGRESSORS},
    "LocalOutlierFactor": {"novelty": True},
    "IsolationForest": {"n_estimators": 20},
    "CastTransformer": {"dtype": np.float32},
    "CastRegressor": {"estimator": LinearRegression()},
    "ReplaceTransformer": {"from_value": 0, "to_value": 1, "dtype": np.float32},
    "LogisticRegression": {"max_iter": 500},
    "LogisticRegressionCV": {"max_iter": 500, "use_legacy_attributes": False, "l1_ratios": (0,)},
}
"""What an estimator needs, or needs to be small; all else is scikit-learn's default."""

DATA = {
    "words": ("CountVectorizer", "TfidfVectorizer"),
    "counts": ("TfidfTransformer", "MultinomialNB", "ComplementNB"),
    "bits": ("BernoulliNB", "Binarizer"),
    "grades": ("CategoricalNB", "OrdinalEncoder", "OneHotEncoder"),
    "towns": ("TargetEncoder",),
    "labels": ("LabelEncoder",),
    "classes": ("LabelBinarizer",),
    "gaps": ("SimpleImputer", "KNNImputer"),
    "body": (
        "MultiOutputRegressor",
        "PLSRegression",
        *(f"MultiTask{n}{s}" for n in ("Lasso", "ElasticNet") for s in ("", "CV")),
    ),
    "flowers": ("MultiOutputClassifier",),
    "kernel": ("KernelCenterer",),
    "cancer": ("TunedThresholdClassifierCV", "GaussianProcessClassifier", "NearestNeighbors", "LocalOutlierFactor"),
    "dicts": ("DictVectorizer", "FeatureHasher"),
    "positive": ("GammaRegressor",),
}

TEXT = (
    "the quick brown fox jumps over the lazy dog",
    "a fox is not a dog",
    "dogs and foxes are not lazy at all",
    "Pack my box with five dozen liquor jugs!",
    "the five boxing wizards jump quickly",
    "how vexingly quick daft zebras jump",
    "zebras are lazy, wizards are quick",
    "box of jugs, box of foxes",
)


def names() -> list[str]:
    """The public estimators that skl2onnx has a converter for, and its own."""
    from skl2onnx._supported_operators import sklearn_operator_name_map

    public = {kind for _, kind in all_estimators()} | {
        kind for kind in sklearn_operator_name_map if getattr(kind, "__module__", "").startswith("skl2onnx.")
    }
    return sorted(kind.__name__ for kind in sklearn_operator_name_map if kind in public)


def fitted(name: str) -> Any:
    """The estimator of that name, fitted."""
    kind = _kinds()[name]
    arguments = dict(ARGUMENTS.get(name, {}))
    if "random_state" in kind._get_param_names():
        arguments["random_state"] = 0
    estimator = kind(**arguments)
    features, target = _data(data_of(name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(features) if name in _UNSUPERVISED else estimator.fit(features, target)


_UNSUPERVISED = frozenset({"LabelEncoder", "LabelBinarizer", "KernelCenterer"})


def samples(name: str) -> Any:
    """The values an estimator is compared on: the features of its data set."""
    return _data(data_of(name))[0]


def data_of(name: str) -> str:
    """Which data set an estimator gets: the one that its inputs ask for, else iris or diabetes by its kind."""
    for data, users in DATA.items():
        if name in users:
            return data
    kind = _kinds()[name]
    return "diabetes" if issubclass(kind, _regressor_mixin()) else "iris"


def _regressor_mixin() -> type:
    from sklearn.base import RegressorMixin

    return RegressorMixin


@cache
def _kinds() -> dict[str, Any]:
    from skl2onnx._supported_operators import sklearn_operator_name_map

    return {kind.__name__: kind for kind in sklearn_operator_name_map if isinstance(kind, type)}


@cache
def _data(name: str) -> tuple[Any, Any]:
    return _SETS[name]()


def _iris() -> tuple[Any, Any]:
    features, species = datasets.load_iris(return_X_y=True)
    return features.astype(np.float32), species


def _scaled(loader: Any, rows: int | None = None, **options: Any) -> tuple[Any, Any]:
    features, target = loader(return_X_y=True, **options)
    return StandardScaler().fit_transform(features)[:rows].astype(np.float32), target[:rows]


def _digits(change: Any) -> tuple[Any, Any]:
    features, value = datasets.load_digits(return_X_y=True)
    return change(features[:300]).astype(np.float32), value[:300]


def _towns() -> tuple[Any, Any]:
    features, _ = _iris()
    towns = np.array(["Lyon", "Oslo", "Turin"])[np.floor(features[:, :2]).astype(int) % 3]
    return towns.astype(object), features[:, 2].astype(float)


def _gaps() -> tuple[Any, Any]:
    features, species = _iris()
    features[::7, 1] = features[::5, 3] = np.nan
    return features, species


def _flowers() -> tuple[Any, Any]:
    features, species = _iris()
    return features, np.stack([species, (features[:, 0] > 6).astype(int)], axis=1)


_SETS: dict[str, Any] = {
    "iris": _iris,
    "cancer": lambda: _scaled(datasets.load_breast_cancer, 200),
    "diabetes": lambda: _scaled(datasets.load_diabetes, scaled=False),
    "positive": lambda: _scaled(datasets.load_diabetes, scaled=False),
    "counts": lambda: _digits(np.asarray),
    "bits": lambda: _digits(lambda digits: digits > 7),
    "grades": lambda: (np.floor(_iris()[0]).astype(np.int64), _iris()[1]),
    "towns": _towns,
    "labels": lambda: (_iris()[1].astype(np.int64), None),
    "classes": lambda: (_iris()[1].astype(np.int64), None),
    "gaps": _gaps,
    "body": lambda: _scaled(datasets.load_linnerud),
    "flowers": _flowers,
    "kernel": lambda: (_iris()[0] @ _iris()[0].T, None),
    "words": lambda: (np.array(TEXT, dtype=object), np.arange(len(TEXT)) % 2),
    "dicts": lambda: ([{"a": 1.0, "b": 2.0}, {"a": 3.0}], None),
}
