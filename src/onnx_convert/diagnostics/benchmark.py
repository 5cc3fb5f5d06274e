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
        code="OCA611",
        title="the range of shapes is not known to TensorRT",
        severity="note",
        hint="give `trt_profile_min_shapes`, `trt_profile_opt_shapes` and `trt_profile_max_shapes` yourself",
        cause=(
            "TensorRT takes parts of the graph and leaves others to CUDA or the CPU. With profiles, every dynamic "
            "input of every part has to be named, and those within the graph are not in the spec. Without them "
            "TensorRT builds its engines for the shapes it sees, and again when others come."
        ),
        remedy=(
            "Nothing, if building again for every combination of `dims` is not too slow. Otherwise name the inputs "
            "that ONNX Runtime lists in `provider-options.tensorrt`, or replace the operators that TensorRT does not "
            "take."
        ),
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
    Entry(
        code="OCA650",
        title="slower than the base by more than the limit",
        severity="error",
        hint="look at what the comparison says changed in the graph; max-latency-increase is the limit",
        cause=(
            "The model of this commit and that of the base were measured in turn, in one process, on the same inputs; "
            "this one took longer by more than `gates.max-latency-increase`, and a second process found it again. "
            "What the noise of the machine could explain is `inconclusive` and never gets here."
        ),
        remedy=(
            "The comparison lists the operators and opsets that differ from the base: usually one of them is the "
            "reason. If the model is meant to be slower, raise `max-latency-increase` for this change, or leave "
            "`latency` out of `gates.fail-on`."
        ),
    ),
    Entry(
        code="OCA651",
        title="slower than the base, within the limit",
        severity="note",
        hint="nothing needs to be done; a smaller max-latency-increase would fail it",
        cause=(
            "The model really takes longer than that of the base, measured in turn with it, but by no more than "
            "`gates.max-latency-increase`."
        ),
        remedy="Nothing has to be done. Many small steps add up: compare with an older base now and then.",
    ),
    Entry(
        code="OCA652",
        title="larger than the base by more than the limit",
        severity="error",
        hint="look at what the comparison says changed in the graph; max-size-increase is the limit",
        cause="The artifact, with its external data, is larger than the base's by more than `gates.max-size-increase`.",
        remedy=(
            "Look at the operators that were added: a constant that was folded into the graph, or weights that are "
            "stored twice, are the usual reasons. If the model is meant to be larger, raise `max-size-increase` for "
            "this change, or leave `size` out of `gates.fail-on`."
        ),
    ),
    Entry(
        code="OCA653",
        title="the base's model could not be converted",
        severity="note",
        hint="the model was judged by itself; what the base printed, if it did, is in baseline/NAME/log.txt",
        cause=(
            "The base has this model, and converting it there failed, or its file is not what the earlier report says. "
            "The model of this commit was converted, compared with its original and measured all the same."
        ),
        remedy=(
            "Where the base was broken, the next pull request has a base that is not. Files that are not in git, such "
            "as weights that an earlier step downloads, are not there at the base's commit."
        ),
    ),
)
