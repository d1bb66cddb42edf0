"""Layers of several inputs: what they make of one, two and three inputs, and the gradients of a weighted sum of that."""

import keras
import numpy as np
import tensorflow as tf
from golden import write

rng = np.random.default_rng(11)


def case(layer, options, *shapes):
    xs = [tf.constant(rng.standard_normal(shape), "float32") for shape in shapes]
    made = layer(**options)
    with tf.GradientTape() as tape:
        tape.watch(xs)
        y = made(xs)
        coefficients = tf.constant(rng.standard_normal(y.shape), "float32")
        loss = tf.reduce_sum(y * coefficients)
    return {
        "className": layer.__name__,
        "options": options,
        "xs": [x.numpy() for x in xs],
        "y": y.numpy(),
        "coefficients": coefficients.numpy(),
        "gradients": [g.numpy() for g in tape.gradient(loss, xs)],
    }


layers = keras.layers
cases = []
for layer in [layers.Add, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum]:
    cases.append(case(layer, {}, (2, 3)))
    cases.append(case(layer, {}, (2, 3), (2, 3)))
    cases.append(case(layer, {}, (2, 3, 2, 4), (2, 3, 2, 4), (2, 3, 2, 4)))
    cases.append(case(layer, {}, (2, 3, 2, 4), (2, 1, 1, 4)))
cases.append(case(layers.Subtract, {}, (2, 3), (2, 3)))
cases.append(case(layers.Subtract, {}, (2, 3, 2, 4), (2, 3, 2, 1)))
cases.append(case(layers.Concatenate, {}, (2, 3)))
cases.append(case(layers.Concatenate, {}, (2, 3), (2, 1)))
cases.append(case(layers.Concatenate, {}, (2, 3, 2, 4), (2, 3, 2, 1), (2, 3, 2, 5)))
cases.append(case(layers.Concatenate, {"axis": 1}, (2, 3, 2, 4), (2, 1, 2, 4)))
cases.append(case(layers.Concatenate, {"axis": -2}, (2, 3, 2, 4), (2, 3, 5, 4), (2, 3, 1, 4)))
write("merging", {"cases": cases})
