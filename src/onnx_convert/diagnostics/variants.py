"""OCA38x: the variants fp16 and int8-dynamic."""

from onnx_convert.diagnostics.entry import Entry

ENTRIES = (
    Entry(
        code="OCA380",
        title="no variant without its float32 model",
        severity="warning",
        hint="see the findings of the float32 model",
        cause="A variant is made from the float32 artifact of its model, and there is none: its own row says why.",
        remedy="Mend the float32 model. The variant follows from it.",
    ),
    Entry(
        code="OCA381",
        title="nothing to convert to the variant's precision",
        severity="note",
        hint="leave the variant out of `variants`",
        cause=(
            "No operator of the model computes in the variant's precision. float16 needs operators of the ONNX "
            "standard on float32 tensors; dynamic quantisation takes MatMul, Gemm, Conv, LSTM, Attention and Gather "
            "with constant float32 weights. Tree ensembles and other operators of `ai.onnx.ml` have neither, and a "
            "model that is float16 already has nothing left to convert."
        ),
        remedy="Leave the variant out: it would be the same model under another name.",
    ),
    Entry(
        code="OCA382",
        title="activations overflow in float16",
        severity="warning",
        hint="nothing has to be done: the named nodes stay in float32",
        cause=(
            "float16 ends at 65,504. On the reference cases, the named nodes give or take larger values, or values "
            "within a factor of two of that. In float16 they would be infinite, and NaN soon after. So these nodes "
            "are kept in float32, with casts around them."
        ),
        remedy=(
            "Nothing has to be done. To have them in float16 too, scale the values down in the model: normalise "
            "inputs, divide before you multiply, use a mask of -1e4 in place of the smallest float32. Samples that "
            "are as large as those in production (`inputs.NAME.data`) make sure that nothing is missed."
        ),
        upstream=("https://github.com/microsoft/onnxruntime/pull/23363",),
    ),
    Entry(
        code="OCA383",
        title="weights overflow in float16",
        severity="warning",
        hint="nothing has to be done: the nodes that use them stay in float32",
        cause=(
            "The named weights have values beyond 65,504, the largest number of float16. Converters clip them to that "
            "without a word, which changes what the model computes. So the nodes that use them are kept in float32."
        ),
        remedy=(
            "Nothing has to be done. Weights that large are often masks (the smallest float32 for minus infinity): "
            "-1e4 does the same before a softmax, and fits."
        ),
        upstream=("https://github.com/microsoft/onnxconverter-common/issues/211",),
    ),
    Entry(
        code="OCA384",
        title="weights vanish in float16",
        severity="note",
        hint="see whether one of them is an epsilon that guards a division",
        cause=(
            "The named weights are not zero and, half of their values at least, below 6e-8, the smallest number of "
            "float16. They become 6e-8: an epsilon of 1e-12 that keeps a division from zero is then far larger than it "
            "was. A few tiny values among larger ones do no harm and are not named."
        ),
        remedy="If parity suffers, use a larger epsilon in the model (1e-5), so that both precisions see the same.",
    ),
    Entry(
        code="OCA385",
        title="the variant's converter failed",
        severity="error",
        hint="the float32 model is not affected; leave the variant out if you can do without it",
        cause=(
            "ONNX Runtime's float16 converter or its quantiser raised an error, or what it made is no valid model. The "
            "message is its own."
        ),
        remedy=(
            "Try another opset, or `simplify` with the other simplifier: both tools look for patterns of nodes. "
            "Otherwise report it to ONNX Runtime with the float32 artifact of this run, and leave the variant out."
        ),
    ),
    Entry(
        code="OCA386",
        title="dynamic quantisation needs opset 11",
        severity="error",
        hint="ask for opset 11 or newer",
        cause=(
            "`DynamicQuantizeLinear`, which quantises activations while the model runs, is in ONNX since opset 11. "
            "The quantiser would raise the opset on its own; the artifact must have the one that was asked for."
        ),
        remedy="Set `opset` to 11 or newer; with a list of opsets, variants are made from the first.",
    ),
    Entry(
        code="OCA387",
        title="float16 is computed in float32 here",
        severity="note",
        hint="on the CPU it saves size, not time: measure it on the provider it is meant for",
        cause=(
            "ONNX Runtime's CPU provider has few operators in float16. For the others it inserts casts when it loads "
            "the model and computes in float32. The weights are rounded as float16 has them, so that parity means "
            "something; the latency is that of float32 with casts."
        ),
        remedy=(
            "Put the provider that the variant is for into `benchmark.providers` (`cuda`, `tensorrt`, `openvino`). On "
            "the CPU, `int8-dynamic` is the variant that is faster."
        ),
    ),
    Entry(
        code="OCA388",
        title="the range of activations is not known",
        severity="warning",
        hint="watch the variant's parity: an overflow shows there as infinity or NaN",
        cause=(
            "To find activations that overflow in float16, the float32 model is run on the reference cases with the "
            "largest value of every tensor as an output. ONNX Runtime refused that graph, or a tensor was empty."
        ),
        remedy="Nothing has to be done if parity passes. The message is ONNX Runtime's own.",
    ),
)
