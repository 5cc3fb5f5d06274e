"""The data sets that scikit-learn brings along, in float32 as the models get them."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.preprocessing import StandardScaler

_LOADERS = {
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "cancer": datasets.load_breast_cancer,
    "diabetes": datasets.load_diabetes,
    "digits": datasets.load_digits,
    "linnerud": datasets.load_linnerud,
}


def load(name: str, *, scaled: bool = False) -> tuple[Any, Any]:
    """Features float32 [samples, n] and the target; `scaled` to mean 0 and deviation 1."""
    features, target = _LOADERS[name](return_X_y=True)
    if scaled:
        features = StandardScaler().fit_transform(features)
    return features.astype(np.float32), target


def table() -> Any:
    """Wine as a table with gaps: two measurements, two descriptions in words, and the class as a word."""
    import pandas as pd

    features, kind = load("wine")
    gaps = features[:, 0].copy()
    gaps[::9] = np.nan
    hue = np.array(["pale", "ruby", "deep"])[np.digitize(features[:, 10], [0.8, 1.05])]
    hue[::11] = ""
    return pd.DataFrame(
        {
            "alcohol": gaps,
            "acid": features[:, 1],
            "hue": hue,
            "body": np.where(features[:, 5] > 2.4, "full", "light"),
            "kind": np.array(["barolo", "grignolino", "barbera"])[kind],
        }
    )


def documents() -> tuple[list[str], list[str]]:
    """Paragraphs of the descriptions of scikit-learn's data sets, and the name of the set that each is about."""
    texts: list[str] = []
    names: list[str] = []
    for name in ("iris", "wine", "cancer", "diabetes", "digits"):
        for paragraph in _LOADERS[name]().DESCR.split("\n\n"):
            if len(paragraph) > 40 and paragraph.isascii():
                texts.append(" ".join(paragraph.split()))
                names.append(name)
    return texts, names
