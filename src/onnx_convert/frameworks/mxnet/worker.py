"""The MXNet worker: symbols with their parameters, and Gluon blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from onnx_convert.frameworks.mxnet import importing
from onnx_convert.workers.original import harness

if TYPE_CHECKING:
    from onnx_convert.workers.protocol import Job


def main(job: Job) -> dict[str, Any]:
    """Run a job. MXNet is imported here and not with this module, see `PRELOAD` of `source`."""
    importing.require_mxnet()
    from onnx_convert.frameworks.mxnet.load import load

    return harness.main_for(load)(job)
