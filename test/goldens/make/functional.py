"""Functional models: the order of their layers and weights, what they predict, and ten steps of training them."""

import os

import keras
import numpy as np
from golden import write
from keras import layers

rng = np.random.default_rng(12)
rows, steps = 8, 10
# A summary is cut where the terminal ends.
os.environ["COLUMNS"] = "200"


def residual():
    x = layers.Input((6, 6, 3))
    a = layers.Conv2D(4, 3, padding="same", activation="relu")(x)
    b = layers.Conv2D(4, 3, padding="same")(a)
    c = layers.Activation("relu")(layers.Add()([a, b]))
    y = layers.Dense(3, activation="softmax")(layers.Flatten()(c))
    return keras.Model(x, y)


def branches():
    x = layers.Input((8, 8, 2))
    wide = layers.Conv2D(3, 5, padding="same", activation="relu")(x)
    deep = layers.Conv2D(2, 1, activation="relu")(x)
    deep = layers.Conv2D(4, 3, padding="same", activation="relu")(deep)
    pooled = layers.AveragePooling2D(2)(layers.Concatenate()([wide, x, deep]))
    y = layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling2D()(pooled))
    return keras.Model(x, y)


def shared():
    left, right = layers.Input((5,), name="left"), layers.Input((5,), name="right")
    tower = layers.Dense(4, activation="tanh")
    top = layers.Dense(4, activation="relu")
    a, b = tower(left), top(tower(right))
    y = layers.Dense(3, activation="softmax")(layers.Subtract()([a, b]))
    return keras.Model([left, right], y)


def several():
    image, number = layers.Input((4, 4, 1), name="image"), layers.Input((2,), name="number")
    flat = layers.Flatten()(layers.Conv2D(2, 2, activation="relu")(image))
    joined = layers.Concatenate()([flat, layers.Dense(3, activation="relu")(number)])
    kind = layers.Dense(3, activation="softmax", name="kind")(joined)
    size = layers.Dense(1, name="size")(layers.Dense(4, activation="tanh")(joined))
    return keras.Model([image, number], [size, kind])


def example(make, losses, weights, metrics):
    keras.backend.clear_session()
    keras.utils.set_random_seed(3)
    model = make()
    xs = [rng.standard_normal((rows, *x.shape[1:])).astype("float32") for x in model.inputs]
    ys = [
        rng.integers(0, 3, rows).astype("int32") if y.shape[-1] == 3 else rng.standard_normal((rows, 1)).astype("float32")
        for y in model.outputs
    ]
    start = model.get_weights()
    given = xs if len(xs) > 1 else xs[0]
    predictions = model.predict(given, verbose=0)
    model.compile(
        optimizer=keras.optimizers.SGD(0.05, momentum=0.9), loss=losses, loss_weights=weights, metrics=metrics
    )
    logs = [model.fit(given, ys, batch_size=rows, shuffle=False, verbose=0).history for _ in range(steps)]
    evaluated = model.evaluate(given, ys, batch_size=4, verbose=0, return_dict=True)
    return {
        "layers": [type(layer).__name__ for layer in model.layers],
        "xs": xs,
        "ys": ys,
        "start": start,
        "predictions": predictions if isinstance(predictions, list) else [predictions],
        "logs": [{name: values[0] for name, values in log.items()} for log in logs],
        "evaluated": evaluated,
        "end": model.get_weights(),
    }


classes = ("sparse_categorical_crossentropy", None, ["accuracy"])
write(
    "functional",
    {
        "residual": example(residual, *classes),
        "branches": example(branches, *classes),
        "shared": example(shared, *classes),
        "several": example(
            several,
            {"size": "mse", "kind": "sparse_categorical_crossentropy"},
            {"size": 0.5, "kind": 2.0},
            {"size": ["mae"], "kind": ["accuracy"]},
        ),
    },
)


def summary(make, **options):
    keras.backend.clear_session()
    lines = []
    make().summary(print_fn=lambda line, **_: lines.append(line), **options)
    return "\n".join(lines)


def chain():
    x = layers.Input((4,), name="start")
    return keras.Model(x, layers.Dense(2, name="last")(layers.Dense(3, activation="relu")(x)), name="chain")


makers = {"residual": residual, "branches": branches, "shared": shared, "several": several, "chain": chain}
write(
    "functional-summary",
    {
        name: {"usual": summary(make, line_length=76), "wide": summary(make, line_length=108, show_trainable=True)}
        for name, make in makers.items()
    },
)
