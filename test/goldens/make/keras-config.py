"""Keras's own configurations of models and layers: what models of them predict, and ten losses of training them.

Weights, inputs and labels are formulas that test/keras-config.test.ts has too, so that the file holds the configurations
and the results alone. Each configuration is read back by Keras without the parts that fovea does not write, and must
predict the same: fovea writes what is left, so Keras can read it.
"""

import io
import json
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np
from golden import write
from keras import layers

ROWS, STEPS = 4, 10
# What Keras writes for itself: it can make these models without.
LEFT_OUT = {"build_config", "compile_config"}


def weight(shape, number):
    """Weight `number` of a model: matrices and kernels around 0, vectors above it."""
    fraction = (np.arange(np.prod(shape, dtype=int)) * 7919 + number * 104729 + 17) % 1000 / 1000
    if len(shape) < 2:
        return (0.1 + fraction / 2).reshape(shape).astype("float32")
    return ((fraction - 0.5) * 2 / np.sqrt(np.prod(shape[:-1]))).reshape(shape).astype("float32")


def rows(shape, dtype, number):
    """Input `number` of a model."""
    index = np.arange(ROWS * np.prod(shape, dtype=int)) * 37 + number * 11
    values = index % 256 if dtype == "uint8" else index % 3 if dtype == "int32" else index % 201 / 100 - 1
    return values.reshape((ROWS, *shape)).astype(dtype)


def labels(shape, number):
    """The labels of output `number`."""
    return ((np.arange(np.prod(shape)) * 13 + number) % 7 / 7).reshape(shape).astype("float32")


def plain(value, left_out=LEFT_OUT):
    if isinstance(value, dict):
        return {key: plain(part, left_out) for key, part in value.items() if key not in left_out}
    return [plain(part, left_out) for part in value] if isinstance(value, list) else value


def seen(config):
    """Without what Keras forgets when it reads: that a sequential model within another is frozen, layers apart."""
    return plain(config, LEFT_OUT | {"trainable"})


def filled(model):
    model.set_weights([weight(w.shape, i) for i, w in enumerate(model.weights)])
    return model


def as_list(value):
    return value if isinstance(value, list) else [value]


def predicted(model, xs):
    return [np.asarray(y) for y in as_list(model(xs[0] if len(xs) == 1 else xs, training=False))]


def example(make):
    keras.backend.clear_session()
    model = filled(make())
    config = plain(json.loads(model.to_json()))
    xs = [rows(x.shape[1:], x.dtype, i) for i, x in enumerate(model.inputs)]
    ys = predicted(model, xs)
    again = filled(keras.models.model_from_json(json.dumps(config)))
    for one, other in zip(ys, predicted(again, xs)):
        np.testing.assert_array_equal(one, other)
    assert seen(json.loads(again.to_json())) == seen(config), make.__name__
    result = {"config": config, "weights": [list(w.shape) for w in model.weights], "predictions": ys}
    if make in trained:
        # The whole batch, and squares of differences of every output: one number a step.
        model.compile(optimizer=keras.optimizers.SGD(0.05), loss="mse")
        targets = [labels(y.shape, i) for i, y in enumerate(ys)]
        given = xs[0] if len(xs) == 1 else xs
        wanted = targets[0] if len(targets) == 1 else targets
        result["losses"] = [
            model.fit(given, wanted, batch_size=ROWS, shuffle=False, verbose=0).history["loss"][0] for _ in range(STEPS)
        ]
    return result


def stack(*list_):
    return keras.Sequential(list(list_))


def dense():
    return stack(layers.Input((4,)), layers.Dense(3))


def mlp():
    return stack(
        layers.Input((6,)),
        layers.Dense(8, activation="relu"),
        layers.Dense(5, activation="tanh", use_bias=False),
        layers.Dense(3, activation="softmax"),
    )


def named():
    return keras.Sequential([layers.Input((4,), name="start"), layers.Dense(2, name="end")], name="own")


def deep_dense():
    return stack(layers.Input((3, 5, 4)), layers.Dense(6, activation="gelu"), layers.Flatten(), layers.Dense(2))


