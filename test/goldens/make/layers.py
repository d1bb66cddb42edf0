"""Layers without moving state: what they make of an input, and the gradients of a weighted sum of that by input and weights."""

import keras
import numpy as np
import tensorflow as tf
from golden import write
from keras import layers

rng = np.random.default_rng(17)


def case(layer, options, shape, dtype="float32", adapt=None):
    made = layer(**options)
    if adapt is not None:
        data = rng.standard_normal(adapt) * 3 + 1
        made.adapt(data)
    x = rng.standard_normal(shape) * 2 if dtype == "float32" else rng.integers(0, 256, shape)
    x = tf.constant(x, dtype)
    if not made.built:
        made.build(shape)
    if adapt is None:
        for weight in made.weights:
            if weight.name != "count":
                weight.assign(rng.uniform(0.5, 1.5, weight.shape) * rng.choice([-1, 1] if weight.name != "variance" else [1]))
        # A Normalization looks at its weights when they are loaded.
        if isinstance(made, layers.Normalization):
            made.finalize_state()
    weights = [weight.value for weight in made.weights]
    with tf.GradientTape() as tape:
        tape.watch([x] if dtype == "float32" else [])
        y = made(x)
        coefficients = tf.constant(rng.standard_normal(y.shape), "float32")
        loss = tf.reduce_sum(tf.cast(y, "float32") * coefficients)
    trained = [weight.value for weight in made.trainable_weights]
    wanted = ([x] if dtype == "float32" else []) + trained
    gradients = tape.gradient(loss, wanted, unconnected_gradients="zero") if wanted else []
    gradients = [tf.convert_to_tensor(g) for g in gradients]
    result = {
        "className": layer.__name__,
        "options": options,
        "x": x.numpy(),
        "y": y.numpy(),
        "coefficients": coefficients.numpy(),
        "weights": [
            {"name": weight.name, "value": np.asarray(value), "trainable": weight.trainable}
            for weight, value in zip(made.weights, weights, strict=True)
        ],
        "gradients": [g.numpy() for g in gradients],
    }
    if adapt is not None:
        result["data"] = data
    return result


