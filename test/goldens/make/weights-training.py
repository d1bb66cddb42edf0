"""Training with penalties for weights and outputs and with constraints of weights: a small convolutional network, every
loss on the way and the weights at the end."""

import keras
import numpy as np
from golden import write
from keras import constraints, layers, ops, optimizers, regularizers

random = np.random.default_rng(5)
rows = 12
x = np.float32(random.standard_normal((rows, 5, 5, 2)))
y = np.int32(random.integers(0, 3, rows))
start = [
    np.float32(random.uniform(-0.6, 0.6, shape)) for shape in [(3, 3, 2, 4), (4,), (3, 3, 4), (36, 3), (3,)]
]


def cubes(weight):
    return 0.02 * ops.sum(ops.square(weight) * ops.abs(weight))


def many(weight):
    return 0.02 * ops.square(weight)


def halves(weight):
    return ops.where(ops.abs(weight) > 0.4, weight / 2, weight)


def sgd():
    return optimizers.SGD(0.1)


def momentum():
    return optimizers.SGD(0.05, momentum=0.8, nesterov=True)


def adam():
    return optimizers.Adam(0.02)


filters = [0, 1, 2]
# By case: options of the convolution, of the PReLU and of the dense layer behind it; the optimizer.
cases = {
    "l1": ({"kernel_regularizer": regularizers.L1(0.02)}, {}, {"kernel_regularizer": "l1"}, sgd),
    "l2": ({"kernel_regularizer": "l2"}, {}, {"kernel_regularizer": regularizers.L2(0.1)}, adam),
    "l1 and l2": ({"kernel_regularizer": regularizers.L1L2(0.01, 0.03)}, {}, {}, momentum),
    "orthogonal rows": ({}, {}, {"kernel_regularizer": regularizers.OrthogonalRegularizer(2.0)}, sgd),
    "orthogonal columns": (
        {},
        {},
        {"kernel_regularizer": regularizers.OrthogonalRegularizer(0.5, mode="columns")},
        adam,
    ),
    "own": ({"kernel_regularizer": cubes}, {}, {"bias_regularizer": many, "kernel_regularizer": many}, sgd),
    "bias": ({"bias_regularizer": regularizers.L2(0.5)}, {}, {"bias_regularizer": regularizers.L1(0.1)}, adam),
    "alpha": ({}, {"alpha_regularizer": regularizers.L1(0.05)}, {}, sgd),
    "activity": (
        {"activity_regularizer": regularizers.L1(0.01)},
        {"activity_regularizer": "l2"},
        {"activity_regularizer": regularizers.L2(0.05)},
        sgd,
    ),
    "frozen": (
        {"kernel_regularizer": regularizers.L2(0.5), "activity_regularizer": "l1", "trainable": False},
        {},
        {"kernel_regularizer": "l2"},
        sgd,
    ),
    "maxNorm": (
        {"kernel_constraint": constraints.MaxNorm(0.9, axis=filters)},
        {},
        {"kernel_constraint": constraints.MaxNorm(1.2)},
        sgd,
    ),
    "nonNeg": ({"bias_constraint": "non_neg"}, {"alpha_constraint": "NonNeg"}, {"kernel_constraint": "non_neg"}, adam),
    "unitNorm": (
        {"kernel_constraint": constraints.UnitNorm(axis=filters)},
        {},
        {"kernel_constraint": "unit_norm", "bias_constraint": "unit_norm"},
        momentum,
    ),
    "minMaxNorm": (
        {"kernel_constraint": constraints.MinMaxNorm(0.8, 1.1, rate=0.5, axis=filters)},
        {},
        {"kernel_constraint": "min_max_norm"},
        adam,
    ),
    "own constraint": ({"kernel_constraint": halves}, {}, {"bias_constraint": halves}, momentum),
    "penalty and constraint": (
        {"kernel_regularizer": "l2", "kernel_constraint": constraints.MaxNorm(1.0, axis=filters)},
        {"alpha_regularizer": "l1", "alpha_constraint": "non_neg"},
        {"kernel_regularizer": regularizers.L1L2(0.01, 0.01), "kernel_constraint": "unit_norm"},
        sgd,
    ),
}


def trained(convolution, slope, dense, optimizer, batch, epochs):
    model = keras.Sequential(
        [
            layers.Input((5, 5, 2)),
            layers.Conv2D(4, 3, **convolution),
            layers.PReLU(**slope),
            layers.Flatten(),
            layers.Dense(3, **dense),
        ]
    )
    model.set_weights(start)
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer=optimizer(), metrics=["accuracy"])
    history = model.fit(x, y, batch_size=batch, epochs=epochs, shuffle=False, verbose=0)
    evaluated = model.evaluate(x, y, batch_size=batch, verbose=0)
    return {
        "losses": history.history["loss"],
        "accuracies": history.history["accuracy"],
        "evaluated": float(evaluated[0]),
        "end": model.get_weights(),
    }


def within(epochs):
    """A layer that is used twice, once of them in an inner model, with penalties for weights and outputs."""
    flat = x[:, 0, 0, :].repeat(2, axis=1)
    shared = layers.Dense(5, activity_regularizer=regularizers.L2(0.1), kernel_regularizer="l2")
    inner_input = layers.Input((4,))
    inner = keras.Model(inner_input, layers.Dense(3, activity_regularizer="l1", bias_constraint="non_neg")(shared(inner_input)))
    outer_input = layers.Input((4,))
    outputs = layers.Add(activity_regularizer=regularizers.L2(0.02))([inner(outer_input), layers.Dense(3)(shared(outer_input))])
    model = keras.Model(outer_input, outputs)
    begin = [np.float32(random.uniform(-0.6, 0.6, weight.shape)) for weight in model.get_weights()]
    model.set_weights(begin)
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer=sgd())
    history = model.fit(flat, y, batch_size=5, epochs=epochs, shuffle=False, verbose=0)
    return {
        "x": flat,
        "start": begin,
        "names": [weight.path for weight in model.weights],
        "losses": history.history["loss"],
        "evaluated": float(model.evaluate(flat, y, batch_size=5, verbose=0)),
        "end": model.get_weights(),
    }


write(
    "weights-training",
    {
        "x": x,
        "y": y,
        "start": start,
        # All rows in each of 20 steps: every loss is in the history.
        "cases": {name: trained(*case, batch=rows, epochs=20) for name, case in cases.items()},
        # Batches of 5, 5 and 2 rows: penalties count as often as there are rows.
        "uneven": {name: trained(*cases[name], batch=5, epochs=4) for name in ["l2", "activity", "maxNorm"]},
        "within": within(epochs=6),
    },
)
