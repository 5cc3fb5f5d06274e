"""The operators of `whitening.py` for onnx's own evaluator; imports the model's file, which defines them once."""

import numpy as np
from onnx.reference.op_run import OpRun
from whitening import DOMAIN


class Inverse(OpRun):
    op_domain = DOMAIN

    def _run(self, x):
        return (np.linalg.inv(x),)


class Wrong(Inverse):
    def _run(self, x):
        return (np.linalg.inv(x) * 2,)


Wrong.__name__ = "Inverse"

REFERENCE = [Inverse]
WRONG = {"Inverse": Wrong}
NO_CLASSES = ["Inverse"]
