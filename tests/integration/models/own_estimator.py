"""An estimator of a user's own, for which skl2onnx has no converter."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin


class Doubler(TransformerMixin, BaseEstimator):
    def fit(self, x, y=None):
        self.n_features_in_ = x.shape[1]
        return self

    def transform(self, x):
        return 2 * x


def doubler():
    return Doubler().fit(np.zeros((2, 4)))


def linear():
    from sklearn.datasets import load_diabetes
    from sklearn.linear_model import LinearRegression

    return LinearRegression().fit(*load_diabetes(return_X_y=True))
