"""OCA263-OCA270 and OCA334-OCA339: MXNet; OCA270 is of every framework."""

from __future__ import annotations

from onnx_convert.diagnostics.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="OCA263",
        title="MXNet's np.bool",
        severity="error",
        hint="keep numpy below 1.24 in what is layered over MXNet's environment",
        cause=(
            "MXNet 1.9.1, the last version of MXNet 1, reads `np.bool` and other names when it is imported. numpy 1.24 "
            "removed them, so MXNet cannot be imported beside it."
        ),
        remedy=(
            "The environment that onnx-convert builds has numpy 1.23.5. Take what brings a newer numpy out of the "
            "environment or of the model's `requirements`."
        ),
        upstream=("https://github.com/apache/mxnet/issues/21165",),
    ),
    Entry(
        code="OCA264",
        title="which parameters belong to the symbol is not clear",
        severity="error",
        hint="name the file of parameters under `weights`",
        cause=(
            "`NAME-symbol.json` has no parameters in it. They are looked for in the only `NAME-NNNN.params` beside it, "
            "where NNNN is the epoch; there is none, or there are several."
        ),
        remedy='Name the file: `weights = "models/resnet-0010.params"`.',
    ),
    Entry(
        code="OCA265",
        title="the parameters do not fit the symbol",
        severity="error",
        hint="give the parameters that were saved with this symbol",
        cause=(
            "The file lacks parameters that the symbol has, has some that it lacks, or has some of another shape. To "
            "MXNet an argument without a parameter is an input, and a half-loaded model runs."
        ),
        remedy=(
            "Export symbol and parameters together (`net.export`, `module.save_checkpoint`). Where the symbol was cut, "
            "leave the parameters of the rest out of the file."
        ),
    ),
    Entry(
        code="OCA266",
        title="the symbol is of another MXNet",
        severity="error",
        hint="export the symbol with MXNet 1",
        cause=(
            "The symbol was saved by MXNet 2, whose operators and files differ and which has no exporter to ONNX that "
            "was ever released, or it uses an operator that this build of MXNet does not have."
        ),
        remedy="Load the model in MXNet 1 and export it there. Symbols of older versions are upgraded by MXNet itself.",
    ),
    Entry(
        code="OCA267",
        title="labels of a loss were left out",
        severity="note",
        hint="nothing has to be done",
        cause=(
            "The symbol ends in a loss such as SoftmaxOutput, as modules save it for training. Its label is an "
            "argument of the symbol; inference does not read it, and the ONNX model has no such input."
        ),
        remedy="Nothing has to be done. Do not list labels under `inputs`.",
    ),
    Entry(
        code="OCA268",
        title="the shapes of the inputs do not fit the symbol",
        severity="error",
        hint="give `inputs` and `dims` sizes that the symbol takes",
        cause=(
            "At the sizes in the message an operator of the symbol gets a shape that does not fit its parameters or "
            "attributes. A dense layer after convolutions takes one image size only, and a Reshape or an initial state "
            "with a written batch size takes that batch only. MXNet itself does not check a Reshape and reads past the "
            "end of its input; it is checked here before the model runs."
        ),
        remedy=(
            "Give a dimension that the symbol fixes a constant size in `shape`. To make it dynamic, write Reshape with "
            "0 (keep) and -1 (infer), and let recurrent layers make their own initial state."
        ),
        upstream=("https://github.com/apache/mxnet/pull/21025",),
    ),
    Entry(
        code="OCA269",
        title="the block has no symbol",
        severity="error",
        hint="return an initialised HybridBlock whose forward uses `F` only",
        cause=(
            "A Gluon block becomes a symbol by running it once with symbols in place of arrays. A plain Block cannot; "
            "nor can a HybridBlock that reads shapes or values in Python, or whose parameters were never initialised."
        ),
        remedy=(
            "Derive from HybridBlock, use the operators of `F` in `hybrid_forward` (`F.reshape` with 0 and -1, "
            "`F.shape_array` instead of `x.shape`), and initialise it or give `weights`."
        ),
    ),
    Entry(
        code="OCA270",
        title="two packages of the environment do not work together",
        severity="error",
        hint="take the package that the message names last out of what is layered over the environment",
        cause=(
            "A package of the environment, such as a converter or onnx, could not be imported because another one, "
            "such as onnx, protobuf or numpy, is of a version that lacks what it asks for. Each environment is locked "
            "to versions that fit: one of them was replaced, mostly by what came with a model's `requirements`."
        ),
        remedy=(
            "Leave the package in the message out of the model's `requirements`, with what brings it along under "
            "another name (`onnx-weekly` brings an onnx). `onnx-convert env list` shows the versions that fit."
        ),
    ),
    Entry(
        code="OCA334",
        title="mx2onnx has no translation for an operator",
        severity="error",
        hint="replace the operators that the message names",
        cause=(
            "MXNet's exporter has translations for about 150 operators, at no opset more than that; the symbol uses "
            "others. The message lists all of them with the nodes that use them."
        ),
        remedy=(
            "Write the operation with operators that are translated, or cut the symbol before it. NumPy operators "
            "(`mx.np`) mostly are not translated: use `mx.nd`/`F`."
        ),
        upstream=("https://github.com/apache/mxnet/issues/12682",),
    ),
    Entry(
        code="OCA335",
        title="mx2onnx does not translate an operator with these attributes",
        severity="error",
        hint="change the attribute that the message names",
        cause="The operator has a translation, but not for all values of its attributes. The message is mx2onnx's own.",
        remedy="Use the operator with the attributes it is translated for, or write the operation with others.",
    ),
    Entry(
        code="OCA336",
        title="BatchNorm with fix_gamma",
        severity="note",
        hint="nothing has to be done",
        cause=(
            "With `fix_gamma`, the default of symbols, BatchNorm computes with a gamma of 1 whatever the parameters "
            "say. mx2onnx does not know that and would write the parameters. Here ones were written."
        ),
        remedy="Nothing has to be done: the ONNX model computes as MXNet does.",
        upstream=("https://github.com/apache/mxnet/issues/9624",),
    ),
    Entry(
        code="OCA338",
        title="mx2onnx lost an output",
        severity="error",
        hint="give every output a node of its own",
        cause=(
            "The exporter tells outputs by the names of nodes; two with one name, or an input returned as it is, get "
            "lost."
        ),
        remedy="Give the symbol's outputs names of their own, for example with an `identity` at the end of each.",
    ),
)
