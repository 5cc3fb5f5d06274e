"""OCA390-OCA399: custom operators."""

from __future__ import annotations

from onnx_convert.diagnostics.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="OCA390",
        title="`register` failed",
        severity="error",
        hint="call it alone, without arguments, in the model's environment",
        cause=(
            "The function under `custom-ops.register` is called without arguments in the framework's worker, before "
            "the source is loaded. It raised, or is not in the file."
        ),
        remedy="Read the message: it has the exception and the line. Packages it needs belong into `requirements`.",
    ),
    Entry(
        code="OCA391",
        title="`register` returned something else than a table",
        severity="error",
        hint="return a dict of functions by operator, or nothing",
        cause=(
            "What `register` returns is given to the exporter as its table of translations. For PyTorch's dynamo "
            "exporter that is a dict from an operator (`torch.ops.mine.gelu.default`) to a function that writes its "
            "ONNX; the TorchScript exporter needs none, because `register_custom_op_symbolic` has its effect at once."
        ),
        remedy="Return a dict, or nothing.",
    ),
    Entry(
        code="OCA392",
        title="nothing can run the custom operators",
        severity="warning",
        hint="give `custom-ops.library` or `custom-ops.reference`",
        cause=(
            "The artifact has operators outside the standard, and the spec has neither a library that brings them to "
            "ONNX Runtime nor Python implementations. The artifact is valid as far as the checker can see; whether it "
            "computes what the model computes is not known, so parity is `skipped` and nothing is measured."
        ),
        remedy=(
            "Best, commit the operators' shared library and name it under `custom-ops.library`. Else write them as "
            "classes of `onnx.reference.op_run.OpRun` and name a list of these under `custom-ops.reference`."
        ),
    ),
    Entry(
        code="OCA393",
        title="the library of custom operators cannot be loaded",
        severity="error",
        hint="build it for this platform and this ONNX Runtime",
        cause=(
            "ONNX Runtime refuses the shared library under `custom-ops.library`: it is for another platform or a newer "
            "ONNX Runtime, needs other libraries that are not there, or does not export `RegisterCustomOps`."
        ),
        remedy=(
            "The message has the loader's reason. Build it on the oldest system it has to run on, against the headers "
            "of ONNX Runtime's C API, with everything else linked into it."
        ),
    ),
    Entry(
        code="OCA394",
        title="the Python reference operators cannot be used",
        severity="error",
        hint="name a list of classes of onnx.reference.op_run.OpRun",
        cause=(
            "The file of `custom-ops.reference` raised when it was imported, or the name holds something else than "
            "classes derived from `onnx.reference.op_run.OpRun`."
        ),
        remedy=(
            "Give each class `op_domain`, the operator's name as its own, and `_run`; put the classes into a list. The "
            "file is imported in the framework's environment, with the model's `requirements`."
        ),
    ),
    Entry(
        code="OCA395",
        title="compared by Python implementations only",
        severity="note",
        hint="give `custom-ops.library` to simplify and measure too",
        cause=(
            "The artifact's own operators exist as Python classes only, so the graph ran in onnx's reference "
            "evaluator. That compares the graph; it says nothing of ONNX Runtime, which cannot load the artifact."
        ),
        remedy="Nothing has to be done. With a library, ONNX Runtime itself is compared and measured.",
    ),
    Entry(
        code="OCA396",
        title="the library does not have an operator",
        severity="error",
        hint="check the operator's name, domain and version against the library",
        cause=(
            "The library was loaded, and ONNX Runtime still does not know an operator of the graph: the exporter wrote "
            "it under another name, domain or version than the library registers."
        ),
        remedy="Correct the name in `register`, the version under `custom-ops.opsets`, or the library.",
    ),
)
