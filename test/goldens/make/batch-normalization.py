"""Batch normalisation: one call in every mode, and models of it trained: shared, within another, frozen."""

import os

import keras
import numpy as np
import tensorflow as tf
from golden import write
from keras import layers

rng = np.random.default_rng(21)
# A summary is cut where the terminal ends.
os.environ["COLUMNS"] = "200"

calls = [
    ("rows", {}, (6, 5), 0),
    ("pictures", {"momentum": 0.8, "epsilon": 0.01}, (4, 5, 6, 3), 0),
    ("many channels", {}, (5, 3, 4, 17), 0),
    ("far from 0", {}, (7, 9, 9, 4), 30),
    ("without beta", {"center": False}, (4, 3, 4), 0),
    ("without gamma", {"scale": False}, (4, 3, 4), 0),
    ("without either", {"center": False, "scale": False}, (4, 3, 3, 2), 0),
    ("channels first", {"axis": 1}, (3, 4, 5, 2), 0),
    ("one row", {}, (1, 6, 2), 0),
]


def normal(shape):
    return np.float32(rng.standard_normal(shape))


def mode(layer, x, training):
    """y, the gradients of its sum with weights of 1 to 7 in turn, and the weights afterwards."""
    given = tf.constant(x)
    weighting = tf.reshape(tf.cast(tf.range(x.size) % 7 + 1, "float32"), x.shape)
    before = layer.get_weights()
    with tf.GradientTape() as tape:
        tape.watch(given)
        y = layer(given, training=training)
        total = tf.reduce_sum(y * weighting)
    trained = [weight.value for weight in layer.trainable_weights]
    dx, *dw = tape.gradient(total, [given, *trained])
    after = layer.get_weights()
    layer.set_weights(before)
    return {"y": y.numpy(), "dx": dx.numpy(), "dw": [g.numpy() for g in dw], "after": after}


def call(name, options, shape, mean):
    layer = layers.BatchNormalization(**options)
    layer.build(shape)
    for weight in layer.weights:
        value = normal(weight.shape)
        weight.assign(np.abs(value) + np.float32(0.5) if weight.name.endswith("variance") else value)
    x = np.float32(2 * normal(shape) + np.float32(mean))
    result = {"name": name, "options": options, "x": x, "weights": layer.get_weights()}
    result["names"] = [weight.name for weight in layer.weights]
    result["training"] = mode(layer, x, True)
    result["inference"] = mode(layer, x, False)
    layer.trainable = False
    # Frozen, it has no weights that are trained.
    result["frozen"] = mode(layer, x, True)
    return result


def convolutional():
    x = layers.Input((8, 8, 3))
    a = layers.Conv2D(6, 3, padding="same", use_bias=False)(x)
    a = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(a))
    b = layers.Conv2D(6, 3, padding="same")(a)
    b = layers.Add()([a, layers.BatchNormalization(momentum=0.8, epsilon=1e-5)(b)])
    c = layers.Conv2D(8, 1, strides=2)(layers.Activation("relu")(b))
    c = layers.ReLU(6.0)(layers.BatchNormalization()(c))
    y = layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling2D()(c))
    return keras.Model(x, y)


def shared():
    left, right = layers.Input((5,), name="left"), layers.Input((5,), name="right")
    normalization = layers.BatchNormalization(momentum=0.7)
    a, b = normalization(left), normalization(layers.Dense(5)(right))
    y = layers.Dense(3, activation="softmax")(layers.Add()([a, b]))
    return keras.Model([left, right], y)


def inner():
    x = layers.Input((6,))
    normalization = layers.BatchNormalization(momentum=0.6)
    y = normalization(layers.Dense(6)(normalization(x)))
    return keras.Model(x, y, name="inner")


def nested():
    x = layers.Input((6,))
    part = inner()
    y = layers.BatchNormalization(momentum=0.5)(part(layers.Activation("tanh")(part(x))))
    return keras.Model(x, layers.Dense(3, activation="softmax")(y))


def frozen():
    x = layers.Input((6,))
    part = inner()
    part.trainable = False
    first = layers.BatchNormalization(momentum=0.5)
    first.trainable = False
    y = layers.BatchNormalization(momentum=0.5)(part(first(layers.Dense(6)(x))))
    return keras.Model(x, layers.Dense(3, activation="softmax")(y))


def trained(make, rows, batch, epochs):
    keras.backend.clear_session()
    keras.utils.set_random_seed(3)
    model = make()
    lines = []
    model.summary(print_fn=lambda line, **_: lines.append(line), line_length=88)
    xs = [np.float32(1.5 * normal((rows, *x.shape[1:])) + np.float32(0.5)) for x in model.inputs]
    y = rng.integers(0, 3, rows).astype("int32")
    start = [
        np.float32(value + (rng.uniform(0, 0.5, value.shape) if "norm" in weight.path else 0))
        for weight, value in zip(model.weights, model.get_weights(), strict=True)
    ]
    model.set_weights(start)
    given = xs if len(xs) > 1 else xs[0]
    before = model.predict(given, verbose=0)
    model.compile(
        optimizer=keras.optimizers.SGD(0.05, momentum=0.9), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    history = model.fit(given, y, batch_size=batch, epochs=epochs, shuffle=False, verbose=0).history
    evaluated = model.evaluate(given, y, batch_size=batch, verbose=0, return_dict=True)
    return {
        "xs": xs,
        "y": y,
        "batch": batch,
        "epochs": epochs,
        "start": start,
        "before": before,
        "history": history,
        "evaluated": evaluated,
        "after": model.predict(given, verbose=0),
        "end": model.get_weights(),
        "paths": [weight.path for weight in model.weights],
        "summary": "\n".join(lines).rstrip("\n"),
    }


write(
    "batch-normalization",
    {
        "calls": [call(*given) for given in calls],
        "models": {
            # Twenty steps in five epochs, the last of each smaller.
            "convolutional": trained(convolutional, 26, 8, 5),
            "shared": trained(shared, 10, 4, 3),
            "nested": trained(nested, 10, 4, 3),
            "frozen": trained(frozen, 10, 4, 3),
        },
    },
)
