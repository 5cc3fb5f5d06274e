"""OCA350 to OCA379: findings about the ONNX file that an exporter wrote."""

from onnx_convert.diagnostics.entry import Entry

ENTRIES = (
    Entry(
        code="OCA350",
        title="another opset than asked",
        severity="error",
        hint="ask for the opset that the exporter writes, or use another exporter",
        cause=(
            "The exporter wrote another opset than `opset` asks for. Some exporters only write the newest opset they "
            "know and convert down where they can; some write the lowest that the operators need."
        ),
        remedy=(
            'Set `exporter` to the other exporter (PyTorch: "torchscript" for 17 and older, "dynamo" for '
            'newer ones), ask for the opset that was written, or set `opset = "auto"`.'
        ),
    ),
    Entry(
        code="OCA351",
        title="the ONNX file cannot be read",
        severity="error",
        hint="the file is cut off or is no ONNX model: see the model's log",
        cause="The file is not a valid protobuf, is nested too deeply, or is larger than the 2 GiB a protobuf can be.",
        remedy=(
            "Read the model's log for what the exporter said last. Models past 2 GB need their weights in external "
            "data; an existing `.onnx` may be a Git LFS pointer: check out with `lfs: true`."
        ),
    ),
    Entry(
        code="OCA352",
        title="the graph is too large to look at",
        severity="error",
        hint="keep loops as loops: an unrolled loop writes its body once a step",
        cause="The graph has more nodes than the checker is willing to walk. Unrolled loops are the usual reason.",
        remedy="Export the loop as ONNX Loop or Scan (PyTorch: `torch.jit.script` the function), or run fewer steps.",
    ),
    Entry(
        code="OCA353",
        title="the ONNX checker refuses the model",
        severity="error",
        hint="try the other exporter or another opset",
        cause=(
            "The exporter wrote a graph that breaks the ONNX standard: an operator that the opset does not have, a "
            "missing attribute, a value that is used before it is made."
        ),
        remedy=(
            "Try the other `exporter` or another `opset`. The message names the operator: if the model can do without "
            "it, replace it; otherwise report it to the exporter."
        ),
    ),
    Entry(
        code="OCA354",
        title="operators of an unknown domain",
        severity="error",
        hint="declare the domain in custom-ops, or replace the operator",
        cause="The graph has operators that are neither in the ONNX standard nor in ONNX Runtime.",
        remedy=(
            "If they are yours, declare their domain and the library that holds them in `custom-ops`. If the exporter "
            "invented them (such as `aten`), it could not translate a function of the model: replace that function."
        ),
    ),
    Entry(
        code="OCA355",
        title="external data is missing or out of place",
        severity="error",
        hint="keep the external data beside the .onnx file, under a relative name",
        cause=(
            "Weights of the model are in another file, and that file is missing, too short, or is named by an absolute "
            "path or one that leaves the model's folder. Runtimes refuse such models, for good reasons."
        ),
        remedy=(
            "Save the model again with external data beside it (`onnx.save(model, path, save_as_external_data=True, "
            "location=...)`), and commit both files."
        ),
    ),
    Entry(
        code="OCA356",
        title="ONNX Runtime refuses to load the model",
        severity="error",
        hint="try the other exporter or another opset",
        cause=(
            "The checker has nothing against the model, ONNX Runtime does. The message is its own. PyTorch's "
            "TorchScript exporter, for example, writes a `Split` for opset 17 that is only valid from opset 18."
        ),
        remedy="Try the other `exporter` or another `opset`; report the graph to the exporter.",
    ),
    Entry(
        code="OCA357",
        title="a dynamic dimension was baked to a constant",
        severity="error",
        hint="make the model compute with the tensor's size instead of a number",
        cause=(
            "The spec names a dimension of an input, and the exporter wrote a number there: the artifact takes only "
            "the size it was exported with. Often the model reads a size as a Python number (`int(x.shape[0])`), "
            "branches on it, or the exporter found that the model cannot work with other sizes."
        ),
        remedy=(
            "Use sizes as they come from `x.shape` without `int()` or `.item()`, reshape with -1, avoid branches on "
            "sizes; or declare the dimension as a number if the model really is for one size."
        ),
    ),
    Entry(
        code="OCA358",
        title="shape inference finds a contradiction",
        severity="error",
        hint="try the other exporter, or look at the named operator",
        cause="Types or shapes that the graph declares contradict those that follow from its operators.",
        remedy="The message names the operator. Try the other `exporter`, or report the graph to it.",
    ),
    Entry(
        code="OCA359",
        title="an output is not a tensor",
        severity="error",
        hint="scikit-learn: leave `zipmap` off in export-options (it is, unless you set it)",
        cause="An output is a sequence or a map. It cannot be compared or timed as a tensor, and few runtimes take it.",
        remedy="Export a tensor. For scikit-learn classifiers, maps of probabilities come from the option `zipmap`.",
    ),
    Entry(
        code="OCA360",
        title="newer than the installed ONNX Runtime",
        severity="error",
        hint="ask for an older opset",
        cause="The file's IR version or opset is newer than the newest that the installed ONNX Runtime takes.",
        remedy="Ask for an older `opset`, or let the exporter write an older IR version.",
    ),
    Entry(
        code="OCA361",
        title="weights are inputs of the graph",
        severity="note",
        hint="write initialisers that are not inputs (keep_initializers_as_inputs=False)",
        cause=(
            "The graph lists its weights as inputs, so that a caller could replace them. Runtimes must then not fold "
            "or fuse them, and run slower."
        ),
        remedy="Export without `keep_initializers_as_inputs`, or leave simplification on: it moves them out.",
    ),
    Entry(
        code="OCA362",
        title="weights in double precision",
        severity="note",
        hint="convert the model to float32 before export if that is what it should run in",
        cause="Weights of the artifact are float64: twice the size, and a fraction of the speed on most hardware.",
        remedy="If it is not meant, call `.float()` (PyTorch) or give float32 inputs to the converter.",
    ),
    Entry(
        code="OCA363",
        title="shape inference that follows constants fails",
        severity="note",
        hint="nothing to do unless a tool needs inferred shapes",
        cause=(
            "Strict shape inference passes, but with constants followed through the graph (`data_prop`) it does not. "
            "ONNX Runtime loads the model; tools that need all shapes may not."
        ),
        remedy="Nothing has to be done. Look at the named operator if another tool refuses the model.",
    ),
)
