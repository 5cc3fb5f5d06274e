"""OCA9xx: findings about the run itself."""

from onnx_convert.diagnostics.entry import Entry

ENTRIES = (
    Entry(
        code="OCA901",
        title="a worker's result is not of the agreed form",
        severity="error",
        hint="look at the model's log: code of the model may have written to the job's folder",
        cause=(
            "A worker ended and left a result, but the result does not have the form that was agreed: a field is "
            "missing, has another type or lies outside its bounds. Workers of this project do not do that; model code "
            "that writes into the job's folder, or replaces functions of the worker, can."
        ),
        remedy=(
            "Read the model's log in the output folder. If the model writes files named `result.json` or patches "
            "modules, stop it from doing so. If it does neither, this is a fault of onnx-convert: please report it "
            "with its log."
        ),
    ),
    Entry(
        code="OCA902",
        title="the run was interrupted",
        severity="error",
        hint="run it again: finished models are kept and are not converted anew",
        cause=(
            "The run was ended by Ctrl-C, a signal or the machine before every model was done, or is still going on: "
            "the report is written anew after every step. What is in a row was done; `complete` of the report is false."
        ),
        remedy="Run the same command again. Models that were finished are taken from the cache if nothing changed.",
    ),
    Entry(
        code="OCA903",
        title="an unexpected error in onnx-convert",
        severity="error",
        hint="please report it with the trace file that is named",
        cause=(
            "Something in onnx-convert itself failed in a way nobody foresaw. It ended the row it happened in and "
            "nothing else."
        ),
        remedy="Please open an issue with the trace that was written beside the report.",
    ),
    Entry(
        code="OCA905",
        title="the output folder cannot be written",
        severity="error",
        hint="choose another folder with --out, or make room",
        cause="Writing a result to the output folder failed: no permission, a read-only or full file system, or a file "
        "where a folder should be.",
        remedy="Choose another folder with `--out` (in the action: `output-dir`), or free disk space.",
    ),
)
