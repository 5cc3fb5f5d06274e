"""A module with an operator that neither PyTorch nor ONNX has: the inverse of a matrix as `ai.onnx.contrib` has it."""

import torch
from torch import nn

DOMAIN = "ai.onnx.contrib"


@torch.library.custom_op("mine::inverse", mutates_args=())
def inverse(x: torch.Tensor) -> torch.Tensor:
    return torch.linalg.inv(x)


inverse.register_fake(torch.empty_like)


class Whitening(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        return self.fc(x) @ inverse(x.T @ x + torch.eye(4))


@torch.library.custom_op("mine::twice_inverse", mutates_args=())
def twice_inverse(x: torch.Tensor) -> torch.Tensor:
    return 2 * torch.linalg.inv(x)


class Mistaken(nn.Module):
    """Its operator is exported as one that computes something else."""

    def forward(self, x):
        return twice_inverse(x.T @ x + torch.eye(4))


class Doubling(nn.Module):
    def forward(self, x):
        return torch.ops.other.double(x + 1)


def register(name="Inverse"):
    from onnx.defs import OpSchema
    from onnxscript import values

    def symbolic(g, x):
        return g.op(f"{DOMAIN}::{name}", x).setType(x.type())

    torch.onnx.register_custom_op_symbolic("mine::inverse", symbolic, 11)
    same = [OpSchema.FormalParameter(each, "T") for each in "xy"]
    kinds = [("T", ["tensor(float)"], "")]
    schema = OpSchema(name, DOMAIN, 1, inputs=same[:1], outputs=same[1:], type_constraints=kinds)
    operator = values.Op(values.Opset(DOMAIN, 1), name, schema)
    return {torch.ops.mine.inverse.default: operator}


def register_wrong_name():
    return register("NoSuchOperator")


def register_mistaken():
    torch.onnx.register_custom_op_symbolic("mine::twice_inverse", lambda g, x: g.op(f"{DOMAIN}::Inverse", x), 11)


def register_double():
    """Defines the operator before the source is loaded, and writes it with the standard's."""
    torch.library.custom_op("other::double", lambda x: x * 2, mutates_args=(), schema="(Tensor x) -> Tensor")
    torch.onnx.register_custom_op_symbolic("other::double", lambda g, x: g.op("Add", x, x), 11)


def raises():
    raise LookupError("no operator today")


def returns_a_list():
    return [inverse]
