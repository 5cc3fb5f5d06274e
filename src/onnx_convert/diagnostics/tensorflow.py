"""OCA240-OCA254 and OCA320-OCA327: TensorFlow and Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx_convert.diagnostics.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
