"""OCA255-OCA262 and OCA328-OCA333: JAX."""

from __future__ import annotations

from onnx_convert.diagnostics.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="OCA255",
        title="the source returned no model of JAX",
        severity="error",
        hint="return a function of arrays, a module, or an apply function with its parameters",
        cause=(
            "A callable whose parameters all have defaults, or are given by `args`, is called, and what it returns is "
            "converted. It returned something else: an array, a tree of parameters alone, a class."
        ),
        remedy=(
            "Return a function of arrays, an NNX or Equinox module, `module, variables` for Linen, "
            "`transformed, params` for Haiku, or `apply, params`. A function of arrays whose parameters have no "
            "default is converted itself: give the first of them no default."
        ),
    ),
    Entry(
        code="OCA256",
        title="a module came without its parameters",
        severity="error",
        hint="return the module together with its parameters",
        cause="A Linen module and a Haiku function hold no parameters; those are a tree beside them.",
        remedy=(
            "Return the pair, `module, variables` or `transformed, params` (with the state as third where there is "
            "one), or `module.bind(variables)` for Linen. Make the tree with a seeded `init` and put a checkpoint "
            "into `weights`."
        ),
    ),
    Entry(
        code="OCA257",
        title="a module is in training mode",
        severity="error",
        hint="switch dropout and batch statistics to inference in the source",
        cause=(
            "A module wanted to draw random numbers without a key, or to write to its own statistics, which is what "
            "Dropout and BatchNorm do in training. An NNX or Equinox module that is returned itself is switched to "
            "inference here; one that a function calls, and all modules of Linen and Haiku, are not."
        ),
        remedy=(
            "NNX: call `model.eval()` before you return the function. Equinox: `eqx.nn.inference_mode(model)`. Linen: "
            "make inference the default of the `train` or `deterministic` parameter, or return a function that gives "
            "it. Haiku: pass `is_training=False`."
        ),
        upstream=("https://github.com/google/flax/issues/3997",),
    ),
    Entry(
        code="OCA258",
        title="64-bit inputs are computed with 32 bits",
        severity="note",
        hint="nothing has to be done",
        cause=(
            "JAX makes 32-bit integers of 64-bit ones unless it is told otherwise, so the model computes with 32 bits. "
            "The graph takes the declared dtype and casts it, as JAX does."
        ),
        remedy=(
            "Nothing has to be done, or declare the input int32. To compute with 64 bits, integers and floats, set "
            "`export-options = { enable_double_precision = true }`."
        ),
    ),
    Entry(
        code="OCA259",
        title="an integer of the samples needs 64 bits",
        severity="error",
        hint="set `export-options = { enable_double_precision = true }`",
        cause="JAX computes with 32 bits here, and would cut off integers that need more without a word.",
        remedy=(
            "Set `export-options = { enable_double_precision = true }`, which switches JAX to 64 bits, or give samples "
            "that fit 32 bits."
        ),
    ),
    Entry(
        code="OCA260",
        title="the shapes of the inputs do not fit the model",
        severity="error",
        hint="compare the shapes in `inputs` with what the model takes; images are NHWC in JAX",
        cause="An operation of the model got an array of another shape than it takes.",
        remedy=(
            "Compare each input's `shape` with the message. Images are batch, height, width, channels for Flax and "
            "Haiku. An Equinox module takes one sample: return `jax.vmap(module)` for batches."
        ),
    ),
    Entry(
        code="OCA261",
        title="the source has no parameters that weights could be loaded into",
        severity="error",
        hint="return a module, or a function together with its parameters",
        cause=(
            "`weights` are loaded into the parameters of the source. A plain function keeps them to itself, where "
            "nobody can replace them."
        ),
        remedy="Return the module, or the pair `apply, params`, or load the file in the source's callable.",
    ),
    Entry(
        code="OCA328",
        title="a primitive of JAX has no ONNX",
        severity="error",
        hint="write the operation with primitives that jax2onnx converts",
        cause="The model uses primitives of JAX for which jax2onnx has no converter. The message lists all of them.",
        remedy=(
            "Write the operation with others, move it out of the model, or ask jax2onnx for it: it adds primitives "
            "often, and a newer version can come with the model's `requirements`."
        ),
        upstream=("https://github.com/enpasos/jax2onnx/issues/36", "https://github.com/enpasos/jax2onnx/issues/18"),
    ),
    Entry(
        code="OCA329",
        title="the model decides by the values of its inputs",
        severity="error",
        hint="use `jnp.where`, `jax.lax.cond` or `jax.lax.while_loop` instead of Python's `if` and `while`",
        cause=(
            "Python code of the model branches on, indexes with, or converts to numpy, values that are known only when "
            "the model runs. JAX traces a model without them."
        ),
        remedy=(
            "Replace `if` by `jnp.where` or `jax.lax.cond`, `while` by `jax.lax.while_loop`, `float(x)` and `np.` "
            "functions by their `jnp` counterparts, boolean indexing by `jnp.where` with three arguments."
        ),
    ),
    Entry(
        code="OCA330",
        title="the model draws random numbers",
        severity="warning",
        hint="switch off what is random in inference",
        cause=(
            "The traced model draws from `jax.random`. ONNX has another generator, and some converters draw once and "
            "keep the numbers: results will differ."
        ),
        remedy=(
            "Switch dropout and noise off in the source, or draw the numbers outside and make them an input of the "
            "model."
        ),
    ),
    Entry(
        code="OCA331",
        title="a dimension cannot stay symbolic",
        severity="error",
        hint="give the dimension a constant size in `shape`",
        cause=(
            "The model's code, or a converter of jax2onnx, needs the size of a dimension that the spec declares "
            "dynamic: it compares it, loops over it, divides it, or takes it for another dimension's."
        ),
        remedy=(
            "Give it a constant size in the input's `shape`. Give dimensions that are always equal the same name. "
            'Where a convolution with a stride and "SAME" meets another one, give the padding in numbers. '
            "Else look at the line in the message: `x.shape[0]` is a symbol there, which can be added to and "
            "multiplied, and not be compared, looped over or made an int."
        ),
        upstream=("https://github.com/enpasos/jax2onnx/issues/168",),
    ),
    Entry(
        code="OCA332",
        title="this form of a primitive is not converted",
        severity="error",
        hint="write the operation in another form",
        cause="jax2onnx converts the primitive, but not with these parameters, shapes or dtypes.",
        remedy="The message says what is not converted. Use the operation in another form or replace it.",
        upstream=("https://github.com/enpasos/jax2onnx/issues/50",),
    ),
    Entry(
        code="OCA333",
        title="jax2onnx does not take a call as it is written",
        severity="error",
        hint="give the arguments by keyword",
        cause=(
            "While it traces a model, jax2onnx replaces functions of jax.numpy, Flax and Equinox by its own, and some "
            "of these take fewer forms of a call than the originals: `nnx.max_pool(x, (2, 2))` has to be "
            "`nnx.max_pool(x, window_shape=(2, 2))`. Tracing without them was tried as well, and did not help."
        ),
        remedy="Give the arguments of the function in the message by keyword.",
    ),
)
