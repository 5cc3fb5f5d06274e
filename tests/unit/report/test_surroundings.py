"""The machine in words."""

from __future__ import annotations

from onnx_convert.report.html import page
from onnx_convert.report.model import Conditions, Gpu, Leg, Limits, Machine
from onnx_convert.report.surroundings import conditions, legs, settings
from tests.unit.report import sample

KNOWN = Machine(
    cpu="c",
    cores=2,
    smt=True,
    governor="powersave",
    max_mhz=3400.4,
    turbo=False,
    memory_bytes=1,
    limits=Limits(cpus=1.5, memory_bytes=2 * 2**30, cpuset="0-1"),
    conditions=Conditions(seconds=9, load=6.12, steal=0.12, others=0.4, pressure=0.05),
    platform="p",
    python="3.11",
    gpus=(Gpu(name="G", driver="580.1"),),
)
BARE = Machine(cpu="c", cores=2, memory_bytes=1, platform="p", python="3.11")


def test_settings_are_said_as_far_as_they_are_known() -> None:
    assert settings(KNOWN) == (
        "governor powersave",
        "at most 3400 MHz",
        "turbo off",
        "two threads a core",
        "limited to 1.5 CPUs",
        "limited to 2.1 GB memory",
        "G with driver 580.1",
    )
    assert settings(BARE) == ()


def test_conditions_are_said_as_far_as_they_are_known() -> None:
    assert conditions(KNOWN.conditions) == (
        "steal 12.0 %",
        "other processes 40.0 % of the CPU time",
        "something waited for a CPU 5.0 % of the time",
        "load 6.1 before the run",
    )
    assert conditions(BARE.conditions) == ()


def test_the_page_tells_both() -> None:
    text = page(sample.report(machine=KNOWN))
    assert "governor powersave, at most 3400 MHz" in text
    assert "While it measured: steal 12.0 %, other processes 40.0 % of the CPU time" in text
    assert "While it measured" not in page(sample.report(machine=BARE))


def test_legs_are_grouped_by_machine() -> None:
    def legs_on(*cores: int) -> tuple[str, ...]:
        machines = [sample.report().machine.model_copy(update={"cpu": "EPYC", "cores": each}) for each in cores]
        found = tuple(
            Leg(index=index, models=(), started="", machine=machine) for index, machine in enumerate(machines, 1)
        )
        return tuple(said.partition(" on ")[0] for said in legs(sample.report((), legs=found)))

    assert legs_on() == ()
    (said,) = legs(sample.report((), legs=(Leg(index=1, models=(), started="", machine=sample.report().machine),)))
    assert said.startswith("leg 1 on AMD EPYC")
    assert legs_on(4) == ("leg 1",)
    assert legs_on(4, 4) == ("legs 1 and 2",)
    assert legs_on(4, 4, 4, 8) == ("legs 1 to 3", "leg 4")
    assert legs_on(4, 8, 4, 4) == ("legs 1, 3 and 4", "leg 2")
