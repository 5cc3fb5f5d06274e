"""Where a report was made: the machine, what it allowed, and what it did meanwhile."""

from __future__ import annotations

from onnx_convert.report.model.value import Integer, Value


class Gpu(Value):
    """A GPU as its driver describes it; clocks in MHz, now and at most, None where it does not say."""

    name: str
    driver: str
    memory_bytes: Integer | None = None
    clock_mhz: Integer | None = None
    clock_max_mhz: Integer | None = None
    memory_clock_mhz: Integer | None = None
    memory_clock_max_mhz: Integer | None = None
    compute_capability: str | None = None


class Limits(Value):
    """What control groups allow: `cpus` is CPU time a second, such as 1.5; `cpuset` names CPUs as the kernel does."""

    cpus: float | None = None
    memory_bytes: Integer | None = None
    cpuset: str | None = None


class Conditions(Value):
    """What the machine did while a run measured on it, None where its kernel does not say.

    Fractions are of the `seconds` from the first measurement to the last: `steal` and `others` of the time of all CPUs,
    given to other guests by the hypervisor, and used by processes that are not this run's; `pressure` of the wall time,
    in which something waited for a CPU. `load` is the load average of a minute when the run began, so that nothing of
    the run is in it; `mhz` the mean clock of the CPUs when measuring began.
    """

    seconds: float
    load: float | None = None
    steal: float | None = None
    others: float | None = None
    pressure: float | None = None
    mhz: float | None = None


class Machine(Value):
    """Where it was measured. `cores` and `logical_cores` are those that the process may use.

    `governor` is that of the frequency of its CPUs, `max_mhz` their highest clock, `turbo` whether they may go beyond
    their nominal one, `smt` whether cores run two threads: None where the kernel does not say.
    """

    cpu: str
    cores: Integer
    logical_cores: Integer | None = None
    smt: bool | None = None
    governor: str | None = None
    max_mhz: float | None = None
    turbo: bool | None = None
    memory_bytes: Integer
    limits: Limits = Limits()
    conditions: Conditions | None = None
    platform: str
    python: str
    container: bool = False
    versions: dict[str, str] = {}
    gpus: tuple[Gpu, ...] = ()
