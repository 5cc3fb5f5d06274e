from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from onnx_convert.report.junit import junit
from onnx_convert.report.model import Report

from . import compared, sample

ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "skipped", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
    "testcase": {"classname", "name", "time"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message"},
}
"""The part of Jenkins' and Surefire's schema that is used here; all of these attributes are always written."""

CHILDREN = {"testsuites": {"testsuite"}, "testsuite": {"testcase"}, "testcase": {"failure", "error", "skipped"}}


def check(root: ET.Element) -> None:
    """Elements, attributes, their types and the counts, as the schema wants them."""
    for element in root.iter():
        assert set(element.attrib) == ATTRIBUTES[element.tag]
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())
        if element.tag == "testcase":
            assert len(element) <= 1
        assert re.fullmatch(r"\d+\.\d{3}", element.get("time", "0.000"))
        if element.tag in {"testsuite", "testsuites"}:
            cases = list(element.iter("testcase"))
            assert element.get("tests") == str(len(cases))
            for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                assert element.get(attribute) == str(len(list(element.iter(tag))))


def parsed(report: Report) -> ET.Element:
    root = ET.fromstring(junit(report))
    check(root)
    return root


def outcomes(report: Report, model: str) -> dict[str, str]:
    suite = next(one for one in parsed(report) if one.get("name") == model)
    return {case.get("name", ""): case[0].tag if len(case) else "passed" for case in suite}


def test_a_model_is_a_suite_of_what_was_checked() -> None:
    assert outcomes(sample.report(), "tiny-cnn") == {
        "convert": "passed",
        "opset": "passed",
        "simplify": "passed",
        "parity logits on cpu (batch=1, height=224)": "passed",
        "parity logits on cpu (batch=4, height=224)": "passed",
        "parity logits on cpu (batch=4, height=256)": "passed",
        "benchmark cpu": "passed",
        "benchmark openvino": "passed",
        "benchmark native": "passed",
        "size against the base": "passed",
        "latency on cpu against the base": "passed",
        "latency on openvino against the base": "skipped",
    }


def test_failures_errors_and_skips_are_told_apart() -> None:
    report = sample.report()
    assert outcomes(report, "minilm") == {"convert": "error"}
    assert outcomes(report, "legacy") == {"convert": "skipped"}
    assert outcomes(report, "efficientnet-lite0")["benchmark tensorrt"] == "failure"
    assert outcomes(report, "two-heads")["parity scores on cpu (batch=4, height=224)"] == "failure"


def test_a_model_that_was_converted_and_not_measured_to_the_end_lacks_its_benchmark() -> None:
    found = outcomes(sample.report((sample.row(status="skipped"),), complete=False), "tiny-cnn")
    assert (found["convert"], found["benchmark"]) == ("passed", "skipped")


def test_an_unavailable_provider_that_fails_no_gate_is_skipped() -> None:
    gone = sample.measured("cuda", 1.0, status="unavailable", latency_ms=None, reason="no device")
    assert outcomes(sample.report((sample.row(benchmark=(gone,)),)), "tiny-cnn")["benchmark cuda"] == "skipped"


def test_a_wrong_opset_is_a_failure() -> None:
    wrong = sample.row(status="failed", artifact=sample.artifact("a", opsets={"ai.onnx": 18}))
    assert outcomes(sample.report((wrong,)), "tiny-cnn")["opset"] == "failure"


def test_a_row_that_failed_for_nothing_else_failed_a_gate() -> None:
    grown = sample.row(status="failed", diagnostics=(sample.diagnostic("OCA610", "it is slower"),))
    assert outcomes(sample.report((grown,)), "tiny-cnn")["gates"] == "failure"


def test_a_failure_says_what_differs() -> None:
    text = next(one.text for one in parsed(sample.report()).iter("failure") if "1.3e-01" in one.get("message", ""))
    assert "37 of 40 elements beyond the tolerance\nat [3, 7]: expected 0.5, got nan" in (text or "")


@settings(max_examples=40, deadline=None)
@given(st.text())
def test_the_document_is_well_formed_whatever_a_report_says(text: str) -> None:
    assert len(parsed(sample.hostile(text))) == 3


def test_characters_that_xml_does_not_know_are_replaced() -> None:
    failed = sample.row(status="error", artifact=None, diagnostics=(sample.diagnostic("OCA301", "a\x00\x0b\ufffe"),))
    found = next(parsed(sample.report((failed,))).iter("error")).text
    assert found is not None
    assert "a\ufffd\ufffd\ufffd" in found


def test_a_comparison_with_the_base_fails_where_its_gate_does_and_is_skipped_where_it_is_open() -> None:
    found = outcomes(compared.report(), "tiny-cnn")
    assert {name: outcome for name, outcome in found.items() if "the base" in name} == {
        "size against the base": "failure",
        "latency on cpu against the base": "failure",
        "latency on openvino against the base": "skipped",
    }
    within = outcomes(compared.report(), "mixer")
    assert within["latency on cpu against the base"] == "passed"
    assert "size against the base" not in outcomes(compared.report(), "iris")


def test_a_gate_that_does_not_fail_the_run_is_no_failure() -> None:
    found = outcomes(compared.report(fail_on=("convert",)), "tiny-cnn")
    assert found["latency on cpu against the base"] == "passed"
