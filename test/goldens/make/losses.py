"""Every loss of Keras: of each row, reduced in both ways, and the gradients, in several shapes and with several options."""

import keras
import numpy as np
import tensorflow as tf
from golden import write
from keras import losses

random = np.random.default_rng(6)


def probabilities(*shape, axis=-1):
    p = random.uniform(0.05, 1, shape)
    return np.float32(p / p.sum(axis, keepdims=True))


def one_hot(*shape):
    return np.eye(shape[-1], dtype="float32")[random.integers(0, shape[-1], shape[:-1])]


def yes_no(*shape):
    return np.float32(random.integers(0, 2, shape))


def normal(*shape, scale=1.0):
    return np.float32(scale * random.standard_normal(shape))


shapes = [(6, 1), (4, 3), (3, 2, 5), (2, 3, 2, 4)]
# Name, options, labels, predictions.
given = []
for shape in shapes:
    far = normal(*shape, scale=10)
    values, near = normal(*shape), normal(*shape)
    for name in ["MeanSquaredError", "MeanAbsoluteError", "LogCosh", "Huber"]:
        given.append((name, {}, values, near))
    given.append(("MeanAbsolutePercentageError", {}, values, near))
    given.append(("LogCosh", {}, values, far))
    given.append(("Huber", {"delta": 0.25}, values, far))
    given.append(("MeanSquaredLogarithmicError", {}, np.abs(values), 3 * near))
    given.append(("Poisson", {}, np.float32(random.integers(0, 5, shape)), np.abs(near) + np.float32(0.1)))
    given.append(("KLDivergence", {}, probabilities(*shape), probabilities(*shape)))
    labels = yes_no(*shape)
    for name in ["Hinge", "SquaredHinge"]:
        given.append((name, {}, labels, near))
        given.append((name, {}, 2 * labels - 1, near))
    chances = np.float32(random.uniform(0.02, 0.98, shape))
    for options, predictions in [
        ({}, chances),
        ({"from_logits": True}, far),
        ({"label_smoothing": 0.1}, chances),
        ({"label_smoothing": 0.2, "from_logits": True}, near),
    ]:
        given.append(("BinaryCrossentropy", options, labels, predictions))
        # Where sigmoid is 1 but for rounding, what Keras makes of scores by way of 1 - p is the rounding of float32.
        focal = 3 * near if predictions is far else predictions
        given.append(("BinaryFocalCrossentropy", options, labels, focal))
    given.append(("BinaryFocalCrossentropy", {"apply_class_balancing": True, "alpha": 0.4}, labels, chances))
    given.append(("BinaryFocalCrossentropy", {"gamma": 1.5, "from_logits": True}, labels, near))
    given.append(("BinaryFocalCrossentropy", {"gamma": 0.0}, labels, chances))
    if shape[-1] == 1:
        continue
    hot, soft = one_hot(*shape), probabilities(*shape)
    p = probabilities(*shape)
    given.append(("CosineSimilarity", {}, values, near))
    given.append(("CategoricalHinge", {}, hot, near))
    for name in ["CategoricalCrossentropy", "CategoricalFocalCrossentropy"]:
        given.append((name, {}, hot, p))
        given.append((name, {}, soft, p))
        given.append((name, {"from_logits": True}, soft, near))
        given.append((name, {"label_smoothing": 0.1}, hot, p))
        given.append((name, {"label_smoothing": 0.1, "from_logits": True}, hot, 3 * near))
    given.append(("CategoricalFocalCrossentropy", {"alpha": 0.6, "gamma": 1.5}, hot, p))
    given.append(("CategoricalFocalCrossentropy", {"gamma": 3.0, "from_logits": True}, hot, near))
