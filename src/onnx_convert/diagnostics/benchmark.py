"""OCA6xx: findings about providers and measurements."""

from onnx_convert.diagnostics.entry import Entry

ENTRIES = (
    Entry(
        code="OCA601",
        title="a provider is unavailable",
        severity="error",
        hint="install what is missing, or leave `provider` out of gates.fail-on",
        cause=(
            "The machine lacks a listed provider: its package, its libraries or its device. ONNX Runtime would have "
            "run on the CPU without a word; a number measured there would be a lie."
        ),
        remedy=(
            "Install what the message names, run on a machine with the device, take the provider out of "
            "`benchmark.providers`, or leave `provider` out of `gates.fail-on`."
        ),
    ),
    Entry(
        code="OCA602",
        title="a provider failed",
        severity="error",
        hint="read the provider's own reason; try the cpu provider",
        cause="The provider is there, and refused to load or to run this model. The message is its own.",
        remedy=(
            "Look at the operator that it names and at `provider-options`; some providers need fixed sizes or other "
            "opsets. If the `cpu` provider fails as well, the model is at fault."
        ),
    ),
    Entry(
        code="OCA603",
        title="a provider ran too little of the model",
        severity="error",
        hint="lower benchmark.min-provider-share, or replace the operators it does not take",
        cause=(
            "ONNX Runtime gave the provider only a part of the nodes and the rest to the CPU, or the rest took most of "
            "the time: less than `min-provider-share` asks for. Its latency is that of a mixture."
        ),
        remedy="Replace operators that the provider does not have, or lower `benchmark.min-provider-share`.",
    ),
    Entry(
        code="OCA614",
        title="the time of each provider is not known",
        severity="note",
        hint="`effective` still has the share of nodes; the measured latency is not affected",
        cause=(
            "After the measurement ONNX Runtime profiles a few calls in a process of its own. That process failed, ran "
            "into a limit, or its profile held nothing, so that `min-provider-share` was judged by nodes alone."
        ),
        remedy="Read the reason in the message; raise `timeout` or `memory` if it ran into one of them.",
    ),
)
