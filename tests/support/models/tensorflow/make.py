"""Saves the networks in every form: `python make.py OUTDIR`, in TensorFlow's environment."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import networks
import numpy as np
import tensorflow as tf
import tf_keras
from keras import Input, Model, layers

v1 = tf.compat.v1


def keras_files(out):
    networks.resnet50().save(out / "resnet50.keras")
    networks.efficientnet_b0().save(out / "efficientnet_b0.h5")
    networks.text().save(out / "text.keras")
    networks.gru().save(out / "gru.keras")
    networks.blocks().save(out / "blocks.keras")
    unet = networks.UNet()
    unet(tf.ones((1, 16, 16, 3)))
    unet.set_weights([array + 0.01 for array in unet.get_weights()])
    unet.save_weights(out / "unet.weights.h5")
    image = Input((None, None, 3), name="image")
    scaled = layers.Lambda(lambda x: x / 127.5 - 1.0, name="scaled")(image)
    Model(image, layers.GlobalMaxPooling2D(name="peak")(layers.Conv2D(8, 3)(scaled))).save(out / "lambda.keras")


def keras2():
    tf_keras.utils.set_random_seed(0)
    model = tf_keras.applications.MobileNet(weights=None, alpha=0.25, input_shape=(64, 64, 3), classes=7)
    normal = [layer for layer in model.layers if isinstance(layer, tf_keras.layers.BatchNormalization)]
    for layer in normal:
        layer.momentum = 0.0
    model(tf.random.stateless_normal((8, 64, 64, 3), seed=(1, 2)), training=True)
    for layer in normal:
        layer.momentum = 0.99
    return model


def keras2_files(out):
    model = keras2()
    model.save(out / "keras2.h5")
    model.save(out / "keras2.keras")
    model.compile(tf_keras.optimizers.legacy.Adam(), "categorical_crossentropy")
    model.fit(np.zeros((2, 64, 64, 3), "float32"), np.eye(7, dtype="float32")[:2], verbose=0)
    model.save(out / "keras2_saved_model", save_format="tf")


def saved_models(out):
    networks.mobilenet_v2().export(out / "mobilenet_v2_exported", verbose=False)
    networks.animals().export(out / "animals", verbose=False)
    kalman = networks.Kalman()
    tf.saved_model.save(kalman, str(out / "kalman"), signatures={"step": kalman.step, "filter": kalman.filter})


def graph(out):
    """A convolutional network as TensorFlow 1 wrote them: placeholders, variables, a session."""
    with tf.Graph().as_default(), v1.Session() as session:
        image = v1.placeholder(tf.float32, (None, None, None, 3), "image")
        hidden = image
        for number, (inputs, outputs) in enumerate(((3, 8), (8, 16), (16, 32))):
            seed = (number, number + 1)
            kernel = v1.get_variable(
                f"kernel{number}", initializer=0.2 * tf.random.stateless_normal((3, 3, inputs, outputs), seed)
            )
            hidden = tf.nn.relu(tf.nn.conv2d(hidden, kernel, 2 if number else 1, "SAME"))
        weight = v1.get_variable("weight", initializer=0.2 * tf.random.stateless_normal((32, 5), (7, 8)))
        scores = tf.nn.softmax(tf.matmul(tf.reduce_mean(hidden, (1, 2)), weight), name="scores")
        session.run(v1.global_variables_initializer())
        v1.train.Saver().save(session, str(out / "convnet.ckpt"), write_state=False)
        frozen = v1.graph_util.convert_variables_to_constants(session, session.graph.as_graph_def(), ["scores"])
        (out / "convnet.pb").write_bytes(frozen.SerializeToString())
        builder = v1.saved_model.Builder(str(out / "tensorflow1"))
        signature = v1.saved_model.predict_signature_def({"image": image}, {"scores": scores})
        builder.add_meta_graph_and_variables(session, ["serve", "cpu"], {"predict": signature})
        builder.add_meta_graph(["serve", "tpu"], {"predict": signature})
        builder.save()


def lite(out):
    model = networks.mobilenet_v2(96)
    (out / "mobilenet_v2.tflite").write_bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())
    converter = tf.lite.TFLiteConverter.from_keras_model(networks.blocks())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    rng = np.random.default_rng(0)
    samples = [[rng.normal(size=(1, 32, 32, 3)).astype("float32")] for _ in range(20)]
    converter.representative_dataset = samples.__iter__
    (out / "blocks_int8.tflite").write_bytes(converter.convert())


def samples(out):
    """Boxes by their corners; a box and the next overlap."""
    corners = np.random.default_rng(0).uniform(0, 1, (20, 1, 2)) + np.array([[[0.0, 0.0]], [[0.05, 0.0]]]).reshape(
        1, 2, 2
    )
    boxes = np.concatenate([corners, corners + 0.3], axis=-1).reshape(1, 40, 4)
    np.save(out / "boxes.npy", boxes.astype("float32"))


def main(out):
    out.mkdir(parents=True, exist_ok=True)
    for make in (keras_files, keras2_files, saved_models, graph, lite, samples):
        make(out)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
