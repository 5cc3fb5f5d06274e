"""Diagnostics: one catalogue of everything that can go wrong, each with a cause and a remedy.

`find(code)` looks an entry up; `diagnose(code, message, ...)` makes the report's value from it. Entries live in one
module a range: `environment` OCA0xx, `cache` OCA04x, `spec` OCA1xx, `source` OCA2xx, `export` OCA3xx, `simplify`
OCA4xx, `parity` OCA5xx, `benchmark` OCA6xx, `github` OCA7xx, `internal` OCA9xx.
"""

from onnx_convert.diagnostics.catalogue import diagnose, entries, find
from onnx_convert.diagnostics.entry import Entry

__all__ = ["Entry", "diagnose", "entries", "find"]
