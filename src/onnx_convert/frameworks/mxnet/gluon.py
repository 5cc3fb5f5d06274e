"""From a Gluon block to its symbol: hybridised, run once, saved and read again."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mxnet as mx
from mxnet.gluon.parameter import DeferredInitializationError

from onnx_convert.frameworks.mxnet.failures import sentence
from onnx_convert.frameworks.mxnet.files import check, read_params
from onnx_convert.frameworks.mxnet.network import Network
from onnx_convert.workers.original.failures import describe
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from onnx_convert.workers.original.source import Array


def load_weights(block: Any, path: Path) -> None:
    """Load parameters into a block. Raises WorkerError OCA265 if they do not fit, OCA206 if they cannot be read."""
    read_params(path)
    try:
        block.load_parameters(str(path), ctx=mx.cpu())
    except (AssertionError, ValueError) as error:
        raise WorkerError("OCA265", f"{path.name} does not fit the block: {sentence(error)}") from error


def trace(block: Any, inputs: Sequence[Array], repository: Path) -> Network:
    """The network that a block runs on these inputs. Raises WorkerError OCA269 if it cannot be had."""
    arrays = [mx.nd.array(array, dtype=array.dtype) for array in inputs]
    try:
        block.hybridize()
        block(*arrays)
    except (RuntimeError, DeferredInitializationError) as error:
        if "has not been initialized" not in str(error):
            raise
        hint = "call `initialize()` in the source's callable, or give `weights`"
        raise WorkerError("OCA269", f"the block has no values yet: {sentence(error)}", hint) from error
    except (AttributeError, NotImplementedError, TypeError, AssertionError) as error:
        message = f"the block cannot be made a symbol: {describe(error, repository)}"
        raise WorkerError("OCA269", message) from error
    with tempfile.TemporaryDirectory() as folder:
        prefix = Path(folder, "block")
        block.export(str(prefix))
        symbol = mx.sym.load(f"{prefix}-symbol.json")
        network = Network(symbol, read_params(Path(f"{prefix}-0000.params")))
    check(network, (), "the block")
    return network
