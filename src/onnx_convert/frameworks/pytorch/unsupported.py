"""All operators of a model for which an exporter has no ONNX, not only the one that it stopped at."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

import torch
from torch.onnx._internal.torchscript_exporter.registration import registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Lowest = dict[str, int | None]
"""Operators by name, `namespace::name`, with the lowest opset at which the exporter has them; None: it has none."""

_HIGHEST = 20
_REPORTED = re.compile(r"^- `(\w+\.\w+)(?:\.\w+)?`:\s+No (?:ONNX|decompositions|matching)", re.MULTILINE)


def torchscript(model: Any, tensors: tuple[Any, ...], opset: int) -> Lowest:
    """What `torch.onnx.utils.unconvertible_ops` finds, with what the exporter's registry knows at other opsets."""
    _, names = torch.onnx.utils.unconvertible_ops(model, tensors, opset_version=opset)
    found: Lowest = {}
    for name in names:
        opsets = [each for each in range(7, _HIGHEST + 1) if registry.is_registered_op(name.rstrip("_"), each)]
        if opset not in opsets:
            found[name] = min((each for each in opsets if each > opset), default=None)
    return found


def dynamo(export_with_report: Callable[[Path], None], folder: Path) -> Lowest:
    """What the report of a second, failing export lists; `export_with_report` writes it into `folder`."""
    folder.mkdir()
    try:
        export_with_report(folder)
    except Exception:  # the same failure again
        text = "".join(file.read_text("utf-8", "replace") for file in folder.glob("*.md"))
    else:
        text = ""
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {name.replace(".", "::", 1): None for name in _REPORTED.findall(text)}
