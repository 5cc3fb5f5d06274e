"""Estimators for variants: one of matrix products, one of trees, which have nothing to convert."""

import numpy as np
from sklearn.ensemble import RandomForestRegressor
from sklearn.neural_network import MLPClassifier


def _data(features: int = 32) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    inputs = draw.normal(size=(400, features)).astype(np.float32)
    return inputs, inputs[:, 0] + inputs[:, 1] * inputs[:, 2]


def network() -> MLPClassifier:
    inputs, target = _data()
    return MLPClassifier((128, 64), max_iter=60, random_state=0, tol=1e-2).fit(inputs, target > 0)


def forest() -> RandomForestRegressor:
    return RandomForestRegressor(20, max_depth=6, random_state=0).fit(*_data())
