"""Metrics of Keras over several batches, by hand: states that are more than means, weights, ties, and empty classes.

And what compile, fit and evaluate make of them, under which names.
"""

import keras
import numpy as np
from golden import write
from keras import layers, metrics

random = np.random.default_rng(15)


def yes_no(*shape, share=0.4):
    return np.float32(random.uniform(0, 1, shape) < share)


def one_hot(*shape):
    return np.eye(shape[-1], dtype="float32")[random.integers(0, shape[-1], shape[:-1])]


def softmax(*shape):
    e = np.exp(1.5 * random.standard_normal(shape))
    return np.float32(e / e.sum(-1, keepdims=True))


def quarters(*shape):
    """Predictions on multiples of 1/4, where thresholds are too."""
    return np.float32(random.integers(0, 5, shape) / 4)


def tenths(*shape):
    """Predictions on the float32 next to multiples of 1/10, where thresholds are too."""
    return np.float32(random.integers(0, 11, shape) / 10)


def weights(*shape):
    return np.float32(random.integers(0, 5, shape) / 2)


def batches(labels, predictions, sizes=(5, 3, 4), weights=None):
    """Rows in batches, each with weights of its rows where there are some."""
    result, row = [], 0
    for size in sizes:
        part = slice(row, row + size)
        one = {"labels": labels(size), "predictions": predictions(size)}
        if weights is not None:
            one["weights"] = weights(size)
        result.append(one)
        row = part.stop
    return result


data = {
    "one output": batches(lambda n: yes_no(n, 1), lambda n: np.float32(random.uniform(0, 1, (n, 1)))),
    "flat, ties": batches(lambda n: yes_no(n), lambda n: quarters(n)),
    "flat, weighted": batches(lambda n: yes_no(n), lambda n: quarters(n), weights=lambda n: weights(n)),
    "classes": batches(lambda n: one_hot(n, 4), lambda n: softmax(n, 4)),
    "classes, weighted": batches(lambda n: one_hot(n, 4), lambda n: softmax(n, 4), weights=lambda n: weights(n)),
    # The last class never occurs, and is never predicted.
    "classes, one empty": batches(
        lambda n: np.pad(one_hot(n, 3), ((0, 0), (0, 1))), lambda n: np.pad(softmax(n, 3), ((0, 0), (0, 1)))
    ),
    "labels": batches(lambda n: yes_no(n, 3), lambda n: np.float32(random.uniform(0, 1, (n, 3)))),
    "labels, ties": batches(lambda n: yes_no(n, 3), lambda n: quarters(n, 3)),
    "labels, weighted": batches(lambda n: yes_no(n, 3), lambda n: quarters(n, 3), weights=lambda n: weights(n)),
    "labels, elements weighted": batches(
        lambda n: yes_no(n, 3), lambda n: quarters(n, 3), weights=lambda n: weights(n, 3)
    ),
    "labels, one weight": batches(lambda n: yes_no(n, 3), lambda n: quarters(n, 3), weights=lambda n: np.float32(n / 4)),
    "labels, tenths": batches(lambda n: yes_no(n, 3), lambda n: tenths(n, 3)),
    "scores": batches(lambda n: yes_no(n, 3), lambda n: np.float32(3 * random.standard_normal((n, 3)))),
    "outside": batches(lambda n: yes_no(n, 3), lambda n: np.float32(0.5 + 0.8 * random.standard_normal((n, 3)))),
    "all of one class": batches(lambda n: np.ones((n, 1), "float32"), lambda n: quarters(n, 1)),
    "none of the class": batches(lambda n: np.zeros((n, 1), "float32"), lambda n: quarters(n, 1)),
    "pictures": batches(lambda n: yes_no(n, 2, 3), lambda n: np.float32(random.uniform(0, 1, (n, 2, 3)))),
    "numbers": batches(lambda n: np.int32(random.integers(0, 4, n)), lambda n: softmax(n, 4)),
    "numbers, weighted": batches(
        lambda n: np.int32(random.integers(0, 4, n)), lambda n: softmax(n, 4), weights=lambda n: weights(n)
    ),
    "numbers, ties": batches(lambda n: np.int32(random.integers(0, 4, n)), lambda n: quarters(n, 4)),
    "sorted ids": batches(
        lambda n: np.int32(random.integers(0, 4, n)),
        lambda n: np.float32(np.stack([random.permutation(4) for _ in range(n)])),
    ),
    "ids": batches(lambda n: np.int32(random.integers(0, 4, n)), lambda n: np.float32(random.integers(0, 4, n))),
    "ids, weighted": batches(
        lambda n: np.int32(random.integers(0, 4, n)),
        lambda n: np.float32(random.integers(0, 4, n)),
        weights=lambda n: np.float32(random.integers(0, 4, n)),
    ),
    "one class": batches(lambda n: np.ones((n, 1), "float32"), lambda n: np.float32(random.uniform(0, 3, (n, 1)))),
    "one class, weighted": batches(
        lambda n: yes_no(n, 1), lambda n: quarters(n, 1), weights=lambda n: np.float32(random.integers(0, 4, n))
    ),
    # Class numbers in a column and scores of one class: only the predictions are argmaxed.
    "numbers, one score": batches(lambda n: np.int32(random.integers(0, 2, n)), lambda n: quarters(n, 1)),
    # Class numbers that are not whole, below 0 and above the classes.
    "odd numbers": batches(
        lambda n: np.float32(random.integers(-4, 16, n) / 4), lambda n: np.float32(random.integers(-4, 16, n) / 4)
    ),
    "pictures of classes": batches(lambda n: one_hot(n, 2, 3), lambda n: quarters(n, 2, 3)),
    "values": batches(
        lambda n: np.float32(random.standard_normal((n, 3))), lambda n: np.float32(random.standard_normal((n, 3)))
    ),
    "values, weighted": batches(
        lambda n: np.float32(random.standard_normal((n, 3))),
        lambda n: np.float32(random.standard_normal((n, 3))),
        weights=lambda n: weights(n) + np.float32(0.5),
    ),
    "values, constant labels": batches(
        lambda n: np.ones((n, 1), "float32"), lambda n: np.float32(random.standard_normal((n, 1)))
    ),
    "positive values": batches(
        lambda n: np.float32(random.uniform(0.1, 3, (n, 3))), lambda n: np.float32(random.uniform(0.1, 3, (n, 3)))
    ),
    "three axes": batches(
        lambda n: np.float32(random.standard_normal((n, 2, 3))), lambda n: np.float32(random.standard_normal((n, 2, 3)))
    ),
    # Rows in which nothing is predicted: the greatest of them is 0, and does not count.
    "classes, rows of 0": batches(lambda n: one_hot(n, 3), lambda n: softmax(n, 3) * yes_no(n, 1, share=0.5)),
}

