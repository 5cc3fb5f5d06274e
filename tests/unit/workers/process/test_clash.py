"""Which failures of an import are between two packages; a real one is in tests/integration/test_clash.py."""

from __future__ import annotations

import pytest

from onnx_convert.workers.process import clash


@pytest.mark.parametrize(
    "code",
    ["import no_such_module", "from numpy import no_such_name", "import numpy; numpy.no_such_name", "1 + ''"],
    ids=["a module that is not there", "asked for by nobody's code", "an attribute", "another error"],
)
def test_a_failure_of_other_kinds_names_no_packages(code: str) -> None:
    with pytest.raises((ImportError, AttributeError, TypeError)) as caught:
        exec(code, {})
    assert clash.packages(caught.value) == []
