"""Every activation and layer of activations of Keras: values and gradients, several sets of options."""

import keras
import numpy as np
import tensorflow as tf
from golden import write
from keras import activations, layers

random = np.random.default_rng(5)

# Around 0 and the kinks of all option sets below, and far out; none of them a kink itself.
near = [center + step for center in [-3, 0, 0.5, 1, 2, 3, 6] for step in [-1e-2, -1e-3, 1e-3, 1e-2]]
far = [sign * size for size in [4, 5, 8, 10, 15, 20, 40, 70, 87, 88, 89, 100] for sign in [-1, 1]]
single = np.float32([*near, *far, *(2 * random.standard_normal(60))])
x = {
    "elements": single.reshape(-1, 8),
    "rows": np.float32(3 * random.standard_normal((5, 7))),
    "steep": np.float32([[100, 0, -100, 99], [-100, -100, -100, -100], [1e-3, 0, -1e-3, 2e-3]]),
    "pictures": np.float32(2 * random.standard_normal((2, 3, 4, 5))),
}
elementwise = [
    ("linear", {}),
    ("relu", {}),
    ("relu", {"max_value": 6}),
    ("relu", {"max_value": 2, "negative_slope": 0.25, "threshold": 1}),
    ("relu", {"negative_slope": 0.125}),
    ("relu", {"threshold": 0.5}),
    ("relu6", {}),
    ("leaky_relu", {}),
    ("leaky_relu", {"negative_slope": 0.5}),
    ("elu", {}),
    ("elu", {"alpha": 0.3}),
    ("selu", {}),
    ("celu", {}),
    ("celu", {"alpha": 0.5}),
    ("gelu", {}),
    ("gelu", {"approximate": True}),
    ("silu", {}),
    ("mish", {}),
    ("softplus", {}),
    ("softsign", {}),
    ("sigmoid", {}),
    ("hard_sigmoid", {}),
    ("hard_silu", {}),
    ("tanh", {}),
    ("exponential", {}),
]
along = [("softmax", {}), ("softmax", {"axis": 1}), ("log_softmax", {}), ("log_softmax", {"axis": 1})]
layer_cases = [
    ("ReLU", {"max_value": 6.0}, "pictures"),
    ("ReLU", {"max_value": 2.0, "negative_slope": 0.25, "threshold": 1.0}, "rows"),
    ("LeakyReLU", {}, "rows"),
    ("LeakyReLU", {"negative_slope": 0.5}, "pictures"),
    ("ELU", {}, "rows"),
    ("ELU", {"alpha": 0.3}, "pictures"),
    ("PReLU", {}, "rows"),
    ("PReLU", {"shared_axes": [1, 2]}, "pictures"),
    ("Softmax", {}, "rows"),
    ("Softmax", {"axis": 1}, "pictures"),
    ("Softmax", {"axis": [1, 2]}, "pictures"),
    ("Activation", {"activation": "hard_swish"}, "pictures"),
    ("Activation", {"activation": "softmax"}, "rows"),
    ("Activation", {"activation": "leaky_relu"}, "elements"),
]


def case(kind, name, options, values, function, weights=()):
    """What `function` makes of the values, and the gradients of its sum with weights of 1 to 3 in turn."""
    given = tf.constant(x[values])
    weighting = tf.reshape(tf.cast(tf.range(given.shape.num_elements()) % 3 + 1, "float32"), given.shape)
    with tf.GradientTape() as tape:
        tape.watch(given)
        y = function(given)
        total = tf.reduce_sum(y * weighting)
    gradients = tape.gradient(total, [given, *weights])
    return {
        "kind": kind,
        "name": name,
        "options": options,
        "x": values,
        "y": y.numpy(),
        "dx": gradients[0].numpy(),
        "weights": [{"value": w.numpy(), "gradient": g.numpy()} for w, g in zip(weights, gradients[1:], strict=True)],
    }


def activation(name, options, values):
    return case("activation", name, options, values, lambda v: getattr(activations, name)(v, **options))


def layer(name, options, values):
    made = getattr(layers, name)(**options)
    made.build(x[values].shape)
    for weight in made.weights:
        weight.assign(np.float32(random.uniform(-1, 1, weight.shape)))
    return case("layer", name, options, values, made, [weight.value for weight in made.weights])


# e^100 is no float32.
limit = {name: "rows" for name in ["exponential"]}
cases = [activation(name, options, limit.get(name, "elements")) for name, options in elementwise]
cases += [activation(name, options, "pictures") for name, options in elementwise]
cases += [
    activation(name, options, values)
    for name, options in along
    for values in ["rows", "steep", "pictures"]
    if not (values == "steep" and options)
]
cases += [layer(name, options, values) for name, options, values in layer_cases]
write("activations", {"inputs": x, "cases": cases})
assert keras.backend.backend() == "tensorflow"
