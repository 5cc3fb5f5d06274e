"""Estimators that misbehave."""

from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LogisticRegression


def unfitted():
    return LogisticRegression()


class Homemade(RegressorMixin, BaseEstimator):
    def fit(self, x, y):
        self.n_features_in_ = x.shape[1]
        return self

    def predict(self, x):
        return x[:, 0]


def homemade():
    import numpy as np

    return Homemade().fit(np.zeros((4, 4), np.float32), np.zeros(4))
