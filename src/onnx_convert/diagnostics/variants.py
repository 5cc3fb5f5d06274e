"""OCA38x: the variants fp16 and int8-dynamic."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx_convert.diagnostics.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
