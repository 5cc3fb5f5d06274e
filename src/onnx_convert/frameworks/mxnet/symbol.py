"""A network as a source: run by MXNet's own executor, written by MXNet's own exporter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mxnet as mx
import numpy as np
import onnx

from onnx_convert.frameworks.mxnet import export, guess
from onnx_convert.frameworks.mxnet.failures import operator, sentence
from onnx_convert.frameworks.mxnet.files import listed
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from onnx_convert.frameworks.mxnet.network import Network
    from onnx_convert.workers.original.source import Array, ExportRequest, TensorInfo
    from onnx_convert.workers.protocol import Job


class SymbolSource:
    """A symbol with its parameters."""

    def __init__(self, network: Network, job: Job) -> None:
        self.versions = {"mxnet": mx.__version__, "numpy": np.__version__, "onnx": onnx.__version__}
        self._job = job
        self._network = network
        self._names: dict[str, str] = {}

    def signature(self) -> list[TensorInfo] | None:
        """What the symbol declares of its inputs, unless the spec says it for each."""
        given = self._job.get("inputs") or {}
        if given and all(values.get("shape") is not None for values in given.values()):
            return None
        return guess.declared(self._network)

    def guess(self) -> list[TensorInfo]:
        """Arguments without parameters, with the shapes that their readers suggest."""
        return guess.guess(self._network)

    def sizes(self) -> dict[str, tuple[int, ...]]:
        """A symbol bounds no dimension by itself."""
        return {}

    def accept(self, inputs: tuple[TensorInfo, ...]) -> None:
        """Match the inputs to the symbol's, by name if all are named so, else by order (OCA211)."""
        self._names = _matched(self._network, [tensor.name for tensor in inputs])
        self._tell_training()

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Outputs in inference mode. Raises WorkerError OCA268 where an operator refuses the shapes."""
        try:
            outputs = [array.asnumpy() for array in self._bound(inputs).forward(is_train=False)]
        except mx.MXNetError as error:
            raise _refused(error, inputs) from error
        return dict(zip(_unique(self._network.symbol.list_outputs()), outputs, strict=True))

    def bind(self, inputs: Mapping[str, Array], threads: int) -> Callable[[], object]:
        """One forward pass of a bound executor, waited for; MXNet has read OMP_NUM_THREADS when it was imported."""
        executor = self._bound(inputs)

        def call() -> object:
            outputs = executor.forward(is_train=False)
            for array in outputs:
                array.wait_to_read()
            return outputs

        return call

    def export(self, request: ExportRequest) -> None:
        """Write the symbol with mx2onnx."""
        names = {own: given for given, own in self._names.items()}
        export.write(self._network, names, request)

    def _bound(self, inputs: Mapping[str, Array]) -> Any:
        network = self._network
        arrays = {self._names[name]: mx.nd.array(value, dtype=value.dtype) for name, value in inputs.items()}
        arrays |= export.zero_labels(network, {name: array.shape for name, array in arrays.items()})
        arrays |= network.params
        states = network.symbol.list_auxiliary_states()
        return network.symbol.bind(
            mx.cpu(),
            args={name: arrays[name] for name in network.symbol.list_arguments()},
            aux_states={name: arrays[name] for name in states},
            grad_req="null",
        )

    def _tell_training(self) -> None:
        network = self._network
        if network.labels:
            self._job.note("OCA267", f"labels of a loss are no inputs in inference: {listed(network.labels)}")
        other = [name for name in network.fixed_gammas if (network.params[name].asnumpy() != 1).any()]
        if other:
            message = f"BatchNorm with `fix_gamma` takes 1 where the parameters have other values: {listed(other)}"
            self._job.note("OCA336", message)


def _matched(network: Network, given: list[str]) -> dict[str, str]:
    """The symbol's name for each name of the spec."""
    own = network.inputs
    if set(given) == set(own):
        return {name: name for name in given}
    labels = [name for name in given if name in network.labels]
    if labels:
        message = f"{listed(labels)} is the label of a loss, which inference does not read"
        raise WorkerError("OCA211", message, "leave it out of `inputs`")
    if len(given) != len(own):
        message = f"the spec has {len(given)} inputs, the symbol takes {len(own)}: {listed(own) or 'none'}"
        raise WorkerError("OCA211", message)
    return dict(zip(given, own, strict=True))


def _refused(error: mx.MXNetError, inputs: Mapping[str, Array]) -> WorkerError:
    shapes = ", ".join(f"{name} {list(array.shape)}" for name, array in inputs.items())
    found = operator(error)
    if found is None:
        return WorkerError("OCA214", f"the model at {shapes} raised {sentence(error)}")
    return WorkerError("OCA268", f"at {shapes} the operator `{found[0]}` does not fit: {found[1]}")


def _unique(names: list[str]) -> list[str]:
    return [name if name not in names[:position] else f"{name}_{position}" for position, name in enumerate(names)]