L = layers
cases = [
    # Normalizing each example.
    case(L.LayerNormalization, {}, (3, 5)),
    case(L.LayerNormalization, {"epsilon": 1e-6, "center": False}, (2, 3, 4, 5)),
    case(L.LayerNormalization, {"axis": [1, 2, 3], "scale": False}, (2, 3, 2, 4)),
    case(L.LayerNormalization, {"axis": [-2, -1], "epsilon": 0.1}, (2, 3, 2, 4)),
    case(L.LayerNormalization, {"axis": 1, "center": False, "scale": False}, (2, 3, 4)),
    case(L.GroupNormalization, {"groups": 2}, (2, 3, 2, 6)),
    case(L.GroupNormalization, {"groups": -1, "epsilon": 1e-5}, (2, 3, 4, 3)),
    case(L.GroupNormalization, {"groups": 1, "center": False}, (3, 4)),
    case(L.GroupNormalization, {"groups": 2, "axis": 1, "scale": False}, (2, 4, 3, 2)),
    case(L.GroupNormalization, {"groups": 2, "axis": -2}, (2, 3, 4, 2)),
    case(L.RMSNormalization, {}, (3, 5)),
    case(L.RMSNormalization, {"axis": [2, 3], "epsilon": 0.01}, (2, 3, 2, 2)),
    case(L.UnitNormalization, {}, (3, 5)),
    case(L.UnitNormalization, {"axis": [1, 2, 3]}, (2, 3, 2, 2)),
    case(L.UnitNormalization, {"axis": 1}, (2, 3, 4)),
    # Normalizing by numbers of the whole data.
    case(L.Normalization, {"mean": 1.5, "variance": 4.0}, (3, 4)),
    case(L.Normalization, {"mean": [1.0, 2.0, 3.0], "variance": [0.5, 1.0, 2.0]}, (2, 2, 2, 3)),
    case(L.Normalization, {"mean": [1.0, 2.0], "variance": [0.5, 0.25], "axis": [1, 3]}, (2, 3, 2, 2)),
    case(L.Normalization, {"mean": 1.5, "variance": 4.0, "axis": None, "invert": True}, (3, 4)),
    case(L.Normalization, {}, (3, 4)),
    case(L.Normalization, {}, (3, 4), adapt=(11, 4)),
    case(L.Normalization, {"axis": [1, -1]}, (2, 3, 2, 2), adapt=(5, 3, 2, 2)),
    case(L.Normalization, {"axis": None, "invert": True}, (2, 3, 2, 1), adapt=(5, 3, 2, 1)),
    case(L.Rescaling, {"scale": 0.5, "offset": -1.0}, (2, 3)),
    case(L.Rescaling, {"scale": [0.5, 2.0, -1.0], "offset": [1.0, 0.0, 3.0]}, (2, 2, 2, 3)),
    case(L.Rescaling, {"scale": [0.5, 2.0], "offset": 1.0}, (3, 2)),
    # Arranging.
    case(L.Permute, {"dims": [2, 1]}, (2, 3, 4)),
    case(L.Permute, {"dims": [3, 1, 2]}, (2, 3, 2, 4)),
    case(L.Reshape, {"target_shape": [-1, 2]}, (2, 3, 4)),
    case(L.Flatten, {}, (2, 3, 4)),
    case(L.Identity, {}, (2, 3)),
    case(L.ZeroPadding2D, {}, (2, 3, 2, 2)),
    case(L.ZeroPadding2D, {"padding": 2}, (1, 2, 3, 1)),
    case(L.ZeroPadding2D, {"padding": [0, 2]}, (2, 3, 2, 2)),
    case(L.ZeroPadding2D, {"padding": [[1, 0], [2, 3]]}, (2, 2, 3, 1)),
    case(L.Cropping2D, {}, (2, 3, 2, 2)),
    case(L.Cropping2D, {"cropping": 1}, (2, 4, 5, 2)),
    case(L.Cropping2D, {"cropping": [1, 0]}, (2, 4, 3, 2)),
    case(L.Cropping2D, {"cropping": [[0, 2], [1, 0]]}, (2, 4, 5, 2)),
    case(L.Permute, {"dims": [3, 1, 2]}, (2, 3, 2, 4), "uint8"),
    case(L.ZeroPadding2D, {"padding": [[1, 0], [2, 3]]}, (2, 2, 3, 1), "uint8"),
    case(L.Cropping2D, {"cropping": [[0, 2], [1, 0]]}, (2, 4, 5, 2), "uint8"),
    # Pooling.
    case(L.MaxPooling2D, {}, (2, 4, 5, 2)),
    case(L.MaxPooling2D, {"pool_size": [3, 2], "strides": [1, 2], "padding": "same"}, (2, 5, 4, 2)),
    case(L.MaxPooling2D, {"pool_size": 3, "strides": 2}, (1, 7, 6, 1)),
    case(L.AveragePooling2D, {"pool_size": 2}, (2, 4, 5, 2)),
    case(L.AveragePooling2D, {"pool_size": [2, 3], "strides": 1, "padding": "same"}, (2, 4, 5, 2)),
    case(L.GlobalAveragePooling2D, {}, (2, 3, 4, 3)),
    case(L.GlobalAveragePooling2D, {"keepdims": True}, (2, 3, 4, 3)),
    case(L.GlobalMaxPooling2D, {}, (2, 3, 4, 3)),
    case(L.GlobalMaxPooling2D, {"keepdims": True}, (2, 3, 4, 3)),
    # Other sizes.
    case(L.UpSampling2D, {}, (2, 2, 3, 2)),
    case(L.UpSampling2D, {"size": [3, 1]}, (2, 2, 3, 1)),
    case(L.UpSampling2D, {"size": [3, 2]}, (2, 2, 3, 1), "uint8"),
    case(L.UpSampling2D, {"size": 2, "interpolation": "bilinear"}, (1, 2, 3, 1), "uint8"),
    case(L.UpSampling2D, {"size": [2, 3], "interpolation": "bilinear"}, (2, 3, 2, 2)),
    case(L.UpSampling2D, {"size": 2, "interpolation": "bicubic"}, (1, 3, 4, 1)),
    case(L.UpSampling2D, {"size": [1, 2], "interpolation": "lanczos3"}, (1, 2, 5, 1)),
    case(L.UpSampling2D, {"interpolation": "lanczos5"}, (1, 3, 4, 1)),
    case(L.Resizing, {"height": 5, "width": 4}, (2, 3, 7, 2)),
    case(L.Resizing, {"height": 3, "width": 4}, (2, 3, 4, 1)),
    case(L.CenterCrop, {"height": 2, "width": 3}, (2, 5, 6, 2)),
    case(L.CenterCrop, {"height": 3, "width": 3}, (2, 6, 4, 1)),
    case(L.CenterCrop, {"height": 4, "width": 6}, (2, 5, 3, 1)),
]
for interpolation in ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"]:
    options = {"interpolation": interpolation}
    cases.append(case(L.Resizing, {"height": 7, "width": 3, **options}, (1, 4, 5, 2)))
    cases.append(case(L.Resizing, {"height": 5, "width": 11, **options}, (1, 13, 6, 1)))
    cases.append(case(L.Resizing, {"height": 6, "width": 4, **options}, (1, 4, 9, 1), "uint8"))
    cases.append(case(L.Resizing, {"height": 3, "width": 4, "antialias": True, **options}, (1, 8, 7, 1)))