binary = ["one output", "flat, ties", "flat, weighted", "labels, ties", "labels, weighted", "labels, elements weighted"]
binary += ["outside", "all of one class", "none of the class", "pictures"]
# Class, options, names of the data.
cases = []
for name in ["TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives"]:
    cases += [(name, {}, binary), (name, {"thresholds": [0.75, 0.0, 0.25]}, ["labels, ties", "labels, weighted"])]
    cases += [(name, {"thresholds": 0.25}, ["flat, ties"])]
for name in ["Precision", "Recall"]:
    cases += [
        (name, {}, binary),
        (name, {"thresholds": [0.0, 0.5, 1.0]}, ["labels, ties", "outside", "labels, elements weighted"]),
        (name, {"thresholds": [0.1, 0.9, 0.25]}, ["labels, ties", "outside"]),
        (name, {"thresholds": [0.3]}, ["one output"]),
        (name, {"top_k": 2}, ["classes", "classes, weighted", "labels, ties"]),
        (name, {"class_id": 1}, ["classes", "labels, ties", "labels, weighted"]),
        (name, {"class_id": 3}, ["classes, one empty"]),
        (name, {"top_k": 1, "class_id": 2, "thresholds": 0.4}, ["classes"]),
    ]
for name, bound in [
    ("PrecisionAtRecall", "recall"),
    ("RecallAtPrecision", "precision"),
    ("SensitivityAtSpecificity", "specificity"),
    ("SpecificityAtSensitivity", "sensitivity"),
]:
    for value in [0.25, 0.5, 0.8, 1.0]:
        cases.append((name, {bound: value}, ["one output", "labels, ties", "labels, weighted"]))
    cases += [
        (name, {bound: 0.4, "num_thresholds": 1}, ["one output", "labels, ties"]),
        (name, {bound: 0.4, "num_thresholds": 5}, ["labels, ties"]),
        (name, {bound: 0.4, "num_thresholds": 2}, ["labels, ties"]),
        (name, {bound: 0.4, "class_id": 2}, ["classes"]),
    ]
