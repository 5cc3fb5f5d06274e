"""A Gluon block as a source: its symbol is known once the inputs are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from onnx_convert.frameworks.mxnet import gluon
from onnx_convert.frameworks.mxnet.network import Network
from onnx_convert.frameworks.mxnet.symbol import SymbolSource
from onnx_convert.workers.original import dims
from onnx_convert.workers.original.samples import Samples
from onnx_convert.workers.original.source import TensorInfo

if TYPE_CHECKING:
    from onnx_convert.workers.protocol import Job


class BlockSource(SymbolSource):
    """A HybridBlock; its inputs are matched to the parameters of its forward by order."""

    def __init__(self, block: Any, job: Job) -> None:
        super().__init__(Network(None, {}), job)
        self._block = block

    def signature(self) -> list[TensorInfo] | None:
        """None: a block takes whatever its layers do."""
        return None

    def guess(self) -> list[TensorInfo]:
        """One picture, which most blocks take."""
        return [TensorInfo("data", "float32", ("batch", 3, "height", "width"))]

    def accept(self, inputs: tuple[TensorInfo, ...]) -> None:
        """Run the block once on samples of these inputs to get its symbol."""
        given = self._job.get("inputs") or {}
        sizes = dims.choose(inputs, self._job.get("dims") or {}, {})
        example = Samples(inputs, given, self._job.get("seed", 0)).case(0, dims.combinations(sizes)[0], 0)
        self._network = gluon.trace(self._block, list(example.values()), Path(self._job["repository"]))
        super().accept(inputs)
