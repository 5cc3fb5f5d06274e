"""OCA5xx: findings about the comparison with the original framework."""

from onnx_convert.diagnostics.entry import Entry

ENTRIES = (
    Entry(
        code="OCA501",
        title="results differ from the original framework",
        severity="error",
        hint="run the script in models/NAME/repro to see it",
        cause=(
            "An output of the ONNX model is further from the original framework's than the tolerance allows, has "
            "another dtype or shape, or the model does not run at some size. The report names the first stage after "
            "which results differ: the original itself (it is random), export, simplification, ONNX Runtime's "
            "optimisations, or the provider."
        ),
        remedy=(
            "Blame `export`: try the other `exporter` or another `opset`. `simplify`: set `simplify` to the other "
            "simplifier or false. `optimise` or `provider`: look at that provider's precision options (TensorFloat-32, "
            "fp16). `source`: make the model deterministic. Where the difference is harmless, raise `rtol` and `atol` "
            "of that output, knowingly."
        ),
    ),
    Entry(
        code="OCA502",
        title="a comparison that could hardly have failed",
        severity="warning",
        hint="give real samples with inputs.NAME.data, or lower atol",
        cause=(
            "The comparison passed, but a wrong model would have passed as well: the output is constant, has no "
            "elements, is within `atol` of zero, holds one label only, or is the same for every sample."
        ),
        remedy=(
            "Give real samples (`inputs.NAME.data`) or a fitting `range`, more `samples`, or an `atol` below the size "
            "of the output's values."
        ),
    ),
    Entry(
        code="OCA510",
        title="a dimension is frozen",
        severity="error",
        hint="make the model compute with the tensor's size instead of a number",
        cause=(
            "The model is right only at the size it was exported with: inside the graph that size is a constant, "
            "although the input is declared dynamic."
        ),
        remedy=(
            "Use sizes as they come from `x.shape` without `int()` or `.item()`, reshape with -1, avoid branches on "
            "sizes, or try the other `exporter`. Declare the dimension as a number if the model is for one size."
        ),
    ),
    Entry(
        code="OCA520",
        title="a reference case cannot be read",
        severity="error",
        hint="run it again; if it persists, look at the model's log",
        cause="The file with inputs or reference outputs of a case is missing, cut off or no array.",
        remedy="Run it again. Model code that writes into the job's folder is a possible reason; so is a full disk.",
    ),
    Entry(
        code="OCA521",
        title="inputs do not match the original's",
        severity="error",
        hint="give every input of the model in the spec, in the model's order",
        cause="The ONNX model wants inputs that the original does not have, and names and order tell nothing.",
        remedy="Name all inputs in the spec, in the order in which the model takes them.",
    ),
)
