"""What Keras's History and evaluate call metrics, in which order, and what they say: of names, classes, losses, functions.

Each case is a small training of a model of one or two outputs. Batches are all of one size, so that a mean of batches is
one of rows.
"""

import keras
import numpy as np
from golden import write
from keras import layers, losses, metrics, ops

random = np.random.default_rng(18)
rows, batch = 12, 4
x = np.float32(random.standard_normal((rows, 5)))
y = np.float32(random.uniform(0, 1, (rows, 3)))
kernels = [np.float32(random.standard_normal((5, 3))) for _ in range(2)]


def worstError(y_true, y_pred):  # noqa: N802 (its name is what is looked at)
    return ops.max(ops.abs(y_true - y_pred), axis=-1)


def mean_of_all(y_true, y_pred):
    return ops.mean(y_pred) + 0 * ops.mean(y_true)


def nameless():
    return lambda y_true, y_pred: ops.max(ops.abs(y_true - y_pred), axis=-1)


# What compile is given, by a name that test/goldens-metrics-names.test.ts has too. Functions, for each has state of its own.
single = {
    "a function without a name": lambda: {"metrics": [nameless()]},
    "two of them": lambda: {"metrics": [nameless(), nameless()]},
    "named functions": lambda: {"metrics": [worstError, mean_of_all, worstError]},
    "losses": lambda: {"metrics": [losses.Huber(delta=0.1), losses.LogCosh(name="own"), losses.MeanAbsoluteError]},
    "classes": lambda: {"metrics": [metrics.MeanSquaredError, metrics.AUC]},
    "a wrapped function": lambda: {"metrics": [metrics.MeanMetricWrapper(worstError), metrics.MeanMetricWrapper(worstError, name="w")]},
    "short names": lambda: {"metrics": ["mse", "MSE", "mae", "MAPE", "msle"]},
    "long names": lambda: {"metrics": ["mean_squared_error", "MeanSquaredError", "cosine_similarity", "CosineSimilarity", "hinge"]},
    "accuracies": lambda: {"metrics": ["accuracy", "acc", "CategoricalAccuracy", "categorical_accuracy"]},
    "weighted ones": lambda: {"metrics": ["mae", "mse"], "weighted_metrics": ["mse", "hinge", worstError]},
    "weighted functions": lambda: {"metrics": [worstError, nameless()], "weighted_metrics": [worstError, nameless()]},
    "a record": lambda: {"metrics": {"one": ["mse", "mae"]}},
    "a loss function": lambda: {"loss": worstError, "metrics": ["mse"]},
    "none": lambda: {},
}
several = {
    "lists": lambda: {"metrics": [["mse"], ["mae", worstError]]},
    "records": lambda: {"metrics": {"one": ["mae"], "two": ["mse", "mse"]}},
    "one each": lambda: {"metrics": ["mse", worstError]},
    "one for one of them": lambda: {"metrics": {"one": "mse"}},
    "one and a list": lambda: {"metrics": ["mse", ["mae", "mse"]]},
    "weighted ones": lambda: {"metrics": [["mse"], ["mae"]], "weighted_metrics": {"two": ["mse"], "one": ["mse", nameless()]}},
    "named losses": lambda: {"loss": [losses.MeanSquaredError(name="first"), "mae"], "loss_weights": [1.0, 0.5]},
    "losses by name": lambda: {"loss": {"one": "mae", "two": "mse"}, "metrics": [[], [nameless()]]},
}


def trained(outputs, compiled):
    keras.utils.clear_session()
    inputs = keras.Input((5,))
    made = [layers.Dense(3, use_bias=False, name=name)(inputs) for name in outputs]
    model = keras.Model(inputs, made if len(made) > 1 else made[0])
    model.set_weights(kernels[: len(made)])
    model.compile(**{"loss": "mse", "optimizer": keras.optimizers.SGD(0.1), **compiled})
    labels = [y] * len(made) if len(made) > 1 else y
    options = {"batch_size": batch, "verbose": 0}
    history = model.fit(x, labels, validation_data=(x, labels), epochs=2, shuffle=False, **options).history
    evaluated = model.evaluate(x, labels, return_dict=True, **options)
    # As lists of pairs: a golden's keys are sorted, and the order is Keras's.
    return {
        "history": [[name, [float(value) for value in values]] for name, values in history.items()],
        "evaluated": [[name, float(value)] for name, value in evaluated.items()],
    }


write(
    "metrics-names",
    {
        "x": x,
        "y": y,
        "kernels": kernels,
        "single": {name: trained(["one"], case()) for name, case in single.items()},
        # Not in alphabetical order.
        "several": {name: trained(["two", "one"], case()) for name, case in several.items()},
    },
)
