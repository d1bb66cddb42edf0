"""Training by losses whose reduction, ignored class or function shows in what is logged: uneven batches, four epochs."""

import keras
import numpy as np
from golden import write
from keras import layers, losses, ops

random = np.random.default_rng(8)
rows, batch, epochs = 20, 8, 4
x = np.float32(random.standard_normal((rows, 4)))
numbers = np.int32(random.integers(0, 3, rows))
some = np.where(np.arange(rows) % 4 == 1, 255, numbers).astype("int32")
values = np.float32(random.standard_normal((rows, 3)))


def distance(y_true, y_pred):
    return ops.abs(y_true - y_pred) + 0.5 * ops.square(y_true - y_pred)


def mean_distance(y_true, y_pred):
    return ops.mean(distance(y_true, y_pred))


cases = {
    "mean": (losses.MeanSquaredError(), values),
    "sum": (losses.MeanSquaredError(reduction="sum"), values),
    "ignoring": (losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=255), some),
    "ignoring, sum": (losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=255, reduction="sum"), some),
    "smoothed": (losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.2), np.eye(3, dtype="float32")[numbers]),
    "own": (distance, values),
    "own, a scalar": (mean_distance, values),
}
start = [np.float32(random.uniform(-0.7, 0.7, shape)) for shape in [(4, 5), (5,), (5, 3), (3,)]]


def trained(loss, y):
    model = keras.Sequential([layers.Input((4,)), layers.Dense(5, activation="mish"), layers.Dense(3)])
    model.set_weights(start)
    model.compile(loss=loss, optimizer=keras.optimizers.SGD(0.02))
    history = model.fit(x, y, batch_size=batch, epochs=epochs, shuffle=False, verbose=0)
    evaluated = model.evaluate(x, y, batch_size=batch, verbose=0)
    return {"y": y, "losses": history.history["loss"], "evaluated": float(evaluated), "end": model.get_weights()}


write(
    "losses-training",
    {"x": x, "start": start, "cases": {name: trained(*case) for name, case in cases.items()}},
)
