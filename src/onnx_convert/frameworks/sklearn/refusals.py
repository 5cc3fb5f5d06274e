"""What skl2onnx and onnxmltools say when they cannot convert, as codes of the catalogue."""

from __future__ import annotations

import re

from onnx_convert.workers.original.failures import shorten
from onnx_convert.workers.protocol import WorkerError

_OPSET = re.compile(r"opset \d+ < (\d+)|only works for opset >= (\d+)|opset (?:should|must) be >= ?(\d+)")
_TEXT = ("CountVectorizer", "TfidfVectorizer", "StringNormalizer", "n-gram", "tokenizer", "preprocessor", "tokens")


def recognise(error: Exception, opset: int) -> WorkerError | None:
    """The known failure that an exception of a converter is, None if it is none."""
    text = str(error)
    needed = _OPSET.search(text)
    if needed:
        lowest = next(filter(None, needed.groups()))
        message = f"a converter of skl2onnx writes no opset below {lowest}, {opset} was asked for"
        return WorkerError("OCA308", message, f"ask for `opset = {lowest}` or higher")
    if "FunctionTransformer is not supported" in text:
        return WorkerError("OCA341", "a FunctionTransformer with a function has no ONNX: its Python code is not read")
    if isinstance(error, NotImplementedError | RuntimeError) and any(sign in text for sign in _TEXT):
        return WorkerError("OCA276", f"the text vectoriser cannot be converted: {shorten(text)}")
    if isinstance(error, NotImplementedError) or (isinstance(error, RuntimeError) and "not supported" in text):
        return WorkerError("OCA340", f"the converter does not cover this setting: {shorten(text)}")
    if isinstance(error, KeyError) and "gbtree_model_param" in text:
        return WorkerError("OCA340", "onnxmltools converts XGBoost's `gbtree` booster only, not `dart` or `gblinear`")
    return None
