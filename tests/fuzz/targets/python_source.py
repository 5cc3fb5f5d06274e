"""A Python file of the repository, whose syntax is read to check the spec and never run."""

from __future__ import annotations

import tempfile
import warnings
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from onnx_convert.spec import python_file
from tests.fuzz import texts

_LINES = (
    *("import torch\n", "from flax import linen as nn\n", "from . import x\n", "from x import *\n", "x = y = 1\n"),
    *("class A:\n    def m(self): ...\n", "def f(a, b=1, *c, d, **e):\n    import jax\n", "(a, b), c[0] = 1, 2\n"),
    *("if x:\n    y = 1\nelse:\n    z = 2\n", "try:\n    import tensorflow\nexcept* E:\n    pass\n", "x: int\n"),
    *("match x:\n    case {'a': b}:\n        c = 1\n", "async def g():\n    async with a as b: pass\n"),
    *("for i in range(3): w = i\n", "def __getattr__(n): ...\n", "# -*- coding: latin-1 -*-\n", "lambda: (yield)\n"),
    *(
        "\x0c\n",
        "if x: pass\n",
        "elif x: y = 1\n",
        "x = '''\n",
        "\\\n",
        "\ud800",
        "\x00",
        "    ",
        "\t",
        "f'{x!r:{y}}'\n",
    ),
    *("(" * 99, "[" * 99, "-" * 99, "a." * 99, "not " * 99),
)
structured = st.lists(st.sampled_from(_LINES) | st.text(max_size=10), max_size=12).map("".join).map(texts.encode)
TOKENS = _LINES


@cache
def _file() -> tuple[tempfile.TemporaryDirectory[str], Path]:
    holder = tempfile.TemporaryDirectory(prefix="fuzz-python-")
    return holder, Path(holder.name) / "model.py"


def one(data: bytes) -> None:
    path = _file()[1]
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as the command does
        try:
            facts = python_file.read.__wrapped__(path)
        except python_file.PythonFileError as error:
            assert str(error)
            return
    assert "*" not in facts.names