for curve in ["ROC", "PR", "PRGAIN"]:
    for method in ["interpolation", "minoring", "majoring"]:
        options = {"curve": curve, "summation_method": method}
        cases.append(("AUC", options, binary + ["classes", "classes, weighted"]))
        cases.append(("AUC", {**options, "num_thresholds": 5}, ["labels, ties", "classes"]))
        cases.append(("AUC", {**options, "multi_label": True}, ["classes, weighted", "classes, one empty"]))
cases += [
    ("AUC", {"thresholds": [0.9, 0.1, 0.5]}, ["labels, ties", "classes"]),
    ("AUC", {"thresholds": [0.25, 0.5, 0.75]}, ["labels, ties", "classes"]),
    ("AUC", {"thresholds": [0.5], "curve": "PR"}, ["one output"]),
    ("AUC", {"from_logits": True}, ["scores"]),
    ("AUC", {"multi_label": True, "num_labels": 3, "label_weights": [1.0, 0.5, 2.0]}, ["labels", "labels, weighted"]),
    ("AUC", {"label_weights": [1.0, 0.5, 2.0]}, ["labels", "labels, weighted"]),
    ("AUC", {"num_thresholds": 2}, ["labels, ties"]),
    ("AUC", {"multi_label": True, "thresholds": [0.3, 0.2]}, ["labels, ties", "labels, elements weighted"]),
]
for average in [None, "micro", "macro", "weighted"]:
    own = ["classes", "classes, weighted", "classes, one empty"]
    cases += [
        ("F1Score", {"average": average}, own),
        ("F1Score", {"average": average, "threshold": 0.25}, ["labels, ties", "labels, weighted"]),
        ("FBetaScore", {"average": average, "beta": 2.0}, own),
        ("FBetaScore", {"average": average, "beta": 0.5, "threshold": 0.4}, ["labels"]),
    ]
for k in [1, 2, 3, 5]:
    cases += [
        ("TopKCategoricalAccuracy", {"k": k}, ["classes", "classes, weighted", "classes, one empty"]),
        ("SparseTopKCategoricalAccuracy", {"k": k}, ["numbers", "numbers, weighted", "numbers, ties"]),
        ("SparseTopKCategoricalAccuracy", {"k": k, "from_sorted_ids": True}, ["sorted ids"]),
    ]
cases += [
    ("TopKCategoricalAccuracy", {}, ["classes"]),
    ("BinaryAccuracy", {}, ["one output", "flat, ties", "flat, weighted", "labels, ties", "labels, weighted"]),
    ("BinaryAccuracy", {"threshold": 0.25}, ["labels, ties", "labels, one weight"]),
    ("RootMeanSquaredError", {}, ["labels, one weight"]),
    ("MeanSquaredError", {}, ["labels, one weight"]),
    ("Precision", {}, ["labels, one weight"]),
    ("AUC", {"curve": "PR"}, ["labels, one weight"]),
    ("R2Score", {}, ["labels, one weight"]),
    ("CategoricalAccuracy", {}, ["classes", "classes, weighted"]),
    ("SparseCategoricalAccuracy", {}, ["numbers", "numbers, weighted"]),
    ("SparseCategoricalCrossentropy", {}, ["numbers", "numbers, weighted"]),
    ("CategoricalCrossentropy", {}, ["classes", "classes, weighted"]),
    ("BinaryCrossentropy", {}, ["labels", "one output"]),
    ("R2Score", {"num_regressors": 50}, ["values"]),
    # As many as make the adjusted score divide by 0 after the first batch.
    ("R2Score", {"num_regressors": 14}, ["values"]),
    ("F1Score", {}, ["classes, rows of 0"]),
    ("FBetaScore", {"beta": 2.0, "average": "micro"}, ["classes, rows of 0"]),
    ("R2Score", {"num_regressors": 2, "class_aggregation": None}, ["values"]),
    ("R2Score", {}, ["values, constant labels"]),
    ("R2Score", {"num_regressors": 1}, ["values, weighted"]),
    ("CosineSimilarity", {"axis": 1}, ["three axes"]),
    ("PearsonCorrelation", {"axis": 1}, ["three axes"]),
]
for aggregation in [None, "uniform_average", "variance_weighted_average"]:
    cases.append(("R2Score", {"class_aggregation": aggregation}, ["values", "values, weighted"]))
