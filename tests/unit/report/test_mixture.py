"""What a latency is made of, as people read it."""

import pytest

from onnx_convert.report.html import page
from onnx_convert.report.markdown import comment
from onnx_convert.report.mixture import mixture
from onnx_convert.report.numbers import share
from tests.unit.report import sample

CUDA, CPU = "CUDAExecutionProvider", "CPUExecutionProvider"


def ran(nodes, time):
    return sample.measured("cuda", 1.0, effective=nodes, time_share=time)


def test_a_provider_that_had_all_of_it_has_all_of_it():
    assert mixture(ran({CUDA: 1.0}, {CUDA: 1.0})) == ((CUDA, "100%"),)


def test_shares_of_nodes_and_of_time_are_told_apart():
    assert mixture(ran({CUDA: 0.9, CPU: 0.1}, {CUDA: 0.4, CPU: 0.6})) == (
        (CUDA, "90% of nodes, 40% of time"),
        (CPU, "10% of nodes, 60% of time"),
    )


def test_a_provider_that_only_ran_what_was_added_is_told():
    assert mixture(ran({CUDA: 1.0}, {CUDA: 0.75, CPU: 0.25}))[1] == (CPU, "0% of nodes, 25% of time")


def test_without_a_profile_the_nodes_stand_alone():
    assert mixture(ran({CUDA: 0.9, CPU: 0.1}, {})) == ((CUDA, "90%"), (CPU, "10%"))


@pytest.mark.parametrize(
    ("fraction", "text"), [(0, "0%"), (0.001, "under 1%"), (0.625, "62%"), (0.9999, "over 99%"), (1, "100%")]
)
def test_only_all_of_it_is_all_of_it(fraction, text):
    assert share(fraction) == text


def test_comment_and_page_have_both_shares():
    mixed = ran({CUDA: 0.9, CPU: 0.1}, {CUDA: 0.4, CPU: 0.6})
    report = sample.report((sample.row("net", benchmark=(mixed,)),))
    assert "40%\xa0of\xa0time" in comment(report)
    assert "90% of nodes, 40% of time" in page(report)
