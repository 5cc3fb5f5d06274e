"""`register`: called once, for its effects and its table; and files that are never run twice."""

import sys

import pytest

from onnx_convert.workers.original import callables, custom_ops
from onnx_convert.workers.protocol import WorkerError

FILE = """
runs = globals().get("runs", 0) + 1
operators = []

def register():
    operators.append("added")
    return {"an operator": "its function"}

def nothing(): pass
def listed(): return [1]
def raises(): raise LookupError("no operator today")
"""


@pytest.fixture
def call(job, tmp_path, monkeypatch):
    def run(symbol="register", opsets=None):
        path = tmp_path / "own_operators.py"
        path.write_text(FILE)
        monkeypatch.syspath_prepend(str(tmp_path))
        given = {"register": {"path": str(path), "symbol": symbol}, "opsets": opsets or {"mine": 1}}
        return custom_ops.register(job(repository=str(tmp_path), custom_ops=given))

    yield run
    sys.modules.pop("own_operators", None)


def test_without_custom_operators_there_is_nothing_to_do(job):
    assert custom_ops.register(job()) == custom_ops.NONE


def test_the_table_and_the_opsets_are_for_the_exporter(call):
    assert call() == custom_ops.CustomOps({"mine": 1}, {"an operator": "its function"})


def test_a_function_may_return_nothing(call):
    assert call("nothing").table == {}


def test_the_model_imports_the_very_module_that_was_registered(call, tmp_path):
    call()
    model = tmp_path / "model.py"
    model.write_text("import own_operators\nseen = own_operators.operators\n")
    assert callables.import_file(model).seen == ["added"]
    assert callables.import_file(tmp_path / "own_operators.py") is sys.modules["own_operators"]


@pytest.mark.parametrize(
    ("symbol", "code", "words"),
    [
        ("raises", "OCA390", "LookupError: no operator today (own_operators.py:11)"),
        ("missing", "OCA390", "no function `missing`"),
        ("listed", "OCA391", "of type list"),
    ],
)
def test_what_goes_wrong_has_a_code(call, symbol, code, words):
    with pytest.raises(WorkerError) as failed:
        call(symbol)
    assert failed.value.code == code
    assert words in failed.value.message