def cnn():
    return stack(
        layers.Input((8, 8, 1)),
        layers.Conv2D(4, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(3, (2, 1), padding="same", strides=(1, 2), use_bias=False),
        layers.Flatten(),
        layers.Dense(3, activation="softmax"),
    )


def picture_bytes():
    return stack(
        layers.Input((6, 6, 3), dtype="uint8"),
        layers.Rescaling(1 / 127.5, offset=-1),
        layers.Conv2D(4, 3, padding="same", activation="relu"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(2, activation="sigmoid"),
    )


def whole_numbers():
    return stack(layers.Input((5,), dtype="int32"), layers.Rescaling(0.5), layers.Dense(3))


def pooling():
    return stack(
        layers.Input((9, 9, 2)),
        layers.MaxPooling2D(3, strides=2, padding="same"),
        layers.AveragePooling2D((2, 1), strides=(1, 2), padding="valid"),
        layers.AveragePooling2D(2, padding="same"),
        layers.GlobalAveragePooling2D(keepdims=True),
    )


def shaping():
    return stack(
        layers.Input((12,)),
        layers.Reshape((3, -1)),
        layers.Reshape((2, 3, 2)),
        layers.Conv2D(3, 1),
        layers.Flatten(),
        layers.Dense(2),
    )


def dropouts():
    return stack(layers.Input((6,)), layers.Dropout(0.25, seed=7), layers.Dense(4), layers.Dropout(0.0))


def activation_layers():
    return stack(
        layers.Input((3, 4)),
        layers.Dense(4),
        layers.LeakyReLU(negative_slope=0.2),
        layers.Dense(4),
        layers.ELU(alpha=0.5),
        layers.Dense(4),
        layers.ReLU(max_value=0.75, negative_slope=0.125, threshold=0.25),
        layers.Dense(4),
        layers.PReLU(alpha_initializer="ones", shared_axes=[1]),
        layers.Activation("softplus"),
        layers.Softmax(axis=-1),
    )


def shared_alphas():
    return stack(layers.Input((4, 4, 3)), layers.PReLU(shared_axes=[1, 2]), layers.Conv2D(2, 2), layers.PReLU())


def softmax_axes():
    return stack(layers.Input((3, 4)), layers.Dense(4), layers.Softmax(axis=[1, 2]), layers.Softmax(axis=1))


# Of the activations that fovea has, in three models.
ACTIVATIONS = [
    "celu elu exponential gelu hard_sigmoid hard_silu leaky_relu",
    "linear log_softmax mish relu relu6 selu sigmoid",
    "silu softmax softplus softsign tanh swish hard_swish",
]


def activations(names):
    def make():
        return stack(layers.Input((5,)), *(layers.Dense(5, activation=name) for name in names.split()))

    return make


activations_1, activations_2, activations_3 = (activations(names) for names in ACTIVATIONS)


def activation_options():
    return stack(
        layers.Input((6,)),
        layers.Dense(4, activation=layers.ELU(0.5)),
        layers.Dense(4, activation=layers.LeakyReLU(0.1, name="leaky_re_lu")),
        layers.Dense(4, activation=layers.ReLU(max_value=2.0, name="re_lu")),
    )


def initializers():
    i = keras.initializers
    return stack(
        layers.Input((4,)),
        layers.Dense(4, kernel_initializer="glorot_normal", bias_initializer="ones"),
        layers.Dense(4, kernel_initializer=i.HeNormal(seed=3), bias_initializer=i.Constant(0.25)),
        layers.Dense(4, kernel_initializer="he_uniform", bias_initializer=i.RandomNormal(0.5, 0.1)),
        layers.Dense(4, kernel_initializer="lecun_normal", bias_initializer=i.RandomUniform(-0.5, 0.25, seed=9)),
        layers.Dense(4, kernel_initializer=i.LecunUniform(seed=0), bias_initializer="zeros"),
    )


def frozen():
    middle = layers.Dense(4, activation="tanh", trainable=False)
    return stack(layers.Input((4,)), layers.Dense(4, activation="tanh"), middle, layers.Dense(2))


def sequential_within():
    inner = stack(layers.Input((4,)), layers.Dense(3, activation="relu"), layers.Dense(2))
    return stack(layers.Input((5,)), layers.Dense(4, activation="tanh"), inner, layers.Dense(2))


def frozen_within():
    inner = keras.Sequential([layers.Input((4,)), layers.Dense(3, activation="relu")], name="body")
    inner.trainable = False
    x = layers.Input((4,))
    return keras.Model(x, layers.Dense(2)(inner(layers.Dense(4)(x))))


def functional():
    x = layers.Input((4,))
    return keras.Model(x, layers.Dense(2)(layers.Dense(3, activation="relu")(x)))


def listed():
    x = layers.Input((4,))
    return keras.Model([x], [layers.Dense(2)(x)], name="listed")


def residual():
    x = layers.Input((6, 6, 3))
    a = layers.Conv2D(4, 3, padding="same", activation="relu")(x)
    b = layers.Conv2D(4, 3, padding="same")(a)
    y = layers.GlobalAveragePooling2D()(layers.Activation("relu")(layers.Add()([a, b])))
    return keras.Model(x, layers.Dense(3, activation="softmax")(y))


def branches():
    x = layers.Input((8, 8, 2))
    wide = layers.Conv2D(3, 5, padding="same", activation="relu")(x)
    deep = layers.Conv2D(4, 3, padding="same", activation="relu")(layers.Conv2D(2, 1, activation="relu")(x))
    pooled = layers.AveragePooling2D(2)(layers.Concatenate()([wide, x, deep]))
    return keras.Model(x, layers.Dense(3)(layers.GlobalAveragePooling2D()(pooled)))


def merges():
    x = layers.Input((4,))
    a, b = layers.Dense(3)(x), layers.Dense(3, activation="tanh")(x)
    parts = [layers.Average()([a, b]), layers.Maximum()([a, b]), layers.Minimum()([a, b, a])]
    parts += [layers.Multiply()([a, b]), layers.Subtract()([b, a])]
    return keras.Model(x, layers.Concatenate(axis=1)(parts))


def shared_layer():
    left, right = layers.Input((5,), name="left"), layers.Input((5,), name="right")
    tower = layers.Dense(4, activation="tanh")
    return keras.Model([left, right], layers.Dense(2)(layers.Subtract()([tower(left), tower(right)])))


def shared_thrice():
    x = layers.Input((4,))
    same = layers.Dense(4, activation="tanh")
    last = same(same(x))
    return keras.Model(x, layers.Concatenate()([same(last), last, same(layers.Dense(4)(x))]))


def unused_call():
    x, other = layers.Input((4,)), layers.Input((4,))
    same = layers.Dense(3)
    same(other)
    return keras.Model(x, layers.Add()([same(x), layers.Dense(3)(x)]))


def several():
    image, number = layers.Input((4, 4, 1), name="image"), layers.Input((2,), name="number")
    flat = layers.Flatten()(layers.Conv2D(2, 2, activation="relu")(image))
    joined = layers.Concatenate()([flat, layers.Dense(3, activation="relu")(number)])
    kind = layers.Dense(3, activation="softmax", name="kind")(joined)
    return keras.Model([image, number], [layers.Dense(1, name="size")(joined), kind], name="several")


def outputs_within():
    x = layers.Input((4,))
    a = layers.Dense(3, activation="relu")(x)
    return keras.Model(x, [a, layers.Dense(2)(a)])


def models_within():
    a, b = layers.Input((4,)), layers.Input((4,))
    both = layers.Dense(2)
    inner = keras.Model([a, b], [both(layers.Add()([a, b])), both(a)], name="inner")
    start = layers.Input((2,))
    one = keras.Model(start, layers.Dense(3)(start), name="one")
    x = layers.Input((4,))
    first = layers.Dense(4)
    p, q = inner([x, first(x)])
    r, s = inner([first(x), x])
    return keras.Model(x, [one(p), q, r, layers.Softmax()(s)])


def deep_within():
    def nest(inner):
        x = layers.Input((4,))
        return keras.Model(x, layers.Dense(4, activation="tanh")(inner(x)))

    x = layers.Input((4,))
    return nest(nest(nest(keras.Model(x, layers.Dense(4)(x)))))


def twice_within():
    inner = stack(layers.Input((4,)), layers.Dense(4, activation="tanh"), layers.Dense(4))
    x = layers.Input((4,))
    return keras.Model(x, layers.Concatenate()([inner(x), inner(inner(x))]))


def thawed_within():
    """Models that are frozen, but for one of their layers each: the usual way to train a finished model on."""
    body = keras.Sequential([layers.Input((4,)), layers.Dense(4, "tanh"), layers.Dense(3, "tanh")], name="body")
    start = layers.Input((3,))
    head = keras.Model(start, layers.Dense(2)(layers.Dense(3, "tanh")(start)), name="head")
    for inner in (body, head):
        inner.trainable = False
        inner.layers[-1].trainable = True
    x = layers.Input((4,))
    return keras.Model(x, head(body(x)))


def built_late():
    model = stack(layers.Dense(3), layers.Dense(2))
    model.build((None, 4))
    return model


trained = {mlp, cnn, picture_bytes, activation_layers, frozen, frozen_within, sequential_within, residual, branches}
trained |= {shared_layer, shared_thrice, several, models_within, twice_within, thawed_within}

examples = [
    *(dense, mlp, named, deep_dense, cnn, picture_bytes, whole_numbers, pooling, shaping, dropouts),
    *(activation_layers, shared_alphas, softmax_axes, activation_options, initializers, frozen),
    *(sequential_within, frozen_within, functional, listed, residual, branches, merges, shared_layer, shared_thrice),
    *(unused_call, several, outputs_within, models_within, deep_within, twice_within, built_late, thawed_within),
]


def built_by_call():
    """Keras builds it for the batch of its first call: four rows, and no other number."""
    model = stack(layers.Conv2D(2, 3, activation="relu"), layers.Flatten(), layers.Dense(3))
    model(rows((5, 5, 1), "float32", 0))
    assert model.inputs[0].shape == (ROWS, 5, 5, 1)
    return model


def without_input(make):
    """The same configuration without its input layer: Keras builds the model for build_input_shape when it reads it."""
    whole = example(make)
    outer = whole["config"]
    inner = outer["config"]
    assert inner["layers"][0]["class_name"] == "InputLayer"
    config = {**outer, "config": {**inner, "layers": inner["layers"][1:]}}
    read = filled(keras.models.model_from_json(json.dumps(config)))
    assert read.inputs[0].shape == tuple(inner["build_input_shape"])
    ys = predicted(read, [rows(x.shape[1:], x.dtype, i) for i, x in enumerate(read.inputs)])
    for one, other in zip(whole["predictions"], ys):
        np.testing.assert_array_equal(one, other)
    return {**whole, "config": config}


def in_file():
    """The configuration in a .keras file, of a layer that is in a model and in one within it."""
    keras.backend.clear_session()
    both = layers.Dense(4, activation="tanh")
    start = layers.Input((4,))
    inner = keras.Model(start, layers.Dense(4)(both(start)))
    x = layers.Input((4,))
    model = filled(keras.Model(x, layers.Add()([both(x), inner(x)])))
    model.compile(optimizer="adam", loss="mse", metrics=["mae"])
    with TemporaryDirectory() as folder:
        file = Path(folder) / "model.keras"
        model.save(file)
        config = zipfile.ZipFile(io.BytesIO(file.read_bytes())).read("config.json").decode()
    # Numbers of objects are addresses in memory: those of the same object stay the same.
    ids = {}

    def small(value):
        if isinstance(value, dict):
            return {
                key: ids.setdefault(part, len(ids) + 1) if key == "shared_object_id" else small(part)
                for key, part in value.items()
            }
        return [small(part) for part in value] if isinstance(value, list) else value

    xs = [rows((4,), "float32", 0)]
    return {"config": small(json.loads(config)), "weights": len(model.weights), "predictions": predicted(model, xs)}


write(
    "keras-config",
    {
        "examples": {
            **{make.__name__: example(make) for make in examples},
            **{f"activations_{i + 1}": example(activations(names)) for i, names in enumerate(ACTIVATIONS)},
        },
        "stacks": {"built_by_call": example(built_by_call), "without_input": without_input(built_by_call)},
        "file": in_file(),
    },
)

# Every layer of Keras that is a function of pictures, rows or vectors, with what it must be given.
GIVEN = {
    "Activation": ["relu"],
    "AveragePooling2D": [2],
    "CenterCrop": [3, 3],
    "Conv2D": [4, 3],
    "Conv2DTranspose": [4, 3],
    "Conv1D": [4, 3],
    "Conv1DTranspose": [4, 3],
    "AveragePooling1D": [2],
    "Dense": [3],
    "DepthwiseConv1D": [3],
    "DepthwiseConv2D": [3],
    "Dot": [1],
    "Dropout": [0.5],
    "AlphaDropout": [0.5],
    "GaussianDropout": [0.5],
    "GaussianNoise": [0.5],
    "InputLayer": [(4,)],
    "Permute": [(2, 1)],
    "RepeatVector": [3],
    "Rescaling": [0.5],
    "Reshape": [(2, -1)],
    "Resizing": [3, 3],
    "SeparableConv1D": [4, 3],
    "SeparableConv2D": [4, 3],
    "SpatialDropout1D": [0.5],
    "SpatialDropout2D": [0.5],
}
PLAIN = """ActivityRegularization Add Average BatchNormalization Concatenate Cropping1D Cropping2D ELU Flatten
GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D GlobalMaxPooling2D GroupNormalization Identity
LayerNormalization LeakyReLU MaxPooling1D MaxPooling2D Maximum Minimum Multiply Normalization PReLU RMSNormalization ReLU
Softmax Subtract UnitNormalization UpSampling1D UpSampling2D ZeroPadding1D ZeroPadding2D""".split()


def described(make):
    keras.backend.clear_session()
    return plain(json.loads(json.dumps(keras.saving.serialize_keras_object(make()))))


def public(module, base):
    classes = {value.__name__: value for value in vars(module).values() if isinstance(value, type)}
    return [value for value in classes.values() if issubclass(value, base) and value is not base]


write(
    "keras-classes",
    {
        "layers": [
            described(lambda name=name: getattr(layers, name)(*GIVEN.get(name, []))) for name in sorted([*GIVEN, *PLAIN])
        ],
        **{
            kind: [described(value) for value in sorted(public(module, base), key=lambda value: value.__name__)]
            for kind, module, base in [
                ("initializers", keras.initializers, keras.initializers.Initializer),
                ("regularizers", keras.regularizers, keras.regularizers.Regularizer),
                ("constraints", keras.constraints, keras.constraints.Constraint),
            ]
        },
    },
)
