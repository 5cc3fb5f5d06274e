"""OCA30x-OCA34x: the converters. What is found in the artifact they write is in `artifact`."""

from __future__ import annotations

from onnx_convert.diagnostics.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="OCA300",
        title="the exporter failed",
        severity="error",
        hint="the full log is models/NAME/log.txt; there may be another exporter to try",
        cause="The framework's exporter raised an exception that is not one of those known here, or wrote nothing.",
        remedy=(
            "The message has the exception's first and last lines; models/NAME/log.txt in the output folder has the "
            "whole traceback and what the exporter printed. PyTorch has two exporters: try the other one with "
            "`exporter`."
        ),
    ),
    Entry(
        code="OCA301",
        title="an operator has no ONNX counterpart",
        severity="error",
        hint="try the other exporter or a higher opset, or write the operation with others",
        cause="The model uses an operator of the framework for which this exporter knows no ONNX at this opset.",
        remedy=(
            "Try the other exporter or a higher `opset`. Else write the operation in the model with operators "
            "that convert."
        ),
    ),
    Entry(
        code="OCA302",
        title="the model decides by the values of its inputs",
        severity="error",
        hint='replace the branch with torch.where or torch.cond, or use `exporter = "torchscript"`',
        cause=(
            "Python code in the model branches on, or converts to a number, values that are known only when the "
            "model runs. torch.export cannot follow both ways."
        ),
        remedy=(
            "Replace the branch with `torch.where`, masks or `torch.cond`. The TorchScript exporter writes the "
            "way it saw, which parity then checks: it is right only if all inputs take the same one."
        ),
    ),
    Entry(
        code="OCA303",
        title="a dimension cannot be dynamic",
        severity="error",
        hint="give the dimension a constant size in `shape`",
        cause=(
            "The model's code fixes the size of a dimension that the spec declares dynamic, or ties it to another one."
        ),
        remedy=(
            "Give it a constant size in the input's `shape`; give dimensions that are always equal the same name; "
            "or find the code that reads the size as a number."
        ),
        upstream=("https://github.com/pytorch/pytorch/issues/157621",),
    ),
    Entry(
        code="OCA304",
        title="the tracer made a constant of something",
        severity="warning",
        hint="see whether it depends on the inputs",
        cause=(
            "At this line the model's code turned a tensor into a Python value. The tracer keeps the value it "
            "saw: if it depends on an input or a size, the artifact is wrong for others."
        ),
        remedy="Parity on several sizes shows whether it matters. If it does, write the line with tensor operations.",
    ),
    Entry(
        code="OCA305",
        title="a package of the exporter is missing",
        severity="error",
        hint="add it to the model's `requirements`",
        cause=(
            "The exporter needs a package that the environment does not have. The environments that onnx-convert "
            "builds have all of them: this one was changed by the model's `requirements`."
        ),
        remedy="Add the package to the model's `requirements`, or use the other exporter.",
    ),
    Entry(
        code="OCA306",
        title="the exporter does not take this source",
        severity="error",
        hint='leave `exporter` at "auto"',
        cause=(
            "TorchScript modules can only be exported by the TorchScript exporter, exported programs only by "
            "dynamo; an existing ONNX file keeps its names."
        ),
        remedy='Leave `exporter` at "auto", or give the Python module as `source`.',
    ),
    Entry(
        code="OCA307",
        title="the estimator has no converter",
        severity="error",
        hint="replace the estimator, or split the pipeline before it",
        cause=(
            "skl2onnx knows no ONNX for this estimator. It has converters for most of scikit-learn's own, not for "
            "those of other packages or of your own."
        ),
        remedy="Replace the estimator, or convert the rest of the pipeline without it.",
    ),
    Entry(
        code="OCA308",
        title="the exporter does not write this opset",
        severity="error",
        hint="choose an opset that the exporter writes",
        cause="The asked opset lies outside of what this exporter can write.",
        remedy='Choose another `opset`; "auto" takes the lowest that works.',
    ),
    Entry(
        code="OCA309",
        title="the model cannot be brought to this opset",
        severity="error",
        hint="ask for the opset that the converter wrote",
        cause=(
            "The converter wrote another opset than asked, operators have changed in between, and onnx's version "
            "converter cannot rewrite them."
        ),
        remedy='Ask for the opset in the message, or "auto".',
    ),
    Entry(
        code="OCA310",
        title="an export option is not known",
        severity="error",
        hint="use the options of the converter's documentation",
        cause=(
            "`export-options` has an option that the converter does not have, or one that onnx-convert sets from "
            "other keys of the spec."
        ),
        remedy=(
            "Use one of the options in the message. What other keys say (names, shapes, opset, exporter) cannot "
            "be overridden."
        ),
    ),
    Entry(
        code="OCA311",
        title="the converter wrote other outputs than the model has",
        severity="error",
        hint="leave out export options that add outputs",
        cause="The graph has another number of outputs than the original model gives to compare with.",
        remedy="Leave out the export options that add outputs.",
    ),
    Entry(
        code="OCA312",
        title="scores, not probabilities",
        severity="note",
        hint="nothing has to be done",
        cause=(
            "The classifier has no predict_proba. skl2onnx calls what it gives probabilities all the same; here "
            "the output is called `scores` and compared with decision_function."
        ),
        remedy="Nothing has to be done. For probabilities, wrap the classifier in CalibratedClassifierCV.",
    ),
)
