"""OCA240-OCA254 and OCA320-OCA327: TensorFlow and Keras."""

from __future__ import annotations

from onnx_convert.diagnostics.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="OCA240",
        title="the SavedModel has several signatures",
        severity="error",
        hint="choose one with `signature`",
        cause=(
            "A graph has one set of inputs and outputs, a SavedModel may have several. `serving_default` is taken "
            "where there is one; this SavedModel has none of that name."
        ),
        remedy="Set `signature` to one of the names in the message; for each further one, add a model to the spec.",
    ),
    Entry(
        code="OCA241",
        title="there is no such signature",
        severity="error",
        hint="use a name from the message",
        cause="`signature` names neither a signature of the SavedModel nor a function of the module.",
        remedy="Use one of the names in the message, or leave `signature` out if there is only one.",
    ),
    Entry(
        code="OCA242",
        title="the SavedModel has several graphs",
        severity="error",
        hint='choose one by its tags: `signature = "serve,tpu:predict"`',
        cause=(
            "TensorFlow 1 saved graphs for several purposes, such as training and serving, or CPU and TPU, under "
            "different tags. The one tagged `serve` alone is taken; here there is none, or the tags that are asked for "
            "are not there."
        ),
        remedy="Write the tags before the signature's name, as in the hint, with one of the sets in the message.",
    ),
    Entry(
        code="OCA243",
        title="the graph has no such tensor",
        severity="error",
        hint="use a name of the graph in `inputs` and `outputs`",
        cause="`inputs` and `outputs` of a frozen graph or checkpoint are names of its tensors: `x` or `x:0`.",
        remedy="The nearest names are in the hint. Netron shows all of them.",
    ),
    Entry(
        code="OCA244",
        title="a graph needs the names of its tensors",
        severity="error",
        hint='name them: `inputs."x:0" = {}` and `outputs = ["scores:0"]`',
        cause="Frozen graphs and checkpoints do not say what their inputs and outputs are.",
        remedy=(
            "The hint lists placeholders, which are probably inputs, and what nothing follows, which is probably an "
            "output. Shapes and dtypes are the graph's own where you do not give them."
        ),
    ),
    Entry(
        code="OCA245",
        title="a class or function of the file is not registered",
        severity="error",
        hint="load the file in a callable that imports the class, and name the callable as `source`",
        cause=(
            "A Keras file holds the names of layers, models and functions, not their code. This name is none of Keras' "
            "own, and nothing that registers it was imported."
        ),
        remedy=(
            "Write a callable that imports the class and returns `keras.saving.load_model(path)`, and name it as "
            "`source`. The class is found if it is decorated with `@keras.saving.register_keras_serializable()`, or "
            "given to load_model in `custom_objects`."
        ),
    ),
    Entry(
        code="OCA246",
        title="the Keras file holds code",
        severity="error",
        hint="set `trust = true` if you made the file, or replace the Lambda with a layer",
        cause=(
            "A Lambda layer, or a layer like it, is saved as Python bytecode, which runs when the file is loaded and "
            "when the model is called. Keras refuses it in its own format and Keras 2 does not in .h5: here neither is "
            "loaded without `trust`."
        ),
        remedy=(
            "Set `trust = true` if you trust everyone who can change the file. Better, write the layer as a class, or "
            "with functions of `keras.ops`, and save the model again."
        ),
        upstream=("https://github.com/keras-team/tf-keras/pull/910",),
    ),
    Entry(
        code="OCA247",
        title="the SavedModel's objects are refused, its graph is used",
        severity="note",
        hint="nothing has to be done",
        cause=(
            "Beside its graph a SavedModel holds the Python objects that it was made from. Those of an older Keras, or "
            "of an optimiser whose package is missing, cannot be made again. The signature does not need them: it was "
            "read from the graph with TensorFlow 1's loader."
        ),
        remedy="Nothing has to be done. Saved again without its optimiser, the model loads whole.",
        upstream=("https://github.com/tensorflow/tensorflow/issues/52091",),
    ),
    Entry(
        code="OCA248",
        title="an input is not a dense tensor",
        severity="error",
        hint="give the model dense inputs: padded, or scattered by a layer before it",
        cause="ONNX has dense tensors of a known number of axes. This input is ragged, sparse, a resource, or unknown.",
        remedy=(
            "Wrap the model in a `tf.function` that takes a dense, padded tensor and makes the ragged or sparse one of "
            "it, and name that as `source`."
        ),
    ),
    Entry(
        code="OCA249",
        title="nobody said which function of the module is meant",
        severity="error",
        hint="choose one with `signature`",
        cause=(
            "A `tf.Module` is converted by its `__call__`, or by the only `tf.function` it has. This one has neither."
        ),
        remedy="Set `signature` to one of the functions in the message, or give the module a `__call__`.",
    ),
    Entry(
        code="OCA250",
        title="the SavedModel has nothing to convert",
        severity="error",
        hint="save it with a signature",
        cause="It has no signature, and none of its objects has a function that was traced before it was saved.",
        remedy="Save it with `tf.saved_model.save(module, path, signatures=...)`, or a Keras model with `export`.",
    ),
    Entry(
        code="OCA252",
        title="the TensorFlow Lite model is quantised",
        severity="note",
        hint="give `parity` an `atol` of one step of quantisation",
        cause=(
            "Its tensors are small integers with a scale. The graph computes with the same scales, but ONNX Runtime "
            "rounds at other places, so that results may differ by a step, which is the scale of the output."
        ),
        remedy="Give the model's `parity` an `atol` of one step or two; or convert the model it was quantised from.",
    ),
    Entry(
        code="OCA253",
        title="an operator of the TensorFlow Lite model is missing",
        severity="error",
        hint="convert the model it was made from",
        cause="The file uses an operator of somebody's own, which TensorFlow's interpreter does not have.",
        remedy=(
            "Name the SavedModel or Keras model that the file was made from as `source`: what TensorFlow Lite has no "
            "operator for, TensorFlow has."
        ),
    ),
    Entry(
        code="OCA254",
        title="the checkpoint has no graph",
        severity="error",
        hint="give `file.py:callable` that makes the model, and its weights as `.weights.h5`",
        cause=(
            "A checkpoint of TensorFlow 1 has its graph in a `.meta` file beside it. Those of TensorFlow 2 hold "
            "variables alone: the graph is in the code that made them."
        ),
        remedy=(
            "Commit the `.meta` file. For a checkpoint of TensorFlow 2, write a callable that makes the model and "
            "restores the checkpoint, and name it as `source`."
        ),
    ),
    Entry(
        code="OCA320",
        title="operators of TensorFlow have no ONNX counterpart",
        severity="error",
        hint="write the operation with others, or try another opset",
        cause="tf2onnx knows no ONNX for these operators at this opset.",
        remedy=(
            "The hint names the opset from which on it has them, if there is one. Else write the operation in the "
            "model with operators that convert, or cut it off: a model that ends before it converts."
        ),
    ),
    Entry(
        code="OCA321",
        title="the graph is in training mode",
        severity="error",
        hint="call the model with `training=False`",
        cause=(
            "A `tf.function`, or a SavedModel's signature, was traced with `training=True`: dropout drops, and "
            "BatchNorm normalises with the batch it is given. What it computes is not what the trained model "
            "computes, and not the same twice."
        ),
        remedy=(
            "Trace the function with `training=False`, or give the Keras model itself as `source`, which is called so. "
            "A layer that samples, as in a variational autoencoder, has to take its noise as an input."
        ),
    ),
    Entry(
        code="OCA322",
        title="the model keeps state between calls",
        severity="error",
        hint="take the state as an input and return it as an output",
        cause="Each call changes variables, as a recurrent layer with `stateful=True` does. ONNX has no state.",
        remedy=(
            "Build the recurrent layer with `stateful=False` and the same weights. Where the state is needed, use "
            "`return_state=True` and `initial_state`, so that the caller keeps it."
        ),
    ),
    Entry(
        code="OCA323",
        title="the graph works on text",
        severity="error",
        hint="do the text's part before the model, and convert from its integers on",
        cause=(
            "Layers such as TextVectorization split and change strings. ONNX has next to no operators for strings, and "
            "tf2onnx writes none of these."
        ),
        remedy=(
            "Let the model's inputs be the layer's integers: build a model from the layer after it, and name that as "
            "`source`. A StringLookup alone converts."
        ),
        upstream=("https://github.com/onnx/tensorflow-onnx/issues/1886",),
    ),
    Entry(
        code="OCA324",
        title="a table of the model cannot be converted",
        severity="error",
        hint="look the values up before the model",
        cause=(
            "Tables from strings to 64-bit integers convert, where they do not change. Others do not: IntegerLookup is "
            "one, and tables that training fills are others."
        ),
        remedy=(
            "Look up before the model and let its input be the numbers. For integers, use `tf.gather` or an Embedding "
            "with an offset instead of a table."
        ),
        upstream=("https://github.com/onnx/tensorflow-onnx/issues/1867",),
    ),
    Entry(
        code="OCA325",
        title="tf2onnx failed",
        severity="error",
        hint="try opset 17 or 18, and read the model's log",
        cause="tf2onnx knows all operators of the graph and raised an exception while it converted one.",
        remedy=(
            "The message has what it raised, the log has the node. Often an operator is used in a way that ONNX does "
            "not have at this opset, or with a dynamic axis where it has to be a number: give it a constant size in "
            "the input's `shape`."
        ),
    ),
    Entry(
        code="OCA326",
        title="an input or output cannot be channels first",
        severity="error",
        hint="name inputs and outputs of four axes",
        cause=(
            "`inputs_as_nchw` and `outputs_as_nchw` list names of the model's inputs and outputs with the four axes "
            "batch, height, width, channels, which the graph then has as batch, channels, height, width."
        ),
        remedy="Use a name from the message. Shapes that the spec gives such an input are channels first too.",
    ),
)
