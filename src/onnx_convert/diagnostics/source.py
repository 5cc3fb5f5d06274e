"""OCA2xx: loading the caller's model and running it for reference outputs."""

from __future__ import annotations

from onnx_convert.diagnostics.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="OCA200",
        title="the source raised while it was loaded",
        severity="error",
        hint="the whole traceback is in models/NAME/log.txt",
        cause=(
            "The file of the source, the callable it names, or loading what it needs raised an exception or "
            "called sys.exit."
        ),
        remedy=(
            "Read the message: it has the exception and the line of your code. models/NAME/log.txt in the output "
            "folder has the whole traceback and what was printed before. The model is loaded without network and "
            "tokens, as another user, from a read-only repository."
        ),
    ),
    Entry(
        code="OCA201",
        title="the source file has no such name",
        severity="error",
        hint="check the name after the colon in `source`",
        cause="`source` is `file.py:callable`, and the file, once run, has no such name.",
        remedy="Give the name of a class, function or instance that the file has at module level.",
    ),
    Entry(
        code="OCA202",
        title="the arguments do not fit the callable",
        severity="error",
        hint="give `args` the parameters of the callable by name",
        cause=(
            "`source` names a callable that cannot be called with the keyword arguments in `args`: some are "
            "missing or unknown."
        ),
        remedy="Compare `args` with the signature in the message.",
    ),
    Entry(
        code="OCA203",
        title="the source is not a model of this framework",
        severity="error",
        hint="return the model itself",
        cause=(
            "What the source's callable returned, or what its file holds, is not a model: an `nn.Module` for "
            "PyTorch, a fitted estimator or pipeline for scikit-learn."
        ),
        remedy="Return the model itself rather than its class, its state_dict, a tuple with other things, or None.",
    ),
    Entry(
        code="OCA204",
        title="the source file cannot be read",
        severity="error",
        hint="save the model again with the version that converts it",
        cause=(
            "The file is damaged, of another format than its name says, or written by a version of the framework "
            "that this one cannot read."
        ),
        remedy=(
            "Save the model again with the framework's version named in the message, or name another version in "
            "the model's `requirements`."
        ),
    ),
    Entry(
        code="OCA205",
        title="loading the source would run code",
        severity="error",
        hint="set `trust = true` for the model, or save it in a format that is only data",
        cause="Pickles (joblib, `torch.save` of whole modules) run code of their author when they are loaded.",
        remedy=(
            "If you made the file yourself, set `trust = true`. Better, save data only: a state_dict as "
            ".safetensors beside `file.py:callable`, a scikit-learn estimator as .skops."
        ),
    ),
    Entry(
        code="OCA206",
        title="the weights file cannot be read",
        severity="error",
        hint="save the state_dict as .safetensors",
        cause=(
            "The file under `weights` is damaged, of a format that the framework's worker does not read, or holds "
            "more than weights, so that reading it would run code. Weights are never loaded in a way that runs "
            "code."
        ),
        remedy="For PyTorch, save `model.state_dict()` with safetensors, or with `torch.save` as .pt.",
    ),
    Entry(
        code="OCA207",
        title="the weights do not fit the module",
        severity="error",
        hint="check `args` and the checkpoint against each other",
        cause=(
            "The checkpoint lacks tensors that the module has, has tensors that the module lacks, or has some of "
            "another shape. Half-loaded models convert without complaint and are wrong, so this is an error."
        ),
        remedy=(
            "Build the module with the `args` it was trained with, or save the checkpoint from the module that "
            "`source` names."
        ),
    ),
    Entry(
        code="OCA208",
        title="a prefix of the weights' names was left out",
        severity="note",
        hint="nothing has to be done",
        cause=(
            "All names in the checkpoint begin with `module.`, as DataParallel and DistributedDataParallel write "
            "them. The names without it fit the module."
        ),
        remedy="Nothing has to be done. Saving `model.module.state_dict()` avoids it.",
    ),
    Entry(
        code="OCA210",
        title="nobody said what the inputs are",
        severity="error",
        hint="add `inputs` to the model",
        cause=(
            "The model does not carry its own signature and the spec has no `inputs`, or none with a `shape`, so "
            "nobody knows what to run it with."
        ),
        remedy=(
            "Paste the lines from the message into the spec and correct names, shapes and dtypes. A string in a "
            "shape is a dynamic dimension."
        ),
    ),
    Entry(
        code="OCA211",
        title="the inputs do not fit the model",
        severity="error",
        hint="give `inputs` the names and shapes that the model takes",
        cause=(
            "The inputs in the spec are too many, too few, named otherwise or of other shapes or dtypes than the "
            "model takes."
        ),
        remedy=(
            "Compare `inputs` with the signature in the message. Inputs are matched to parameters by name if all "
            "names are parameters, else by order."
        ),
    ),
    Entry(
        code="OCA212",
        title="`dims` names a dimension that no input has",
        severity="error",
        hint="use the name of a dynamic dimension of an input",
        cause="`dims` gives sizes to try for a name that is in no input's shape.",
        remedy="Use the same name in `dims` and in a shape, or remove the entry.",
    ),
    Entry(
        code="OCA213",
        title="the samples cannot be used",
        severity="error",
        hint="save the samples with numpy.save, first axis the sample",
        cause=(
            "The file under `data` is not a .npy or .npz file of plain arrays, is empty, or its axes or dtype do "
            "not fit the input."
        ),
        remedy=(
            "Save an array whose first axis counts samples and whose other axes fit the input's shape. Dynamic "
            "dimensions are cropped or repeated to the size that is tried; constant ones must fit."
        ),
    ),
    Entry(
        code="OCA214",
        title="the model raised on its inputs",
        severity="error",
        hint="check `inputs` and `dims` against what the model takes",
        cause=(
            "The original model, run in its own framework on the inputs that the spec describes, raised an exception."
        ),
        remedy=(
            "Read the message: it has the exception, the sizes and the line of your code. Often a size in `dims` "
            "is too small or not divisible as the model wants, or random values are not valid: give `data`, "
            "`range` or `values`."
        ),
    ),
    Entry(
        code="OCA215",
        title="random integers are not valid indices",
        severity="error",
        hint="give the integer inputs `range = [lo, hi]`, `values` or `data`",
        cause=(
            "An integer input has no samples and got random numbers from 0 to 9; the model used one of them as an "
            "index that it does not have."
        ),
        remedy="Say which integers are valid: `range = [0, 4]`, `values = [...]`, or real samples with `data`.",
    ),
    Entry(
        code="OCA216",
        title="`outputs` does not fit what the model returns",
        severity="error",
        hint="name as many outputs as the model returns",
        cause="`outputs` has another number of names than the model returns tensors.",
        remedy="Name each output in the order of the message, or leave `outputs` out to get the model's own names.",
    ),
    Entry(
        code="OCA217",
        title="an output is not a tensor",
        severity="error",
        hint="return tensors only",
        cause=(
            "The model returns something that ONNX cannot hold: a number, text, a sparse, quantised or complex "
            "tensor, or nothing at all. Lists, tuples, dicts and dataclasses of tensors are taken apart; None is "
            "left out."
        ),
        remedy="Wrap the model in one that returns the tensors alone, and name that one as `source`.",
    ),
    Entry(
        code="OCA218",
        title="the outputs change with the inputs",
        severity="error",
        hint="make number, rank and dtype of the outputs the same for all inputs",
        cause=(
            "At different sizes or samples the model returns another number of outputs, or outputs of other ranks "
            "or dtypes. A graph has one signature."
        ),
        remedy="Export the variants as models of their own, with `args` that choose between them.",
    ),
    Entry(
        code="OCA219",
        title="an output has the name of an input",
        severity="error",
        hint="give the output another name",
        cause="In an ONNX graph a name stands for one tensor.",
        remedy="Choose another name in `outputs`.",
    ),
    Entry(
        code="OCA220",
        title="the model is not deterministic",
        severity="warning",
        hint="switch off what is random in inference",
        cause=(
            "Two runs of the original model on the same inputs gave different results: dropout that is on, "
            "sampling, or noise. Differences between framework and ONNX below this cannot be told from it."
        ),
        remedy="Call `eval()`, remove sampling, or seed it within the model.",
    ),
    Entry(
        code="OCA221",
        title="submodules are in training mode",
        severity="warning",
        hint="do not override train(), and do not switch modes in forward()",
        cause=(
            "eval() was called on the module, but these submodules are in training mode: they override train(), "
            "or forward() switched them. Dropout and BatchNorm behave otherwise then."
        ),
        remedy="Switch them to inference in the source's callable. If it is meant, nothing has to be done.",
    ),
    Entry(
        code="OCA222",
        title="BatchNorm without running statistics",
        severity="warning",
        hint="export with track_running_stats=True",
        cause=(
            "These layers normalise with the statistics of the batch they are given, also in inference: a "
            "sample's result depends on the others of its batch. Setting `track_running_stats = False` before "
            "export, as is often advised, does this."
        ),
        remedy="Train and export with running statistics.",
    ),
    Entry(
        code="OCA223",
        title="the reference of a bfloat16 output is float32",
        severity="note",
        hint="nothing has to be done",
        cause="numpy has no bfloat16. The reference is kept as float32, which holds the same values.",
        remedy="Nothing has to be done. Return float32 from the model to compare at full precision.",
    ),
    Entry(
        code="OCA224",
        title="the model itself returns NaN or infinity",
        severity="warning",
        hint="look at the inputs that the spec describes",
        cause=(
            "Outputs of the original model have elements that are not finite numbers. They are compared as "
            "values: NaN must be NaN in ONNX too."
        ),
        remedy="If it is not meant, give inputs that the model was made for with `data` or `range`.",
    ),
    Entry(
        code="OCA226",
        title="the estimator is not fitted",
        severity="error",
        hint="return a fitted estimator",
        cause="An estimator that was never fitted has nothing to convert.",
        remedy="Fit it in the source's callable, or save the fitted one to a file and name the file.",
    ),
    Entry(
        code="OCA227",
        title="the estimator was saved by another version",
        severity="warning",
        hint="save it again, or name the version in `requirements`",
        cause=(
            "The estimator was saved by another version of scikit-learn than the one that loaded it. scikit-learn "
            "promises nothing then."
        ),
        remedy=(
            "Save it again with the version in the message, or name the version it was saved with in the model's "
            "`requirements`."
        ),
    ),
    Entry(
        code="OCA228",
        title="the .skops file holds types that are not known to be safe",
        severity="error",
        hint="set `trust = true` if you made the file",
        cause=(
            "skops loads types on its own list, and asks for the others. Loading a type that nobody checked may "
            "run code."
        ),
        remedy="Check the types in the message. If you made the file yourself, set `trust = true`.",
    ),
    Entry(
        code="OCA229",
        title="a module is not installed",
        severity="error",
        hint="name a pip requirements file under the model's `requirements`",
        cause=(
            "The source, or a file that it loads, imports a module that the framework's environment does not "
            "have. It has the framework and the converter only."
        ),
        remedy=(
            "Write the package with its version into a requirements file of the repository, and name the file "
            "under the model's `requirements`. For modules of your own, remember that the repository's root and "
            "the source's folder are on the path."
        ),
    ),
    Entry(
        code="OCA230",
        title="this dtype is not supported here",
        severity="error",
        hint="use a dtype that the converter takes",
        cause="An input has a dtype that the framework's converter does not take.",
        remedy="Use one of the dtypes in the message.",
    ),
)
