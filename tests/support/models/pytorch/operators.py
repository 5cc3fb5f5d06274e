"""A module with an operator of its own, its ONNX name in both exporters, and the same operator in numpy."""

import torch
from torch import nn

DOMAIN = "ai.onnx.contrib"


@torch.library.custom_op("support::inverse", mutates_args=())
def inverse(x: torch.Tensor) -> torch.Tensor:
    return torch.linalg.inv(x)


inverse.register_fake(torch.empty_like)


class Whitening(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.fc = nn.Linear(8, 8)

    def forward(self, x):
        return self.fc(x) @ inverse(x.T @ x + torch.eye(8))


def register():
    from onnx.defs import OpSchema
    from onnxscript import values

    def symbolic(g, x):
        return g.op(f"{DOMAIN}::Inverse", x).setType(x.type())

    torch.onnx.register_custom_op_symbolic("support::inverse", symbolic, 11)
    same = [OpSchema.FormalParameter(each, "T") for each in "xy"]
    kinds = [("T", ["tensor(float)"], "")]
    schema = OpSchema("Inverse", DOMAIN, 1, inputs=same[:1], outputs=same[1:], type_constraints=kinds)
    return {torch.ops.support.inverse.default: values.Op(values.Opset(DOMAIN, 1), "Inverse", schema)}


def _reference():
    import numpy as np
    from onnx.reference.op_run import OpRun

    class Inverse(OpRun):
        op_domain = DOMAIN

        def _run(self, x):
            return (np.linalg.inv(x),)

    return [Inverse]


REFERENCE = _reference()