for name in ["RootMeanSquaredError", "MeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError"]:
    cases.append((name, {}, ["values", "values, weighted", "one output", "three axes"]))
for name in ["CosineSimilarity", "LogCoshError", "PearsonCorrelation", "ConcordanceCorrelation"]:
    cases.append((name, {}, ["values", "values, weighted", "three axes"]))
for name in ["MeanSquaredLogarithmicError", "Poisson", "KLDivergence"]:
    cases.append((name, {}, ["positive values"]))
for name in ["Hinge", "SquaredHinge", "CategoricalHinge"]:
    cases.append((name, {}, ["classes", "classes, weighted"]))
for ignored in [None, 1]:
    cases += [
        ("IoU", {"num_classes": 4, "target_class_ids": [0, 2], "ignore_class": ignored}, ["ids", "ids, weighted"]),
        ("MeanIoU", {"num_classes": 4, "ignore_class": ignored}, ["ids", "ids, weighted"]),
        ("MeanIoU", {"num_classes": 4, "sparse_y_pred": False, "ignore_class": ignored}, ["numbers"]),
        ("OneHotIoU", {"num_classes": 4, "target_class_ids": [1, 3], "ignore_class": ignored}, ["classes"]),
        ("OneHotMeanIoU", {"num_classes": 4, "ignore_class": ignored}, ["classes", "classes, one empty"]),
    ]
for sparse_labels, sparse_predictions in [(True, True), (False, True), (False, False)]:
    sparse = {"sparse_y_true": sparse_labels, "sparse_y_pred": sparse_predictions}
    cases += [
        ("MeanIoU", {"num_classes": 2, **sparse}, ["one class", "one class, weighted"]),
        ("IoU", {"num_classes": 3, "target_class_ids": [0, 1], **sparse}, ["one class"]),
        ("MeanIoU", {"num_classes": 1, "ignore_class": 0, **sparse}, ["one class"]),
    ]
cases += [
    ("OneHotIoU", {"num_classes": 1, "target_class_ids": [0]}, ["one class", "one class, weighted"]),
    ("OneHotIoU", {"num_classes": 2, "target_class_ids": [1], "sparse_y_pred": True}, ["one class, weighted"]),
    ("OneHotMeanIoU", {"num_classes": 2}, ["one class", "pictures of classes"]),
    ("OneHotMeanIoU", {"num_classes": 3, "sparse_y_pred": True}, ["one class"]),
    ("OneHotMeanIoU", {"num_classes": 3, "ignore_class": 1}, ["pictures of classes"]),
    ("MeanIoU", {"num_classes": 2, "sparse_y_pred": False}, ["numbers, one score"]),
    ("MeanIoU", {"num_classes": 3}, ["odd numbers"]),
    ("MeanIoU", {"num_classes": 3, "ignore_class": -1}, ["odd numbers"]),
    ("IoU", {"num_classes": 3, "target_class_ids": [2, 2, 0], "ignore_class": 5}, ["odd numbers"]),
    ("BinaryIoU", {"target_class_ids": [0]}, ["one class", "one class, weighted"]),
    ("BinaryIoU", {"threshold": 2.0}, ["one class"]),
    ("Precision", {"top_k": 2, "class_id": 1}, ["labels, ties"]),
    ("Recall", {"top_k": 1}, ["labels, ties", "pictures of classes"]),
    ("Recall", {"top_k": 3}, ["labels, ties"]),
    ("MeanIoU", {"num_classes": 6}, ["ids"]),
    ("MeanIoU", {"num_classes": 2}, ["ids"]),
    ("BinaryIoU", {}, ["labels, ties", "flat, ties"]),
    ("BinaryIoU", {"threshold": 0.3}, ["labels, tenths"]),
    ("BinaryAccuracy", {"threshold": 0.3}, ["labels, tenths"]),
    ("F1Score", {"threshold": 0.7}, ["labels, tenths"]),
    ("TruePositives", {"thresholds": [0.1, 0.3, 0.7, 0.9]}, ["labels, tenths"]),
    ("FalseNegatives", {"thresholds": [i / 10 for i in range(11)]}, ["labels, tenths"]),
    ("AUC", {"num_thresholds": 11}, ["labels, tenths"]),
    ("AUC", {"num_thresholds": 101, "curve": "PR"}, ["labels, tenths"]),
    ("AUC", {"thresholds": [0.1, 0.7, 0.6]}, ["labels, tenths"]),
    ("RecallAtPrecision", {"precision": 0.5, "num_thresholds": 11}, ["labels, tenths"]),
    ("BinaryIoU", {"threshold": 0.25, "target_class_ids": [1]}, ["labels, ties"]),
]


