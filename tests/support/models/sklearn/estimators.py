"""The estimators of the support matrix, fitted on real data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import data
import numpy as np
from sklearn import cluster, decomposition, ensemble, linear_model, neighbors, neural_network, preprocessing, svm, tree
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.pipeline import Pipeline, make_pipeline

CLASSIFIERS: dict[str, tuple[Any, str]] = {
    "logistic": (linear_model.LogisticRegression(max_iter=1000), "wine"),
    "svc": (svm.SVC(), "wine"),
    "svc-binary": (svm.SVC(kernel="poly"), "cancer"),
    "nusvc": (svm.NuSVC(nu=0.2), "wine"),
    "forest": (ensemble.RandomForestClassifier(100, random_state=0), "digits"),
    "boosting": (ensemble.GradientBoostingClassifier(n_estimators=50, random_state=0), "wine"),
    "histogram": (ensemble.HistGradientBoostingClassifier(max_iter=50, random_state=0), "cancer"),
    "tree": (tree.DecisionTreeClassifier(random_state=0), "digits"),
    "neighbors": (neighbors.KNeighborsClassifier(), "iris"),
    "mlp": (neural_network.MLPClassifier((64, 32), max_iter=400, random_state=0), "digits"),
}

REGRESSORS: dict[str, tuple[Any, str]] = {
    "linear": (linear_model.LinearRegression(), "diabetes"),
    "svr": (svm.SVR(C=100), "diabetes"),
    "nusvr": (svm.NuSVR(C=100), "diabetes"),
    "forest": (ensemble.RandomForestRegressor(100, random_state=0), "diabetes"),
    "boosting": (ensemble.GradientBoostingRegressor(random_state=0), "diabetes"),
    "histogram": (ensemble.HistGradientBoostingRegressor(max_iter=50, random_state=0), "diabetes"),
    "histogram-poisson": (ensemble.HistGradientBoostingRegressor(loss="poisson", max_iter=50), "diabetes"),
    "tree": (tree.DecisionTreeRegressor(random_state=0), "diabetes"),
}

OTHERS: dict[str, tuple[Any, str]] = {
    "kmeans": (cluster.KMeans(3, n_init=3, random_state=0), "wine"),
    "minibatch-kmeans": (cluster.MiniBatchKMeans(10, n_init=3, random_state=0), "digits"),
    "standard": (preprocessing.StandardScaler(), "wine"),
    "minmax": (preprocessing.MinMaxScaler(), "wine"),
    "normalizer": (preprocessing.Normalizer(), "wine"),
    "pca": (decomposition.PCA(5, whiten=True), "wine"),
}


def _fitted(kinds: dict[str, tuple[Any, str]], name: str) -> Any:
    estimator, source = kinds[name]
    features, target = data.load(source, scaled=source in {"wine", "cancer", "diabetes"})
    return estimator.fit(features, target)


def classifier(name: str) -> Any:
    """A classifier of the list above."""
    return _fitted(CLASSIFIERS, name)


def regressor(name: str) -> Any:
    """A regressor of the list above."""
    return _fitted(REGRESSORS, name)


def other(name: str) -> Any:
    """A clustering or a transformer of the list above."""
    return _fitted(OTHERS, name)


def forest_with_gaps() -> Any:
    """A forest that has learned where missing values go."""
    features, target = data.load("cancer", scaled=True)
    return ensemble.RandomForestClassifier(30, random_state=0).fit(with_gaps(features), target)


def with_gaps(features: Any) -> Any:
    """The features with every seventh value missing."""
    return np.where(np.arange(features.size).reshape(features.shape) % 7 == 0, np.nan, features).astype(np.float32)


def columns() -> Any:
    """Numbers with gaps and text, by columns of a table, to words."""
    table = data.table()
    numbers = make_pipeline(SimpleImputer(strategy="median"), preprocessing.StandardScaler())
    words = make_pipeline(
        SimpleImputer(strategy="most_frequent", missing_values=""), preprocessing.OneHotEncoder(handle_unknown="ignore")
    )
    prepared = ColumnTransformer([("numbers", numbers, ["alcohol", "acid"]), ("words", words, ["hue", "body"])])
    model = linear_model.LogisticRegression(max_iter=1000)
    return Pipeline([("prepared", prepared), ("model", model)]).fit(table.drop(columns="kind"), table["kind"])


def text() -> Any:
    """TF-IDF of words, to the name of a data set."""
    texts, names = data.documents()
    return make_pipeline(TfidfVectorizer(), linear_model.LogisticRegression(C=10)).fit(texts, names)


def several_targets() -> Any:
    """Species, and whether the petals are long: three classes and two."""
    features, species = data.load("iris")
    targets = np.stack([species, (features[:, 2] > 4).astype(int)], axis=1)
    return MultiOutputClassifier(linear_model.LogisticRegression(max_iter=1000)).fit(features, targets)


def several_targets_forest() -> Any:
    """The same by one forest."""
    features, species = data.load("iris")
    targets = np.stack([species, (features[:, 2] > 4).astype(int)], axis=1)
    return ensemble.RandomForestClassifier(20, random_state=0).fit(features, targets)


def several_numbers() -> Any:
    """Weight, waist and pulse from exercises."""
    features, physique = data.load("linnerud", scaled=True)
    return MultiOutputRegressor(linear_model.Ridge()).fit(features, physique)
