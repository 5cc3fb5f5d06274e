"""OCA278-OCA289 and OCA344-OCA349: PyTorch, beside what all frameworks share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx_convert.diagnostics.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
