"""A worker: fits estimators on Iris with the scikit-learn of the environment and saves them."""

import json


def main(job):
    import joblib
    import numpy as np
    import skops.io
    from sklearn.cluster import KMeans
    from sklearn.compose import ColumnTransformer
    from sklearn.datasets import load_iris
    from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.pipeline import Pipeline, make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
    from sklearn.svm import SVC

    features, species = load_iris(return_X_y=True)
    features = features.astype(np.float32)
    np.save(job.out / "samples.npy", features)
    words = np.array(["setosa", "versicolor", "virginica"])[species]
    binary = species < 2

    import pandas as pd

    table = pd.DataFrame({"width": features[:, 0], "length": features[:, 2], "town": words})
    columns = ColumnTransformer(
        [("numbers", StandardScaler(), ["width", "length"]), ("words", OneHotEncoder(), ["town"])]
    )

    fitted = {
        "forest": RandomForestClassifier(10, random_state=0).fit(features, species),
        "words": make_pipeline(StandardScaler(), LogisticRegression()).fit(features, words),
        "columns": Pipeline([("columns", columns), ("model", LogisticRegression())]).fit(table, words),
        "svc": SVC().fit(features, species),
        "svc_binary": SVC().fit(features[binary], species[binary]),
        "regression": LinearRegression().fit(features, species),
        "boosting": HistGradientBoostingRegressor(max_iter=5).fit(features, species),
        "clusters": KMeans(3, n_init=1, random_state=0).fit(features),
        "scaler": StandardScaler().fit(features),
        "unfitted": SVC(),
        "dict": {"a": 1},
    }
    for name, value in fitted.items():
        joblib.dump(value, job.out / f"{name}.joblib")
    skops.io.dump(fitted["forest"], job.out / "forest.skops")
    skops.io.dump(FunctionTransformer(json.loads), job.out / "calls.skops")
    return {}
