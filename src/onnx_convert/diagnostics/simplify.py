"""OCA4xx: findings about simplification. Whatever is wrong with it, the unsimplified model is kept."""

from onnx_convert.diagnostics.entry import Entry

_REMEDY = (
    "Nothing has to be done: the unsimplified model is the artifact. Try the other simplifier (`simplify = "
    '"onnxslim"` or `"onnxsim"`), or set `simplify = false` to be rid of the warning.'
)

ENTRIES = (
    Entry(
        code="OCA401",
        title="the simplifier failed",
        severity="warning",
        hint="the unsimplified model is kept; try the other simplifier",
        cause="The simplifier raised an error on this model. The message is its own.",
        remedy=_REMEDY,
    ),
    Entry(
        code="OCA402",
        title="the simplifier changed the signature",
        severity="warning",
        hint="the unsimplified model is kept; try the other simplifier",
        cause=(
            "After simplification, inputs, outputs or the opset were no longer the same: a dynamic dimension was baked "
            "to a constant, an input was removed, or an operator was replaced by one of another opset."
        ),
        remedy=_REMEDY,
    ),
    Entry(
        code="OCA403",
        title="the simplified model is not valid",
        severity="warning",
        hint="the unsimplified model is kept; try the other simplifier",
        cause="The ONNX checker or ONNX Runtime refuses the simplified model, but not the model before it.",
        remedy=_REMEDY,
    ),
    Entry(
        code="OCA404",
        title="simplification changed the results",
        severity="warning",
        hint="the unsimplified model is kept; try the other simplifier",
        cause=(
            "Both models were run as they are written, without a runtime's own optimisations, on the same inputs at "
            "every combination of dimensions, and the simplified one gave other results, or none."
        ),
        remedy=_REMEDY,
    ),
    Entry(
        code="OCA405",
        title="simplification made the model larger",
        severity="warning",
        hint="the unsimplified model is kept; try the other simplifier",
        cause=(
            "The simplified model has more nodes, or clearly more bytes of weights: constants such as a large `Expand` "
            "or `Range` were computed in advance and stored."
        ),
        remedy=_REMEDY,
    ),
    Entry(
        code="OCA407",
        title="the simplification cannot be checked",
        severity="warning",
        hint="the unsimplified model is kept; remove random operators, or set simplify = false",
        cause=(
            "The exported model gives other results each time it runs, or does not run at all, so that there is "
            "nothing to compare the simplified one with."
        ),
        remedy="Export in inference mode (no dropout), or pass the noise as an input.",
    ),
)
