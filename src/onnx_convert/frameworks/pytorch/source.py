"""PyTorch: modules made by Python code, TorchScript archives, exported programs."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from onnx_convert.frameworks import files
from onnx_convert.frameworks.interface import Framework

if TYPE_CHECKING:
    from pathlib import Path

    from onnx_convert.spec.model import Model

DYNAMO_OPSET = 18
"""What the dynamo exporter writes; lower opsets are converted down afterwards, which fails for some operators."""

_ARCHIVES = {".pt", ".pth", ".ts", ".torchscript"}
_PACKAGES = frozenset({"torch", "torchvision", "torchaudio", "timm", "lightning", "pytorch_lightning"})
_PICKLE_LIMIT = 16 * 2**20
_STATE_DICT = {"collections OrderedDict", "torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_parameter"}


def recognise(path: Path, symbol: str | None) -> str | None:
    """PyTorch's files by their ending, Python files by what they import."""
    if symbol:
        return files.imports(path, _PACKAGES)
    if path.suffix == ".pt2":
        return "an exported program"
    if path.suffix not in _ARCHIVES:
        return None
    return "a TorchScript archive" if is_torchscript(path) else "a file of torch.save"


def is_torchscript(path: Path) -> bool:
    """Whether a file is what `torch.jit.save` writes: a zip with `code/` and `constants.pkl`."""
    return {"code", "constants.pkl"} <= files.archive_parts(path)


def executes(path: Path, symbol: str | None) -> str | None:
    """A whole module of `torch.save` is a pickle."""
    if symbol or path.suffix not in _ARCHIVES or is_torchscript(path):
        return None
    return "a pickled PyTorch module"


def is_state_dict(path: Path) -> bool:
    """Whether a file of `torch.save` holds only tensors, by the classes its pickle names; the pickle is not loaded."""
    import pickletools  # noqa: PLC0415 - for one kind of file that is not a model

    names: set[str] = set()
    strings: list[str] = []
    try:
        for opcode, argument, _ in pickletools.genops(files.archive_member(path, "data.pkl", _PICKLE_LIMIT)):
            if opcode.name == "GLOBAL":
                names.add(str(argument))
            elif opcode.name == "STACK_GLOBAL":
                names.add(" ".join(strings[-2:]))
            elif isinstance(argument, str):
                strings.append(argument)
    except ValueError:
        return False
    return "torch._utils _rebuild_tensor_v2" in names and all(
        name in _STATE_DICT or (name.startswith("torch ") and name.endswith(("Storage", "Size"))) for name in names
    )


def exporters(model: Model, opset: int) -> tuple[tuple[str, ...], str]:
    """The exporters to try at an opset.

    At 18 and above dynamo first: it is PyTorch's current one and writes 18 itself. Below, TorchScript first: dynamo
    writes 18 and converts down, which leaves some operators at 18.
    """
    suffix = PurePosixPath(model.source).suffix
    if model.exporter != "auto":
        return (model.exporter,), "the spec asks for it"
    if suffix == ".pt2":
        return ("dynamo",), "an exported program is dynamo's own form"
    # With `trust` it may be a whole module as well, which either can export.
    if suffix in _ARCHIVES and not model.trust:
        return ("torchscript",), "a TorchScript file has no Python code that dynamo could trace"
    return _both(opset, lowest=model.opset == "auto")


def _both(opset: int, *, lowest: bool) -> tuple[tuple[str, ...], str]:
    """For a Python module, which either exporter takes."""
    if lowest and opset < DYNAMO_OPSET:
        return ("torchscript",), f"the lowest opset is looked for, and dynamo writes {DYNAMO_OPSET} and above itself"
    if opset >= DYNAMO_OPSET:
        return ("dynamo", "torchscript"), f"dynamo writes opset {DYNAMO_OPSET} and above itself"
    return (
        ("torchscript", "dynamo"),
        f"the TorchScript exporter writes opset {opset} itself; dynamo writes {DYNAMO_OPSET} and converts down",
    )


FRAMEWORK = Framework(
    name="pytorch",
    environment="pytorch",
    worker="onnx_convert.frameworks.pytorch.worker",
    # What every job uses. onnxscript and what dynamo imports on its first export take another 5 s (2 cores), which the
    # TorchScript exporter, the first choice at the default opset, never needs.
    preload=("numpy", "torch", "torch.onnx", "onnx"),
    recognise=recognise,
    executes=executes,
    exporters=exporters,
    title="PyTorch",
)
