"""OCA271-OCA277 and OCA340-OCA343: scikit-learn, XGBoost and LightGBM."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx_convert.diagnostics.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
