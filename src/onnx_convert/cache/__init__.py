"""The result cache: a row that was done before, from the very same files, is not done again.

A row's key is what is known before it is worked on: tool, spec entry, environments, machine. Under a row lie entries,
one for each key and each state of the files that the row was seen to read; the one whose key is the same and whose
files all are as they were is used.
"""

from onnx_convert.cache.digests import file_digest, key_of, tool_digest
from onnx_convert.cache.entry import Entry
from onnx_convert.cache.store import ResultCache

__all__ = ["Entry", "ResultCache", "file_digest", "key_of", "tool_digest"]