for shape in [(1, 6, 4, 1), (1, 4, 7, 1), (1, 5, 5, 2)]:
    cases.append(case(L.Resizing, {"height": 4, "width": 4, "crop_to_aspect_ratio": True}, shape))
    cases.append(case(L.Resizing, {"height": 3, "width": 5, "pad_to_aspect_ratio": True, "fill_value": 0.75}, shape))

cases += [
    case(L.Dense, {"units": 3}, (4, 5)),
    case(L.Dense, {"units": 2, "activation": "tanh", "use_bias": False}, (2, 3, 4)),
    case(L.Dense, {"units": 4, "activation": "softmax"}, (3, 2)),
    case(L.Dense, {"units": 3, "activation": "relu"}, (2, 2, 3, 4)),
    case(L.Dense, {"units": 1, "activation": "sigmoid"}, (5, 3)),
    case(L.RMSNormalization, {"axis": -1, "epsilon": 1e-3}, (2, 3, 2, 4)),
    case(L.Reshape, {"target_shape": [6]}, (2, 3, 2)),
    case(L.Reshape, {"target_shape": [2, -1, 3]}, (2, 6, 2)),
    case(L.Flatten, {}, (3, 2, 3, 2)),
    case(L.Flatten, {}, (3, 4)),
    case(L.Flatten, {}, (2, 2, 2, 3), "uint8"),
    case(L.Identity, {}, (2, 2, 3, 2)),
    case(L.Identity, {}, (2, 2, 3, 2), "uint8"),
    case(L.AveragePooling2D, {"pool_size": 3, "strides": [2, 1]}, (1, 7, 6, 1)),
    case(L.AveragePooling2D, {"pool_size": 3, "strides": 2, "padding": "same"}, (2, 5, 6, 3)),
    case(L.GlobalAveragePooling2D, {}, (1, 1, 5, 4)),
    case(L.GlobalMaxPooling2D, {}, (1, 4, 1, 2)),
]
# Outside training what is random changes nothing.
for layer, options in [
    (L.Dropout, {"rate": 0.4}),
    (L.Dropout, {"rate": 0.5, "noise_shape": [None, 1, 1, 3]}),
    (L.AlphaDropout, {"rate": 0.4}),
    (L.GaussianDropout, {"rate": 0.4}),
    (L.GaussianNoise, {"stddev": 0.8}),
    (L.SpatialDropout2D, {"rate": 0.4}),
]:
    cases.append(case(layer, options, (2, 2, 3, 3)))
    cases.append(case(layer, options, (1, 4, 1, 3)))

# Which pixel is the nearest hangs on how float32 rounds: every axis of up to 24 pixels to every other one.
sides = range(1, 25)
nearest = [
    L.Resizing(1, to, interpolation="nearest")(np.arange(of, dtype="uint8").reshape(1, 1, of, 1)).numpy().ravel()
    for of in sides
    for to in sides
]
write("layers", {"cases": cases, "nearest": {"sides": list(sides), "sources": np.concatenate(nearest)}})
assert keras.backend.backend() == "tensorflow"
