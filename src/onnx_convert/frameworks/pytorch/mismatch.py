"""Inputs that do not fit: what PyTorch's own kernels say when a shape or a dtype is wrong."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert.workers.original.failures import describe
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from onnx_convert.workers.original.source import Array
    from onnx_convert.workers.protocol import Job

_SHAPE = re.compile(
    r"shapes cannot be multiplied|to have \d+ channels, but got|must match the size of tensor|"
    r"is invalid for input of size|Expected .*dimensional|Expected \d+D |expected \d+D |but got input of size|"
    r"running_mean should contain|Given normalized_shape|size mismatch|Kernel size can't be greater|"
    r"Sizes of tensors must match|input\.size\(-1\) must be equal|dimensions? .* but got|mismatch in length"
)
_DTYPE = re.compile(
    r"must have the same dtype|expected scalar type|to have one of the following scalar types|"
    r"not implemented for '(?:\w*Long|\w*Int|Bool|Half|Char|Byte|Short)'|should be the same|"
    r"Input type \(.*\) and (?:weight|bias) type|data type .* expected|can't be cast"
)


@contextmanager
def recognised(inputs: Mapping[str, Array], job: Job) -> Iterator[None]:
    """Raise WorkerError OCA280 for a shape and OCA281 for a dtype that the model refuses; the rest passes."""
    try:
        yield
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        text = str(error)
        code = "OCA281" if _DTYPE.search(text) else "OCA280" if _SHAPE.search(text) else None
        if code is None:
            raise
        given = ", ".join(f"`{name}` {array.dtype.name}{list(array.shape)}" for name, array in inputs.items())
        said = describe(error, Path(job["repository"]))
        raise WorkerError(code, f"the model refuses {given}: {said}") from error
