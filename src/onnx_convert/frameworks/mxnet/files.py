"""Symbols and parameters as MXNet saves them: `NAME-symbol.json` and `NAME-0000.params`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import mxnet as mx

from onnx_convert.frameworks.mxnet.failures import sentence
from onnx_convert.frameworks.mxnet.network import Network
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

ENDING = "-symbol.json"

_OLDEST_FOREIGN = 20000
"""Symbols of MXNet 2 say 20000 and above; those of 1.9.1 say 10901."""

_SHOWN = 10
_PARAMETER = re.compile(
    r"(_|\.)(weight|bias|gamma|beta|moving_mean|moving_var|running_mean|running_var|parameters|alpha)$"
)
"""How MXNet's operators and Gluon's layers name the parameters that they make."""


def read_network(path: Path, weights: Path | None, given: Collection[str]) -> Network:
    """The network of a symbol file; `given` are names that the spec declares as inputs.

    Raises WorkerError OCA204 for what cannot be read, OCA264 where the parameters are not to be found, OCA265 where
    they do not fit, OCA266 for a symbol of another MXNet.
    """
    symbol = read_symbol(path)
    file = weights or find_params(path)
    network = Network(symbol, read_params(file))
    check(network, given, file.name)
    return network


def read_symbol(path: Path) -> Any:
    """The symbol in a file."""
    text = path.read_text("utf-8", "replace")  # by Python, so that the fence sees what is read
    _check_version(text, path.name)
    try:
        return mx.sym.load_json(text)
    except mx.MXNetError as error:
        code = "OCA266" if "registered" in str(error) else "OCA204"
        raise WorkerError(code, f"{path.name} cannot be loaded: {sentence(error)}") from error


def find_params(path: Path) -> Path:
    """The parameters beside a symbol: the only `NAME-NNNN.params`."""
    name = path.name.removesuffix(ENDING)
    found = sorted(file for file in path.parent.glob("*.params") if re.fullmatch(r"-\d{4}", file.stem[len(name) :]))
    found = [file for file in found if file.name.startswith(name)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise WorkerError("OCA264", f"no parameters `{name}-NNNN.params` lie beside {path.name}")
    names = ", ".join(file.name for file in found)
    message = f"{len(found)} files of parameters lie beside {path.name}: {names}"
    raise WorkerError("OCA264", message, f'choose one, such as `weights = "…/{found[-1].name}"`')


def read_params(path: Path) -> dict[str, Any]:
    """Parameters by name, without the `arg:` and `aux:` that checkpoints put before it."""
    try:
        loaded = mx.nd.load_frombuffer(path.read_bytes())
    except (mx.MXNetError, OSError) as error:
        hint = "parameters are what `export`, `save_checkpoint` or `save_parameters` of MXNet 1 write"
        raise WorkerError("OCA206", f"{path.name} cannot be read: {sentence(error)}", hint) from error
    if not isinstance(loaded, dict):
        raise WorkerError("OCA206", f"{path.name} holds {len(loaded)} arrays without names")
    return {re.sub(r"^(arg|aux):", "", name): array for name, array in loaded.items()}


def check(network: Network, given: Collection[str], file: str) -> None:
    """Raise OCA265 unless every parameter of the symbol is there, and nothing else."""
    states = set(network.symbol.list_auxiliary_states())
    missing = [name for name in network.inputs if name in states or (_PARAMETER.search(name) and name not in given)]
    unexpected = sorted(set(network.params) - set(network.symbol.list_inputs()))
    parts = [
        f"{len(names)} {kind}: {listed(names)}"
        for kind, names in (("missing", missing), ("unexpected", unexpected))
        if names
    ]
    if parts:
        raise WorkerError("OCA265", f"the parameters in {file} do not fit the symbol; {'; '.join(parts)}")


def listed(names: Iterable[str]) -> str:
    """The first names of a list, and how many more there are."""
    names = list(names)
    rest = len(names) - _SHOWN
    return ", ".join(f"`{name}`" for name in names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _check_version(text: str, file: str) -> None:
    try:
        found = json.loads(text)["attrs"]["mxnet_version"][1]
    except (ValueError, KeyError, TypeError, IndexError):
        return  # symbols of MXNet 0.x say none
    if isinstance(found, int) and found >= _OLDEST_FOREIGN:
        major, minor, patch = found // 10000, found // 100 % 100, found % 100
        raise WorkerError("OCA266", f"{file} was saved by MXNet {major}.{minor}.{patch}, this is {mx.__version__}")
