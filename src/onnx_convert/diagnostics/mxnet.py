"""OCA263-OCA270 and OCA334-OCA339: MXNet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx_convert.diagnostics.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
