"""Real networks of Keras and TensorFlow with seeded weights; `make.py` saves them in every form."""

import keras
import tensorflow as tf
from keras import layers


def settle(model, size=96, images=tf.random.stateless_normal):
    """Give a model's BatchNorms the statistics of random images, so that values neither vanish nor saturate."""
    normal = [layer for layer in model._flatten_layers() if isinstance(layer, layers.BatchNormalization)]
    for layer in normal:
        layer.momentum = 0.0
    model(images((4, size, size, 3), seed=(1, 2)), training=True)
    for layer in normal:
        layer.momentum = 0.99
    return model


def resnet50():
    """ResNet50 for 1000 classes at 224 pixels."""
    keras.utils.set_random_seed(0)
    return settle(keras.applications.ResNet50(weights=None), 224)


def mobilenet_v2(size=None):
    """MobileNetV2 with averaged features, for images of any size."""
    keras.utils.set_random_seed(0)
    shape = (size, size, 3)
    return settle(keras.applications.MobileNetV2(weights=None, input_shape=shape, include_top=False, pooling="avg"))


def efficientnet_b0():
    """EfficientNetB0 for 10 classes, with its own rescaling of pixels."""
    keras.utils.set_random_seed(0)
    pixels = keras.Input((96, 96, 3), name="pixels")
    network = keras.applications.EfficientNetB0(weights=None, input_tensor=pixels, classes=10)
    return settle(network, images=lambda shape, seed: tf.random.stateless_uniform(shape, seed, 0, 255))


def lstm():
    """Two LSTM layers over series of any length, the first of them in both directions."""
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((None, 8), name="series"),
            layers.Bidirectional(layers.LSTM(16, return_sequences=True)),
            layers.LSTM(12),
            layers.Dense(3, activation="softmax", name="forecast"),
        ]
    )


def gru():
    """A GRU that returns its sequence."""
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((None, 8), name="series"), layers.GRU(16, return_sequences=True)])


def text():
    """A text classifier: embeddings of tokens and places, attention, a dense head."""
    keras.utils.set_random_seed(0)
    tokens = keras.Input((32,), dtype="int32", name="tokens")
    places = layers.Embedding(32, 24)(keras.ops.arange(32))
    hidden = layers.Embedding(500, 24)(tokens) + places
    for _ in range(2):
        attended = layers.MultiHeadAttention(4, 6)(hidden, hidden)
        hidden = layers.LayerNormalization()(hidden + layers.Dropout(0.1)(attended))
        hidden = layers.LayerNormalization()(hidden + layers.Dense(24)(layers.Dense(48, activation="gelu")(hidden)))
    scores = layers.Dense(4, activation="softmax", name="topic")(layers.GlobalAveragePooling1D()(hidden))
    return keras.Model(tokens, scores)


def recommender():
    """Three inputs of different types by name, two outputs by name."""
    keras.utils.set_random_seed(0)
    user = keras.Input((1,), dtype="int32", name="user")
    history = keras.Input((20,), dtype="int32", name="history")
    context = keras.Input((6,), name="context")
    items = layers.Embedding(100, 16)
    seen = layers.Attention()([items(history), items(history)])
    parts = [layers.Flatten()(layers.Embedding(50, 16)(user)), layers.GlobalMaxPooling1D()(seen), context]
    hidden = layers.Dense(32, activation="relu")(layers.Concatenate()(parts))
    outputs = {
        "click": layers.Dense(1, activation="sigmoid")(hidden),
        "ranking": layers.Dense(100, activation="softmax")(hidden),
    }
    return keras.Model({"user": user, "history": history, "context": context}, outputs)


