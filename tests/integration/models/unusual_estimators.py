"""Estimators that skl2onnx refuses or gets wrong by itself, on data of scikit-learn."""

import numpy as np
import pandas as pd
from sklearn import datasets
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier, VotingClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import NearestNeighbors, RadiusNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC, NuSVC, OneClassSVM
from sklearn.tree import DecisionTreeClassifier

IRIS, SPECIES = datasets.load_iris(return_X_y=True)
TOWNS = np.array([["Lyon"], ["Oslo"], ["Turin"]], dtype=object)
TEXTS = ["Éric boxes with five dozen jugs", "the quick brown fox", "a lazy dog and a fox", "five wizards jump"]


def nusvc():
    return NuSVC(nu=0.2).fit(IRIS, SPECIES)


def svc_pipeline():
    return make_pipeline(StandardScaler(), SVC()).fit(IRIS, SPECIES)


def voting():
    members = [("l", LogisticRegression(max_iter=500)), ("t", DecisionTreeClassifier(max_depth=3))]
    return VotingClassifier(members, voting="soft").fit(IRIS, SPECIES)


def radius():
    return RadiusNeighborsClassifier(10.0).fit(IRIS, SPECIES)


def nearest():
    return NearestNeighbors(n_neighbors=3).fit(datasets.load_diabetes().data)


def poisson():
    return HistGradientBoostingRegressor(loss="poisson", max_iter=10).fit(*datasets.load_diabetes(return_X_y=True))


def targets(kind):
    two = np.stack([SPECIES, (IRIS[:, 2] > 4).astype(int)], axis=1)
    model = MultiOutputClassifier(LogisticRegression(max_iter=500)) if kind == "each" else RandomForestClassifier(5)
    return model.fit(IRIS, two)


def text():
    return make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(TEXTS, [0, 1, 0, 1])


def xgboost(kind):
    import xgboost as xgb

    if kind == "columns":
        table = pd.DataFrame(IRIS, columns=["sepal length", "sepal width", "petal length", "petal width"])
        return xgb.XGBClassifier(n_estimators=10).fit(table, SPECIES)
    if kind == "classes":
        return xgb.XGBRFClassifier(n_estimators=10).fit(IRIS, SPECIES)
    if kind == "targets":
        return xgb.XGBRegressor(n_estimators=10).fit(*datasets.load_linnerud(return_X_y=True))
    if kind == "pipeline":
        features, malign = datasets.load_breast_cancer(return_X_y=True)
        return make_pipeline(StandardScaler(), xgb.XGBClassifier(n_estimators=50)).fit(
            features.astype(np.float32), malign
        )
    return xgb.XGBRegressor(booster="dart", n_estimators=5).fit(*datasets.load_diabetes(return_X_y=True))


def lightgbm(kind):
    import lightgbm as lgb

    if kind == "words":
        names = np.array(["setosa", "versicolor", "virginica"])[SPECIES]
        return lgb.LGBMClassifier(n_estimators=10, verbose=-1).fit(IRIS, names)
    return lgb.LGBMClassifier(boosting_type="rf", bagging_freq=1, bagging_fraction=0.7, verbose=-1).fit(IRIS, SPECIES)


def dictionaries():
    return make_pipeline(DictVectorizer(), LogisticRegression()).fit([{"a": 1.0}, {"b": 2.0}], [0, 1])


def mixed():
    table = pd.DataFrame({"town": TOWNS[:, 0], "size": [1.0, 2.0, 3.0]})
    columns = ColumnTransformer([("t", OneHotEncoder(), ["town"]), ("s", StandardScaler(), ["size"])])
    return make_pipeline(columns, LogisticRegression()).fit(table, [0, 1, 0])


def scaled():
    return StandardScaler().fit(IRIS)


def towns():
    return OneHotEncoder().fit(TOWNS)


def accents():
    return CountVectorizer(strip_accents="unicode").fit(TEXTS)


def own_tokens():
    return TfidfVectorizer(tokenizer=str.split, token_pattern=None).fit(TEXTS)


def function():
    return make_pipeline(FunctionTransformer(np.log1p), LogisticRegression(max_iter=500)).fit(IRIS, SPECIES)


def text_gaps():
    return SimpleImputer(strategy="most_frequent").fit(TOWNS)


def neighbours_of_gaps():
    return KNNImputer().fit(np.where(IRIS > 6, np.nan, IRIS))


def one_class():
    return OneClassSVM().fit(IRIS)


def main(job):
    """A worker: saves the samples that tests compare on."""
    np.save(job.out / "iris.npy", IRIS.astype(np.float32))
    np.save(job.out / "cancer.npy", datasets.load_breast_cancer().data.astype(np.float32))
    return {}
