"""The fence: model code runs as another user, in its own process and environment, with limits.

`Fence.run` starts one job and returns its `Outcome`, however it ended. See docs/architecture.md.
"""

from onnx_convert.isolation.fence import Fence
from onnx_convert.isolation.values import Failure, Limits, Outcome

__all__ = ["Failure", "Fence", "Limits", "Outcome"]
