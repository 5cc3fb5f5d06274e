"""A worker: writes the files that tests of other source forms need, with the TensorFlow of the environment."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))


def main(job):
    import networks

    out = job.out
    keras_files(out, networks)
    saved_models(out, networks)
    graphs(out)
    lite(out, networks)
    return {}


def keras_files(out, networks):
    import keras

    networks.functional().save(out / "functional.keras")
    networks.functional().save(out / "functional.h5")
    networks.sequential().save(out / "sequential.keras")
    subclassed = networks.Subclassed()
    subclassed(keras.ops.ones((1, 4)), keras.ops.ones((1, 4)))
    subclassed.save(out / "subclassed.keras")
    networks.custom().save(out / "custom.keras")
    networks.custom().save(out / "custom.h5")
    inputs = keras.Input((4,), name="x")
    keras.Model(inputs, keras.layers.Lambda(lambda x: x * 2, output_shape=(4,))(inputs)).save(out / "lambda.keras")
    keras.Model(inputs, keras.layers.Lambda(lambda x: x * 2, output_shape=(4,))(inputs)).save(out / "lambda.h5")
    networks.legacy().save(out / "legacy.keras")
    networks.legacy().save(out / "legacy.h5")
    model = networks.sequential()
    model.set_weights([array + 1 for array in model.get_weights()])
    model.save_weights(out / "good.weights.h5")
    networks.image().save_weights(out / "other.weights.h5")
    unbuilt = networks.unbuilt()
    unbuilt(keras.ops.ones((1, 4)))
    unbuilt.set_weights([array + 1 for array in unbuilt.get_weights()])
    unbuilt.save_weights(out / "unbuilt.weights.h5")
    larger = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.BatchNormalization()])
    larger.add(keras.layers.Dense(7))
    larger.save_weights(out / "larger.weights.h5")
    (out / "broken.keras").write_bytes(b"not a model")


def saved_models(out, networks):
    import tensorflow as tf
    import tf_keras

    networks.functional().export(out / "exported", verbose=False)
    module = networks.Module()
    left, right = (tf.TensorSpec((None, 4), name=name) for name in ("left", "right"))
    signatures = {"project": module.project, "add": module.add.get_concrete_function(left, right)}
    tf.saved_model.save(module, str(out / "two"), signatures=signatures)
    tf.saved_model.save(module, str(out / "unsigned"))
    tf.saved_model.save(tf.Module(), str(out / "empty"))
    lookup = networks.lookup()
    lookup.export(out / "table", verbose=False)
    legacy = networks.legacy()
    legacy.compile(tf_keras.optimizers.legacy.Adam(), "mse")
    legacy.fit(tf.ones((8, 4)), [tf.ones((8, 2)), tf.ones((8, 3))], verbose=0)
    legacy.save(out / "refused", save_format="tf")
    refuse(out / "refused" / "saved_model.pb")


def refuse(path):
    """The optimiser of a package that is not installed: the object graph of such a SavedModel cannot be loaded."""
    from tensorflow.core.protobuf import saved_model_pb2

    saved = saved_model_pb2.SavedModel()
    saved.ParseFromString(path.read_bytes())
    for node in saved.meta_graphs[0].object_graph_def.nodes:
        if node.slot_variables:
            node.user_object.identifier = "Addons>LAMB"
    path.write_bytes(saved.SerializeToString())


def graphs(out):
    import tensorflow as tf

    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, (None, 4), "x")
        weight = v1.get_variable("weight", initializer=tf.random.stateless_normal((4, 3), seed=(1, 2)))
        table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer([1], [2]), -1)
        scores = tf.nn.softmax(tf.matmul(x, weight), name="scores")
        session.run([v1.global_variables_initializer(), table._init_op])
        v1.train.Saver().save(session, str(out / "model.ckpt"), write_state=False)
        constant = v1.graph_util.convert_variables_to_constants(session, session.graph.as_graph_def(), ["scores"])
        (out / "frozen.pb").write_bytes(constant.SerializeToString())
        builder = v1.saved_model.Builder(str(out / "tagged"))
        signature = v1.saved_model.predict_signature_def({"x": x}, {"scores": scores})
        builder.add_meta_graph_and_variables(session, ["serve", "cpu"], {"predict": signature})
        builder.add_meta_graph(["serve", "tpu"], {"predict": signature})
        builder.save()
    variable = tf.train.Checkpoint(weight=tf.Variable(tf.ones(3)))
    variable.write(str(out / "objects.ckpt"))


def lite(out, networks):
    import numpy as np
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(networks.image())
    (out / "image.tflite").write_bytes(converter.convert())
    converter = tf.lite.TFLiteConverter.from_keras_model(networks.image())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    rng = np.random.default_rng(0)
    samples = [[rng.normal(size=(1, 8, 8, 3)).astype("float32")] for _ in range(8)]
    converter.representative_dataset = samples.__iter__
    (out / "quantised.tflite").write_bytes(converter.convert())
    custom = tf.function(tf.math.digamma, input_signature=[tf.TensorSpec((2, 4), name="x")])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([custom.get_concrete_function()])
    converter.allow_custom_ops = True
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    (out / "custom.tflite").write_bytes(converter.convert())