given += [
    ("CategoricalCrossentropy", {"axis": 1}, probabilities(2, 3, 4, axis=1), probabilities(2, 3, 4, axis=1)),
    ("CategoricalCrossentropy", {"axis": 1, "from_logits": True}, probabilities(2, 3, 4, axis=1), normal(2, 3, 4)),
    ("CategoricalFocalCrossentropy", {"axis": 1}, probabilities(2, 3, 4, axis=1), probabilities(2, 3, 4, axis=1)),
    ("CategoricalFocalCrossentropy", {"axis": -2, "from_logits": True}, probabilities(2, 3, 4, axis=1), normal(2, 3, 4)),
    ("CosineSimilarity", {"axis": 1}, normal(2, 3, 4), normal(2, 3, 4)),
    ("BinaryCrossentropy", {"axis": 1}, yes_no(2, 3, 4), np.float32(random.uniform(0.1, 0.9, (2, 3, 4)))),
    ("BinaryFocalCrossentropy", {"axis": 1}, yes_no(2, 3, 4), np.float32(random.uniform(0.1, 0.9, (2, 3, 4)))),
    # On bounds: probabilities of 0 and 1, values of 0, scores far out.
    ("BinaryCrossentropy", {}, np.float32([[1, 1], [0, 1]]), np.float32([[0, 1], [0, 0.5]])),
    ("BinaryCrossentropy", {"from_logits": True}, np.float32([[1, 0], [0, 1]]), np.float32([[100, 100], [-100, -100]])),
    ("BinaryFocalCrossentropy", {"from_logits": True}, np.float32([[1, 1], [0, 1]]), np.float32([[30, 2], [-30, -3]])),
    ("CategoricalCrossentropy", {}, np.float32([[1, 0, 0], [0, 1, 0]]), np.float32([[0, 0.5, 0.5], [0, 1, 0]])),
    ("CategoricalCrossentropy", {}, np.float32([[0, 1, 0], [1, 0, 0]]), np.float32([[1, 2, 5], [0.2, 0.1, 0.1]])),
    ("CategoricalCrossentropy", {"from_logits": True}, np.float32([[0, 0, 1]]), np.float32([[100, 0, -100]])),
    ("KLDivergence", {}, np.float32([[1, 0], [0.5, 0.5]]), np.float32([[0, 1], [0.25, 0.75]])),
    ("MeanAbsolutePercentageError", {}, np.float32([[2, 4], [1, -8]]), np.float32([[1, 5], [1.5, 8]])),
    ("MeanSquaredLogarithmicError", {}, np.float32([[0, -1, 3]]), np.float32([[-0.5, 2, 0.25]])),
    ("MeanSquaredError", {}, normal(64, 10), normal(64, 10)),
]
for classes, rows in [(3, 5), (10, 33)]:
    numbers = np.int32(random.integers(0, classes, rows))
    some = np.where(np.arange(rows) % 3 == 1, 255, numbers).astype("int32")
    p, scores = probabilities(rows, classes), normal(rows, classes, scale=3)
    none = np.full(rows, 255, "int32")
    given += [
        ("SparseCategoricalCrossentropy", {}, numbers, p),
        ("SparseCategoricalCrossentropy", {"from_logits": True}, numbers, scores),
        ("SparseCategoricalCrossentropy", {"from_logits": True}, numbers[:, None], 20 * scores),
        ("SparseCategoricalCrossentropy", {"ignore_class": 255}, some, p),
        ("SparseCategoricalCrossentropy", {"ignore_class": 255, "from_logits": True}, some, scores),
        ("SparseCategoricalCrossentropy", {"ignore_class": 1}, numbers, p),
        ("SparseCategoricalCrossentropy", {"ignore_class": 255}, none, p),
    ]


def reduced(name, options, labels, predictions, reduction):
    """The loss and its gradient by the predictions."""
    x = tf.constant(predictions)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = getattr(losses, name)(**options, reduction=reduction)(labels, x)
    return {"loss": float(loss), "gradient": tape.gradient(loss, x).numpy()}


def case(name, options, labels, predictions):
    each = np.asarray(getattr(losses, name)(**options, reduction="none")(labels, predictions))
    return {
        "name": name,
        "options": options,
        "labels": labels,
        "predictions": predictions,
        "rows": each.reshape(len(each), -1).mean(1),
        "mean": reduced(name, options, labels, predictions, "sum_over_batch_size"),
        "sum": reduced(name, options, labels, predictions, "sum"),
    }


write("losses", {"cases": [case(*item) for item in given]})
assert keras.backend.backend() == "tensorflow"
