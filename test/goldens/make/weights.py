"""Regularizers and constraints: penalties of given tensors and their gradients, and what given weights become."""

import numpy as np
import tensorflow as tf
from golden import write
from keras import constraints, ops, regularizers

random = np.random.default_rng(21)
matrix = np.float32(random.standard_normal((4, 3)))
kernel = np.float32(random.standard_normal((3, 2, 2, 4)))
vector = np.float32(random.standard_normal(7))
some_zero = matrix * np.float32(random.random((4, 3)) < 0.6)


def penalty(name, options, x):
    variable = tf.Variable(x)
    with tf.GradientTape() as tape:
        y = getattr(regularizers, name)(**options)(variable)
    gradient = tape.gradient(y, variable)
    return {
        "name": name,
        "options": options,
        "x": x,
        "penalty": float(ops.convert_to_numpy(y)),
        "gradient": np.zeros_like(x) if gradient is None else gradient.numpy(),
    }


penalties = [
    penalty(name, options, x)
    for name, options in [
        ("L1", {}),
        ("L1", {"l1": 0.3}),
        ("L2", {}),
        ("L2", {"l2": 0.3}),
        ("L1L2", {}),
        ("L1L2", {"l1": 0.2}),
        ("L1L2", {"l1": 0.2, "l2": 0.1}),
    ]
    for x in [matrix, kernel, vector]
]
penalties += [
    penalty("OrthogonalRegularizer", options, x)
    for options in [{}, {"factor": 0.7, "mode": "rows"}, {"factor": 0.7, "mode": "columns"}]
    for x in [matrix, matrix.T.copy(), np.float32(random.standard_normal((2, 2)))]
]
# By name, with the factor that a name stands for.
named = [
    {"name": name, "x": matrix, "penalty": float(ops.convert_to_numpy(regularizers.get(name)(tf.constant(matrix))))}
    for name in ["l1", "l2", "l1l2", "l1_l2", "orthogonal_regularizer", "L1", "L2", "L1L2", "OrthogonalRegularizer"]
    if regularizers.get.__globals__["ALL_OBJECTS_DICT"].get(name) is not None
]


def bounded(name, options, x):
    y = np.asarray(ops.convert_to_numpy(getattr(constraints, name)(**options)(tf.constant(x))))
    return {"name": name, "options": options, "x": x, "y": y}


scaled = matrix * np.float32([0.2, 1, 3])
filters = [0, 1, 2]
results = [
    *[bounded("NonNeg", {}, x) for x in [matrix, kernel, vector]],
    *[bounded("MaxNorm", {}, x) for x in [scaled, kernel, vector, some_zero]],
    bounded("MaxNorm", {"max_value": 1.5, "axis": 1}, scaled),
    bounded("MaxNorm", {"max_value": 1.5, "axis": filters}, kernel),
    bounded("MaxNorm", {"max_value": 0}, matrix),
    *[bounded("UnitNorm", {}, x) for x in [scaled, kernel, vector, np.zeros((2, 2), "float32")]],
    bounded("UnitNorm", {"axis": -1}, scaled),
    bounded("UnitNorm", {"axis": filters}, kernel),
    *[bounded("MinMaxNorm", {}, x) for x in [scaled, kernel, vector]],
    bounded("MinMaxNorm", {"min_value": 0.8, "max_value": 1.2, "rate": 0.25, "axis": 1}, scaled),
    bounded("MinMaxNorm", {"min_value": 0.8, "max_value": 1.2, "rate": 0, "axis": filters}, kernel),
    bounded("MinMaxNorm", {"min_value": 0.8, "max_value": 1.2, "axis": filters}, kernel),
]

write("weights", {"penalties": penalties, "named": named, "constraints": results})
