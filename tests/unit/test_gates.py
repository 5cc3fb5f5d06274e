"""Gates: what fails a run and what only warns."""

import pytest

from onnx_convert.gates import comparison_findings, conclude, fails, parity_findings, provider_findings, severity
from onnx_convert.report.model import (
    Artifact,
    Blame,
    Case,
    Comparison,
    Diagnostic,
    LatencyComparison,
    ModelReport,
    Parity,
    ProviderResult,
)
from onnx_convert.spec.model import Benchmark, Gates
from onnx_convert.stages.values import Finding


def row(*severities, artifact=True):
    made = Artifact(path="a.onnx", bytes=1, sha256="0", opsets={"ai.onnx": 17}, ir_version=8, nodes=1)
    return ModelReport(
        name="a",
        framework="pytorch",
        opset=17,
        status="passed",
        artifact=made if artifact else None,
        diagnostics=tuple(Diagnostic(code="OCA903", severity=one, message="") for one in severities),
    )


def measured(provider, effective):
    return ProviderResult(provider=provider, status="measured", effective=effective)


def test_a_broken_gate_of_fail_on_is_an_error():
    assert severity(Finding("OCA903", "", gate="parity"), Gates()) == "error"


def test_a_broken_gate_that_is_not_in_fail_on_is_a_warning():
    assert severity(Finding("OCA903", "", gate="parity"), Gates.model_validate({"fail-on": ["convert"]})) == "warning"


def test_a_finding_without_a_gate_is_never_an_error():
    assert severity(Finding("OCA903", ""), Gates()) == "warning"


def test_a_row_with_an_error_fails():
    assert fails(row("warning", "error"))
    assert not fails(row("warning", "note"))


@pytest.mark.parametrize(
    ("rows", "complete", "conclusion"),
    [
        ([row()], True, "success"),
        ([row(), row("error")], True, "failure"),
        ([row("warning")], True, "success"),
        ([row()], False, "failure"),
        ([row("warning", artifact=False)], True, "neutral"),
        ([], True, "neutral"),
    ],
)
def test_conclusions(rows, complete, conclusion):
    assert conclude(rows, complete=complete) == conclusion


def test_an_unavailable_provider_breaks_the_provider_gate_with_its_reason():
    gone = ProviderResult(provider="cuda", status="unavailable", reason="libcudnn.so.9 is missing")
    (finding,) = provider_findings((gone,), Benchmark())
    assert (finding.code, finding.gate) == ("OCA601", "provider")
    assert "libcudnn.so.9" in finding.message


def test_a_provider_that_ran_too_few_nodes_breaks_the_gate():
    half = measured("tensorrt", {"TensorrtExecutionProvider": 0.5, "CPUExecutionProvider": 0.5})
    (finding,) = provider_findings((half,), Benchmark.model_validate({"min-provider-share": 0.9}))
    assert finding.code == "OCA603"
    assert "50%" in finding.message
    assert not list(provider_findings((half,), Benchmark.model_validate({"min-provider-share": 0.5})))


def test_a_provider_that_ran_too_little_of_the_time_breaks_the_gate_though_it_ran_the_nodes():
    nodes = {"TensorrtExecutionProvider": 0.95, "CPUExecutionProvider": 0.05}
    slow = measured("tensorrt", nodes).model_copy(
        update={"time_share": {"TensorrtExecutionProvider": 0.3, "CPUExecutionProvider": 0.7}}
    )
    (finding,) = provider_findings((slow,), Benchmark.model_validate({"min-provider-share": 0.9}))
    assert (finding.code, finding.gate) == ("OCA603", "provider")
    assert finding.message == "provider tensorrt ran 30% of the time, less than min-provider-share 90%"


def test_a_provider_that_ran_too_little_of_both_is_told_both():
    shares = {"CUDAExecutionProvider": 0.5, "CPUExecutionProvider": 0.5}
    half = measured("cuda", shares).model_copy(update={"time_share": shares})
    (finding,) = provider_findings((half,), Benchmark())
    assert "50% of the nodes and 50% of the time" in finding.message


def test_what_openvino_runs_without_onnx_runtime_is_all_of_it():
    results = (measured("openvino-runtime", {"openvino-runtime": 1.0}),)
    assert list(provider_findings(results, Benchmark(providers=("openvino-runtime",)))) == []


