"""Noise: when a machine is not quiet enough for what was asked, what is said and what to do about it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.diagnostics import find
from onnx_convert.noise import disturbances, findings
from onnx_convert.report.model import Conditions, Latency, LatencyComparison, Limits, Machine, ProviderResult
from onnx_convert.spec.model import Benchmark
from onnx_convert.stages.values import Finding

NOISY = Conditions(seconds=30, load=6.1, steal=0.12, others=0.41, pressure=0.5, mhz=1200)
QUIET = Conditions(seconds=30, load=0.2, steal=0.001, others=0.012, pressure=0.01, mhz=2990)


def machine(conditions: Conditions | None = QUIET, **known: object) -> Machine:
    fields = {"cpu": "c", "cores": 2, "memory_bytes": 1, "platform": "p", "python": "3.11", "max_mhz": 3000}
    return Machine.model_validate(fields | {"conditions": conditions} | known)


def measured(provider: str = "cpu", half: float = 0.01, **known: object) -> ProviderResult:
    """A provider whose interval is the median plus and minus so much of it."""
    latency = Latency(median=2.0, p90=2.0, p99=2.0, ci95=(2.0 - 2 * half, 2.0 + 2 * half))
    return ProviderResult.model_validate(
        {"provider": provider, "status": "measured", "latency_ms": latency, "steady": True, "threads": 2} | known
    )


def compared(verdict: str, detectable: float | None, **known: object) -> LatencyComparison:
    return LatencyComparison.model_validate(
        {"provider": "cpu", "ratio": 1.0, "ci": (0.9, 1.1), "verdict": verdict, "detectable": detectable} | known
    )


def judge(*values: ProviderResult | LatencyComparison, on: Machine | None = None) -> list[Finding]:
    results = tuple(one for one in values if isinstance(one, ProviderResult))
    comparisons = tuple(one for one in values if isinstance(one, LatencyComparison))
    return list(findings(results, comparisons, Benchmark(seconds=5), 0.05, on or machine()))


@pytest.mark.parametrize("verdict", ["faster", "unchanged", "slower"])
def test_nothing_is_said_where_the_asked_change_could_have_been_seen(verdict: str) -> None:
    assert judge(measured(), compared(verdict, 0.05)) == []


def test_a_machine_on_which_the_asked_change_could_not_be_seen_is_too_noisy() -> None:
    (said,) = judge(compared("unchanged", 0.082), on=machine(NOISY, governor="powersave"))
    assert (said.code, said.key, said.gate) == ("OCA670", "benchmark", None)
    assert said.message == (
        "the machine is too noisy to see a change of 5 %: the smallest it could have told on cpu is 8.2 % (steal 12 %, "
        "other processes used 41 % of the CPU time, load 6.1 on 2 cores before the run, "
        "clock 1200 of 3000 MHz, governor powersave)"
    )
    assert said.hint is not None
    assert said.hint.startswith("raise benchmark.seconds, now 5; use a runner whose CPUs are its own; end what else")


def test_a_verdict_that_could_not_be_reached_is_said_with_its_reason() -> None:
    again = "a first process said slower, a second one unchanged"
    (said,) = judge(compared("inconclusive", 0.02, reason=again))
    assert said.code == "OCA670"
    assert said.message == (
        f"the machine is too noisy for a verdict on cpu, where {again} (steal 0.1 %, other processes 1.2 %, 2 cores)"
    )


def test_threads_that_wait_for_each_other_are_named_where_nobody_else_uses_the_cpus() -> None:
    (said,) = disturbances(machine(QUIET.model_copy(update={"pressure": 0.5})))
    assert said.remedy == "use fewer threads"


@pytest.mark.parametrize(
    "comparison",
    [
        compared("identical", None, ratio=None, ci=None),
        compared("inconclusive", None, ratio=None, ci=None, reason="the base has other inputs"),
    ],
)
def test_what_was_not_measured_says_nothing_about_the_machine(comparison: LatencyComparison) -> None:
    assert judge(comparison) == []


def test_every_provider_that_was_too_noisy_is_named_once() -> None:
    (said,) = judge(compared("unchanged", 0.06), compared("inconclusive", 0.2, provider="openvino"))
    assert "on cpu is 6 %; the smallest it could have told on openvino is 20 % (" in said.message


def test_a_median_that_is_only_known_roughly_is_a_note() -> None:
    (said,) = judge(measured(half=0.04), measured("native", half=0.07))
    assert (said.code, find(said.code).severity) == ("OCA671", "note")
    assert said.message.startswith("the median is only known to ± 7 % on native")


def test_a_warm_up_that_did_not_settle_is_said() -> None:
    (said,) = judge(measured(steady=False), measured("native", steady=None))
    assert said.code == "OCA672"
    assert said.message.endswith("on cpu")


def test_a_busy_machine_is_said_where_the_intervals_do_not_show_it() -> None:
    (said,) = judge(measured(), compared("unchanged", 0.02), on=machine(NOISY))
    assert said.code == "OCA674"
    assert "other processes used 41 % of the CPU time" in said.message
    assert judge(compared("unchanged", 0.02), on=machine(NOISY)) == []


@pytest.mark.parametrize(
    ("threads", "quota", "codes"), [(2, 1.5, ["OCA673"]), (1, 0.5, []), (2, 2.0, []), (8, None, [])]
)
def test_threads_beyond_the_quota_are_said(threads: int, quota: float | None, codes: list[str]) -> None:
    found = judge(measured(threads=threads), on=machine(limits=Limits(cpus=quota)))
    assert [one.code for one in found] == codes


def test_a_quiet_machine_has_no_disturbance_and_an_unknown_one_none_that_is_known() -> None:
    assert disturbances(machine(governor="performance")) == ()
    assert disturbances(machine(None, max_mhz=None)) == ()


def test_nothing_of_it_fails_a_run() -> None:
    found = judge(compared("inconclusive", 0.5), measured(half=0.5, steady=False), on=machine(limits=Limits(cpus=1)))
    assert [one.code for one in found] == ["OCA670", "OCA671", "OCA672", "OCA673"]
    assert all(one.gate is None and find(one.code).severity != "error" for one in found)


UNIT = st.none() | st.floats(0, 1)


@given(st.builds(Conditions, seconds=st.floats(0, 9), steal=UNIT, others=UNIT, pressure=UNIT), st.floats(0, 1e9))
def test_every_disturbance_has_something_to_do_about_it(conditions: Conditions, detectable: float) -> None:
    assert all(one.said and one.remedy for one in disturbances(machine(conditions)))
    for said in judge(compared("unchanged", detectable), on=machine(conditions)):
        assert "nan" not in said.message
        assert said.hint
