"""OCA67x: findings about how quiet the machine was while it measured. None of them fails a run."""

from onnx_convert.diagnostics.entry import Entry

ENTRIES = (
    Entry(
        code="OCA670",
        title="the machine is too noisy for the asked precision",
        severity="warning",
        hint="raise benchmark.seconds, or measure on a quieter machine",
        cause=(
            "`gates.max-latency-increase` asks whether a model got slower by so much. Base and head were measured in "
            "turn, and their ratio still varied so much that a change of that size could not have been told from none. "
            "The message says the smallest one that could have been, and what the kernel knows of the machine: time "
            "that the hypervisor gave to other guests (steal), CPU time of other processes, load before the run, the "
            "frequency's governor."
        ),
        remedy=(
            "In this order: end what else runs on the machine; use a runner whose CPUs are its own (larger or "
            "self-hosted); set the frequency governor to `performance`; raise `benchmark.seconds`. If the runner is "
            "what there is, raise `gates.max-latency-increase` to what it can tell."
        ),
    ),
    Entry(
        code="OCA671",
        title="a median is only known roughly",
        severity="note",
        hint="raise benchmark.seconds, or measure on a quieter machine",
        cause=(
            "Half of the 95 % interval of a median is more than `gates.max-latency-increase` of it. The figure is what "
            "was measured; another run may well give one that differs by more than that limit."
        ),
        remedy="The same as for OCA670. A comparison with the base is measured in turn and is not as rough.",
    ),
    Entry(
        code="OCA672",
        title="timings had not settled when the warm-up ended",
        severity="note",
        hint="raise benchmark.seconds: the warm-up is at most a fifth of it",
        cause=(
            "The warm-up ends when two windows of calls have the same median within 5 %, or when a fifth of "
            "`benchmark.seconds` is over. Here the time was over first: the model is slow for its seconds, the "
            "provider still compiles, or the machine changes its speed."
        ),
        remedy="Raise `benchmark.seconds`. If it says so again, the machine changes its speed: see OCA670.",
    ),
    Entry(
        code="OCA673",
        title="more threads than the container may use",
        severity="warning",
        hint="lower benchmark.threads, or give the container more CPUs",
        cause=(
            "The container has a CPU quota (cgroup `cpu.max`) below `benchmark.threads`. When the threads have used "
            "up its share of a period, usually a tenth of a second, the kernel stops all of them until the next one: "
            "some calls take tens of milliseconds longer, and what is measured is the quota."
        ),
        remedy=(
            "Leave `benchmark.threads` out: it follows the quota. Or start the container with more CPUs (`--cpus`, "
            "`resources.limits.cpu`)."
        ),
    ),
    Entry(
        code="OCA674",
        title="the machine was busy while it measured",
        severity="warning",
        hint="end what else runs on the machine, or use a runner whose CPUs are its own",
        cause=(
            "Other processes used a fifth of the CPU time or more, or the hypervisor gave a twentieth or more to other "
            "guests (steal). A call that waits for a CPU in every second case is slow steadily: the interval of its "
            "median stays small and does not show it."
        ),
        remedy=(
            "Measure on a machine that does nothing else. A verdict against the base is not as much at fault: both are "
            "measured in turn and slowed alike."
        ),
    ),
)
