"""From a job's source to a `Source` of MXNet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import mxnet as mx

from onnx_convert.frameworks.mxnet import files, gluon
from onnx_convert.frameworks.mxnet.block import BlockSource
from onnx_convert.frameworks.mxnet.network import Network
from onnx_convert.frameworks.mxnet.symbol import SymbolSource
from onnx_convert.workers.original import callables
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from onnx_convert.workers.original.source import Source
    from onnx_convert.workers.protocol import Job

_FORMS = "return a HybridBlock, a bound Module, or a Symbol with its parameters: `(symbol, params)`"


def load(job: Job) -> Source:
    """The source of a job. Raises WorkerError of OCA2xx for what is not a model of MXNet."""
    path, symbol = Path(job["source"]["path"]), job["source"]["symbol"]
    weights = Path(job["weights"]) if job.get("weights") else None
    given = job.get("inputs") or {}
    if symbol is None:
        return SymbolSource(files.read_network(path, weights, given), job)
    made = callables.build(path, symbol, job.get("args") or {}, _is_model)
    if isinstance(made, mx.gluon.HybridBlock):
        if weights:
            gluon.load_weights(made, weights)
        return BlockSource(made, job)
    if isinstance(made, mx.gluon.Block):
        message = f"`{symbol}` returned the block `{made.name}`, a {type(made).__name__}, which is no HybridBlock"
        raise WorkerError("OCA269", message)
    network = _network(made, symbol, weights)
    files.check(network, given, weights.name if weights else f"what `{symbol}` returned")
    return SymbolSource(network, job)


def _is_model(value: object) -> bool:
    return isinstance(value, (mx.gluon.Block, mx.sym.Symbol, mx.mod.BaseModule))


def _network(made: Any, name: str, weights: Path | None) -> Network:
    """The network of a Symbol, a Module, or a tuple of a Symbol and one or two dicts of parameters."""
    symbol, *params = made if isinstance(made, tuple) else (made,)
    if isinstance(symbol, mx.mod.BaseModule):
        symbol, params = symbol.symbol, list(symbol.get_params())
    if not isinstance(symbol, mx.sym.Symbol) or not all(isinstance(each, dict) for each in params):
        raise WorkerError("OCA203", f"`{name}` returned an object of type {type(made).__name__}", _FORMS)
    found = {key: array for each in params for key, array in each.items()}
    return Network(symbol, found | (files.read_params(weights) if weights else {}))