@keras.saving.register_keras_serializable("support")
class Block(layers.Layer):
    """Two convolutions with a shortcut."""

    def __init__(self, filters, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        self.first = layers.Conv2D(filters, 3, padding="same", activation="relu")
        self.second = layers.Conv2D(filters, 3, padding="same")
        self.shortcut = layers.Conv2D(filters, 1)

    def call(self, x):
        return keras.ops.relu(self.second(self.first(x)) + self.shortcut(x))

    def get_config(self):
        return {**super().get_config(), "filters": self.filters}


@keras.saving.register_keras_serializable("support")
class UNet(keras.Model):
    """A subclassed U-Net over images whose sides divide by four; a dict of outputs."""

    def __init__(self, classes=3, **kwargs):
        super().__init__(**kwargs)
        keras.utils.set_random_seed(0)
        self.down = [Block(8), Block(16)]
        self.middle = Block(32)
        self.up = [Block(16), Block(8)]
        self.grow = [layers.Conv2DTranspose(n, 2, strides=2) for n in (16, 8)]
        self.pool = layers.MaxPooling2D()
        self.head = layers.Conv2D(classes, 1)

    def call(self, image, training=None):
        kept, x = [], image
        for block in self.down:
            kept.append(block(x))
            x = self.pool(kept[-1])
        x = self.middle(x)
        for block, grow, shortcut in zip(self.up, self.grow, reversed(kept), strict=True):
            x = block(keras.ops.concatenate([grow(x), shortcut], axis=-1))
        return {"mask": keras.ops.softmax(self.head(x)), "features": x}


def blocks():
    """A functional model of layers of one's own."""
    keras.utils.set_random_seed(0)
    image = keras.Input((None, None, 3), name="image")
    return keras.Model(image, layers.GlobalAveragePooling2D(name="features")(Block(16)(Block(8)(image))))


def loaded_blocks():
    """The same from its file: the classes in it are registered, since this file is imported."""
    from pathlib import Path

    return keras.saving.load_model(Path(__file__).parent / "made" / "blocks.keras")


def animals():
    """Words to numbers by a table, then an embedding."""
    keras.utils.set_random_seed(0)
    words = keras.Input((6,), dtype="string", name="words")
    numbers = layers.StringLookup(vocabulary=["cat", "dog", "horse"])(words)
    return keras.Model(words, layers.Dense(2, name="scores")(layers.Flatten()(layers.Embedding(5, 4)(numbers))))


class Kalman(tf.Module):
    """A linear filter over a series, in a loop of TensorFlow's own; and one step of it."""

    def __init__(self):
        super().__init__()
        self.motion = tf.Variable(0.3 * tf.random.stateless_normal((4, 4), seed=(1, 2)))
        self.gain = tf.Variable(0.3 * tf.random.stateless_normal((3, 4), seed=(3, 4)))

    @tf.function(input_signature=[tf.TensorSpec((None, 4), name="state"), tf.TensorSpec((None, 3), name="measurement")])
    def step(self, state, measurement):
        return {"state_next": tf.tanh(tf.matmul(state, self.motion) + tf.matmul(measurement, self.gain))}

    @tf.function(input_signature=[tf.TensorSpec((None, None, 3), name="series")])
    def filter(self, series):
        state = tf.zeros((tf.shape(series)[0], 4))
        for time in tf.range(tf.shape(series)[1]):
            state = tf.tanh(tf.matmul(state, self.motion) + tf.matmul(series[:, time], self.gain))
        return {"estimate": state}


@tf.function
def attention(query, key, value):
    """Scaled dot-product attention."""
    weights = tf.nn.softmax(tf.einsum("bqd,bkd->bqk", query, key) / tf.sqrt(tf.cast(tf.shape(key)[-1], tf.float32)))
    return {"attended": tf.einsum("bqk,bkd->bqd", weights, value), "weights": weights}


def detector():
    """A concrete function: boxes by score, without those that overlap."""

    @tf.function
    def select(boxes, scores):
        kept = tf.image.non_max_suppression(boxes, scores, max_output_size=10, iou_threshold=0.5)
        return {"selected": tf.gather(boxes, kept), "kept": kept}

    return select.get_concrete_function(tf.TensorSpec((40, 4), name="boxes"), tf.TensorSpec((40,), name="scores"))