def results(name, options, one):
    """After each batch; and once more from the start, by other batches."""
    metric = getattr(metrics, name)(**options)
    each = []
    for batch in one:
        metric.update_state(batch["labels"], batch["predictions"], batch.get("weights"))
        each.append(np.asarray(metric.result(), "float64"))
    return np.stack(each)


by_hand = [
    {"name": name, "options": options, "data": one, "results": results(name, options, data[one])}
    for name, options, names in cases
    for one in names
]

values = np.float32(random.standard_normal((6, 2)))
reductions = []
for name in ["Mean", "Sum"]:
    for weight in [None, np.float32(0.5), weights(6) + np.float32(0.5), weights(6, 1), weights(6, 2) + np.float32(0.5)]:
        metric = getattr(metrics, name)()
        metric.update_state(values, weight)
        metric.update_state(np.float32(2.5))
        case = {"name": name, "values": values, "result": float(metric.result())}
        reductions.append(case if weight is None else {**case, "weights": np.asarray(weight)})


# Fit and evaluate: a model of known weights that training leaves as they are, so that every batch is judged alike.
x = np.float32(random.standard_normal((37, 5)))
kernel, second = np.float32(random.standard_normal((5, 4))), np.float32(random.standard_normal((5, 1)))
labels, more = one_hot(37, 4), yes_no(37, 1)
keras.utils.clear_session()
inputs = keras.Input((5,))
one = layers.Dense(4, activation="softmax", use_bias=False, name="a")
two = layers.Dense(1, activation="sigmoid", use_bias=False, name="b")


def fitted(model, weights, y, **compiled):
    model.set_weights(weights)
    model.compile(optimizer=keras.optimizers.SGD(0.0), **compiled)
    history = model.fit(x[:30], y(0, 30), validation_data=(x[30:], y(30, 37)), batch_size=8, epochs=2, shuffle=False, verbose=0)
    evaluated = model.evaluate(x, y(0, 37), batch_size=16, verbose=0, return_dict=True)
    number = lambda value: [float(v) for v in np.ravel(np.asarray(value))]
    return {
        "history": {name: [number(v) for v in values] for name, values in history.history.items()},
        "evaluated": {name: number(value) for name, value in evaluated.items()},
    }


def worst(y_true, y_pred):
    return keras.ops.max(keras.ops.abs(y_true - y_pred), axis=-1)


single = fitted(
    keras.Model(inputs, one(inputs)),
    [kernel],
    lambda start, stop: labels[start:stop],
    loss="categorical_crossentropy",
    metrics=[
        "accuracy",
        "AUC",
        metrics.AUC(name="auc"),
        metrics.AUC(curve="PR", name="auc"),
        "precision",
        metrics.Recall(thresholds=[0.2, 0.4], name="recall"),
        metrics.F1Score(),
        metrics.F1Score(average="macro", name="macro"),
        "top_k_categorical_accuracy",
        "TopKCategoricalAccuracy",
        "root_mean_squared_error",
        "R2Score",
        worst,
        metrics.OneHotMeanIoU(num_classes=4, name="iou"),
        # Counts: those of an epoch must not go on in the next.
        metrics.FalsePositives(thresholds=0.3, name="wrong"),
    ],
    weighted_metrics=["accuracy", metrics.Precision(name="precision"), metrics.Recall(name="own"), "accuracy"],
)
several = fitted(
    keras.Model(inputs, [one(inputs), two(inputs)]),
    [kernel, second],
    lambda start, stop: [labels[start:stop], more[start:stop]],
    loss=["categorical_crossentropy", "binary_crossentropy"],
    metrics=[["accuracy", metrics.AUC(name="auc")], [metrics.AUC(name="auc"), metrics.SpecificityAtSensitivity(0.5, name="at")]],
    weighted_metrics=[["accuracy"], ["accuracy"]],
)

write(
    "metrics",
    {
        "data": data,
        "byHand": by_hand,
        "reductions": reductions,
        "models": {"x": x, "kernel": kernel, "second": second, "labels": labels, "more": more, "single": single, "several": several},
    },
)