def test_a_share_just_below_the_limit_is_not_rounded_to_it():
    nearly = measured("cuda", {"CUDAExecutionProvider": 0.9999, "CPUExecutionProvider": 0.0001})
    (finding,) = provider_findings((nearly,), Benchmark())
    assert "99.9% of the nodes" in finding.message


def test_a_provider_that_was_silently_replaced_ran_none_of_the_nodes():
    replaced = measured("cuda", {"CPUExecutionProvider": 1.0})
    (finding,) = provider_findings((replaced,), Benchmark())
    assert "0%" in finding.message


def test_the_original_framework_breaks_no_gate():
    failed = ProviderResult(provider="native", status="failed", reason="it raised")
    (finding,) = provider_findings((failed,), Benchmark())
    assert finding.gate is None


def test_a_parity_finding_names_output_dims_numbers_and_stage():
    case = Case(
        provider="cpu",
        dims={"batch": 4},
        output="logits",
        max_abs=0.25,
        max_rel=1.5,
        mismatched=3,
        elements=40,
        passed=False,
    )
    parity = Parity(status="failed", rtol=1e-3, atol=1e-5, cases=(case,), blame=Blame(stage="simplify"))
    (finding,) = parity_findings(parity, "pytorch", "net")
    assert finding.gate == "parity"
    assert "models/net/repro/repro.py" in (finding.hint or "")
    for part in ("logits", "pytorch", "cpu", "batch=4", "3 of 40", "0.25", "simplify"):
        assert part in finding.message


@pytest.mark.parametrize(
    ("sqnr", "nonfinite", "said"),
    [(17.3, 0, "signal to noise 17.3 dB, less than 40 dB (max abs 0.25"), (55.0, 2, "2 of 40 elements are not finite")],
)
def test_a_variant_is_told_by_what_it_was_judged_by(sqnr, nonfinite, said):
    numbers = {
        "max_abs": 0.25,
        "max_rel": 1.5,
        "sqnr_db": sqnr,
        "nonfinite": nonfinite,
        "mismatched": 3,
        "elements": 40,
    }
    case = Case(provider="cpu", dims={}, output="logits", **numbers, passed=False)
    parity = Parity(status="failed", rtol=1e-3, atol=1e-5, max_mismatch=1.0, min_sqnr=40.0, cases=(case,))
    (finding,) = parity_findings(parity, "pytorch", "net+fp16")
    assert said in finding.message


def test_a_case_without_numbers_is_told_by_its_reason():
    case = Case(provider="cpu", dims={}, output="y", reason="dtype int64, expected int32", passed=False)
    (finding,) = parity_findings(Parity(status="failed", rtol=0, atol=0, cases=(case,)), "sklearn", "net")
    assert "expected int32" in finding.message


def against(ratio=None, verdict="slower", **changes):
    latency = (LatencyComparison(provider="cpu", ratio=ratio, verdict=verdict),) if ratio else ()
    return Comparison(baseline="a1b2c3d", latency=latency, **changes)


def test_slower_beyond_the_limit_breaks_the_latency_gate():
    (finding,) = comparison_findings(against(1.2), Gates())
    assert (finding.code, finding.gate) == ("OCA650", "latency")
    assert "20% slower than a1b2c3d" in finding.message
    assert "max-latency-increase 5%" in finding.message


def test_slower_within_the_limit_is_only_said():
    (finding,) = comparison_findings(against(1.04), Gates())
    assert (finding.code, severity(finding, Gates())) == ("OCA651", "note")


@pytest.mark.parametrize("verdict", ["inconclusive", "faster", "unchanged", "identical"])
def test_no_other_verdict_breaks_the_latency_gate(verdict):
    assert not list(comparison_findings(against(1.5, verdict), Gates()))


def test_larger_beyond_the_limit_breaks_the_size_gate():
    (finding,) = comparison_findings(against(size_ratio=1.25), Gates())
    assert (finding.code, finding.gate) == ("OCA652", "size")
    assert "25% larger" in finding.message
    assert not list(comparison_findings(against(size_ratio=1.1), Gates()))


def test_a_base_that_could_not_be_converted_breaks_no_gate():
    (finding,) = comparison_findings(against(status="failed", reason="it raised ValueError"), Gates())
    assert (finding.code, severity(finding, Gates())) == ("OCA653", "note")
    assert "it raised ValueError" in finding.message
