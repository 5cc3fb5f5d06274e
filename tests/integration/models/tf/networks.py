"""TensorFlow models of every kind that Python code can give."""

import keras
import tensorflow as tf
from keras import layers


def functional():
    """Two inputs, two outputs of their own names, one of them an integer."""
    keras.utils.set_random_seed(0)
    image = keras.Input((8, 8, 3), name="image")
    kind = keras.Input((1,), name="kind", dtype="int32")
    features = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="relu")(image))
    joined = layers.Concatenate()([features, layers.Flatten()(layers.Embedding(10, 3)(kind))])
    scores = layers.Dense(5, name="scores")(joined)
    return keras.Model([image, kind], [scores, layers.Dense(1, name="age")(joined)])


def sequential():
    """A Sequential with its input."""
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((4,), name="x"), layers.Dense(3), layers.BatchNormalization()])


def unbuilt():
    """A Sequential that has no variables before it is called."""
    keras.utils.set_random_seed(0)
    return keras.Sequential([layers.Dense(3)])


@keras.saving.register_keras_serializable("tests")
class Scale(layers.Layer):
    """A layer of one's own."""

    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")

    def call(self, x):
        return x * self.scale


def custom():
    """A functional model with a layer of one's own."""
    return keras.Sequential([keras.Input((4,), name="x"), Scale()])


@keras.saving.register_keras_serializable("tests")
class Subclassed(keras.Model):
    """Named parameters, a dict of outputs, dropout that inference leaves out."""

    def __init__(self, units=3, **kwargs):
        super().__init__(**kwargs)
        keras.utils.set_random_seed(0)
        self.units = units
        self.dense, self.drop = layers.Dense(units), layers.Dropout(0.5)

    def call(self, query, key, training=None):
        mixed = self.drop(self.dense(query) + self.dense(key), training=training)
        return {"mixed": mixed, "total": tf.reduce_sum(mixed, axis=1)}


class Packed(keras.Model):
    """Several inputs under one parameter, by their names."""

    def __init__(self):
        super().__init__()
        keras.utils.set_random_seed(0)
        self.dense = layers.Dense(2)

    def call(self, inputs):
        return self.dense(inputs["left"]) - self.dense(inputs["right"])


class Module(tf.Module):
    """Two functions, of which one declares its input."""

    def __init__(self):
        super().__init__()
        self.weight = tf.Variable(tf.random.stateless_normal((4, 2), seed=(1, 2)))

    @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32, name="x")])
    def project(self, x):
        return {"projected": tf.matmul(x, self.weight)}

    @tf.function
    def add(self, left, right):
        return left + right


class Callable(tf.Module):
    """A module whose `__call__` is plain Python."""

    def __call__(self, x):
        return tf.nn.softmax(x), x


@tf.function
def cosine(a, b):
    """A function of the file itself."""
    return tf.reduce_sum(tf.nn.l2_normalize(a, 1) * tf.nn.l2_normalize(b, 1), axis=1)


def concrete():
    """A concrete function."""
    return cosine.get_concrete_function(tf.TensorSpec((None, 4), name="a"), tf.TensorSpec((None, 4), name="b"))


def legacy():
    """A model of Keras 2."""
    import tf_keras

    tf_keras.utils.set_random_seed(0)
    inputs = tf_keras.Input((4,), name="x")
    hidden = tf_keras.layers.BatchNormalization(name="hidden")(tf_keras.layers.Dense(3, activation="relu")(inputs))
    return tf_keras.Model(inputs, [tf_keras.layers.Dense(2, name="p")(hidden), hidden])


def trains():
    """Batch normalisation that was left in training mode."""
    model = sequential()

    @tf.function(input_signature=[tf.TensorSpec((None, 6, 6, 3), name="x")])
    def call(x):
        return normalise(x, training=True)

    normalise = layers.BatchNormalization()
    normalise.build((None, 6, 6, 3))
    call.keep = model
    return call


def drops():
    """Dropout that was left in training mode."""
    drop = layers.Dropout(0.5)
    return tf.function(lambda x: drop(x, training=True), input_signature=[tf.TensorSpec((None, 4), name="x")])


def stateful():
    """A recurrent layer that remembers the last batch."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input(batch_shape=(2, 5, 3), name="x")
    return keras.Model(inputs, layers.LSTM(4, stateful=True)(inputs))


def lookup():
    """A table from words to numbers, then an embedding."""
    keras.utils.set_random_seed(0)
    word = keras.Input((3,), name="words", dtype="string")
    numbers = layers.StringLookup(vocabulary=["cat", "dog"])(word)
    return keras.Model(word, layers.Embedding(4, 2)(numbers))


def text():
    """Preprocessing of text, which has no ONNX."""
    line = keras.Input((1,), name="line", dtype="string")
    vectorise = layers.TextVectorization(vocabulary=["cat", "dog"], output_sequence_length=4)
    return keras.Model(line, vectorise(line))


def unsupported():
    """An operator that tf2onnx does not know."""
    return tf.function(tf.math.lgamma, input_signature=[tf.TensorSpec((None, 4), name="x")])


def later():
    """An operator that tf2onnx knows from opset 18 on."""
    return tf.function(tf.bitwise.invert, input_signature=[tf.TensorSpec((None, 4), tf.int32, name="x")])


def ragged():
    """A ragged input."""
    return tf.function(lambda x: x.to_tensor(), input_signature=[tf.RaggedTensorSpec((None, None), tf.float32)])


def sparse():
    """A sparse input of a Keras model."""
    inputs = keras.Input((4,), sparse=True, name="x")
    return keras.Model(inputs, layers.Dense(2)(inputs))


def image():
    """Convolution over images of any size, its map of features beside its scores."""
    keras.utils.set_random_seed(0)
    image = keras.Input((None, None, 3), name="image")
    features = layers.Conv2D(4, 3, name="features")(image)
    return keras.Model(image, [features, layers.Dense(2, name="scores")(layers.GlobalMaxPooling2D()(features))])


def integers():
    """A table from integers, which tf2onnx does not convert."""
    number = keras.Input((3,), dtype="int64", name="number")
    return keras.Model(number, layers.IntegerLookup(vocabulary=[3, 5])(number))


def segments():
    """An operator that tf2onnx converts for identifiers of one axis only."""
    specs = [tf.TensorSpec((4, 4), name="x"), tf.TensorSpec((4, 4), tf.int32, name="segment")]
    return tf.function(lambda x, segment: tf.math.unsorted_segment_sum(x, segment, 3), input_signature=specs)


def gelu():
    """The exact GELU, which TensorFlow computes with an operator that tf2onnx lacks."""
    inputs = keras.Input((4,), name="x")
    return keras.Model(inputs, keras.activations.gelu(inputs))


def nothing():
    """Not a model."""
    return {"weights": 1}
