"""Sources that fail in ways that are known."""

import io
import sys

import numpy as np


def saved_by_an_older_version():
    """A scaler that was saved as scikit-learn 1.2.2 would have."""
    import joblib
    import sklearn.base
    from sklearn.preprocessing import StandardScaler

    ours, file = sklearn.base.__version__, io.BytesIO()
    sklearn.base.__version__ = "1.2.2"
    try:
        joblib.dump(StandardScaler().fit(np.eye(4)), file)
    finally:
        sklearn.base.__version__ = ours
    file.seek(0)
    return joblib.load(file)


def without_onnxscript():
    """A network in an environment that has lost the package that dynamo writes with."""
    import torch

    sys.modules["onnxscript"] = None
    return torch.nn.Linear(4, 2)


def linear():
    import torch

    return torch.nn.Linear(4, 2)
