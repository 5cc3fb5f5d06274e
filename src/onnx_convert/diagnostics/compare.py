"""OCA66x: what `onnx-convert compare` cannot compare, and what it finds."""

from onnx_convert.diagnostics.entry import Entry

ENTRIES = (
    Entry(
        code="OCA660",
        title="there is nothing to compare",
        severity="error",
        hint="name two ONNX files, with their external data beside them, or two output folders",
        cause=(
            "One of the two paths is not there, cannot be read, or is a folder without a `report.json`; "
            "or one is a file and the other a folder; or a file of external data that an ONNX file names is not beside "
            "it. Files that are named may be symbolic links; external data may not: a model could name any file."
        ),
        remedy=(
            "Correct the path. Copy external data (`.onnx.data`) into the folder of its model under the name that the "
            "message gives; a cache of downloads that is made of links has to be copied out first."
        ),
    ),
    Entry(
        code="OCA661",
        title="two models take other inputs",
        severity="error",
        hint="compare models of the same inputs: names, dtypes, number of axes and fixed sizes",
        cause=(
            "Both models are fed the same arrays, so their inputs must have the same names, dtypes and number of "
            "axes, and fixed sizes must agree. A dynamic dimension fits any size, and its name does not matter."
        ),
        remedy=(
            "If an input was only renamed, give it its old name (`onnx.compose`, or `input_names` of the exporter). "
            "If the models compute different things, there is no parity to speak of."
        ),
    ),
    Entry(
        code="OCA662",
        title="an option names what the models do not have",
        severity="error",
        hint="the message lists the names that there are",
        cause=(
            "`--dim` names a dynamic dimension that no input has or that the other model fixes to another size, or "
            "`--data` an input that is not there. An unnamed dimension is called INPUT_dimAXIS, such as image_dim0."
        ),
        remedy="Use one of the names in the message, or leave the option out.",
    ),
    Entry(
        code="OCA663",
        title="outputs are compared by position",
        severity="note",
        hint="give both models the same output names to have them matched by name",
        cause="The two models name their outputs differently, but have as many: the first is compared with the first.",
        remedy="Nothing has to be done if the order is the same in both.",
    ),
    Entry(
        code="OCA664",
        title="a row of an output folder cannot be compared",
        severity="error",
        hint="run `onnx-convert run` again to have the folder whole",
        cause=(
            "A row that both reports have cannot be compared: one has no artifact, its file is gone or is not the one "
            "that the report tells of by its digest, or the two models take other inputs."
        ),
        remedy="Read the reason in the message; make the folder anew, or compare the files themselves.",
    ),
)
