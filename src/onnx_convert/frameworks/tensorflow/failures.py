"""What tf2onnx and TensorFlow raise while converting, told apart."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from onnx_convert.workers.original.failures import shorten
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from onnx_convert.workers.original.source import ExportRequest

_TABLE = re.compile(r"table|shared.?name|LookupTable", re.IGNORECASE)


@contextmanager
def converting(request: ExportRequest) -> Iterator[None]:
    """Turn what conversion raises into OCA324 for tables, else OCA325; WorkerErrors and the lack of memory pass."""
    try:
        yield
    except (WorkerError, MemoryError):
        raise
    except Exception as error:
        text = shorten(str(error).removeprefix("make_sure failure: "))
        if _TABLE.search(text):
            raise WorkerError("OCA324", f"a table of the model cannot be converted: {text}") from error
        message = f"tf2onnx failed at opset {request.opset}: {type(error).__name__}: {text}"
        raise WorkerError("OCA325", message) from error
