"""Every layer of convolution of Keras: its output, and its gradients by input and weights, in several shapes and options."""

import keras
import numpy as np
import tensorflow as tf
from golden import write
from keras import layers

random = np.random.default_rng(8)


def normal(*shape):
    return np.float32(random.standard_normal(shape))


# Class, options, [height, width, channels] of the input.
given = [
    ("Conv2D", {"filters": 3, "kernel_size": 3, "dilation_rate": 2}, (8, 7, 2)),
    ("Conv2D", {"filters": 5, "kernel_size": [3, 2], "dilation_rate": [3, 2], "padding": "same"}, (7, 9, 3)),
    ("Conv2D", {"filters": 6, "kernel_size": 3, "dilation_rate": 3, "padding": "same", "activation": "relu"}, (5, 4, 5)),
    ("Conv2D", {"filters": 4, "kernel_size": 2, "dilation_rate": [1, 3], "use_bias": False}, (4, 7, 1)),
    ("Conv2D", {"filters": 9, "kernel_size": 3, "dilation_rate": 2, "padding": "same"}, (13, 12, 8)),
    ("Conv2D", {"filters": 4, "kernel_size": 3, "groups": 2}, (6, 5, 6)),
    ("Conv2D", {"filters": 6, "kernel_size": 3, "groups": 2, "strides": 2, "padding": "same"}, (7, 9, 4)),
    ("Conv2D", {"filters": 9, "kernel_size": [2, 3], "groups": 3, "padding": "same", "activation": "relu"}, (5, 6, 3)),
    ("Conv2D", {"filters": 16, "kernel_size": 3, "groups": 2, "padding": "same", "activation": "relu"}, (9, 8, 16)),
    ("Conv2D", {"filters": 5, "kernel_size": 3, "groups": 5, "strides": [2, 1], "activation": "relu"}, (7, 7, 5)),
    ("Conv2D", {"filters": 6, "kernel_size": 1, "groups": 3, "use_bias": False}, (3, 5, 6)),
    ("Conv2D", {"filters": 4, "kernel_size": 3, "groups": 2, "dilation_rate": 2, "padding": "same"}, (7, 6, 4)),
    ("DepthwiseConv2D", {"kernel_size": 3}, (6, 7, 4)),
    ("DepthwiseConv2D", {"kernel_size": 3, "padding": "same", "activation": "relu"}, (7, 9, 13)),
    ("DepthwiseConv2D", {"kernel_size": 3, "strides": 2, "padding": "same", "activation": "relu"}, (9, 8, 5)),
    ("DepthwiseConv2D", {"kernel_size": 3, "strides": 2}, (9, 7, 9)),
    ("DepthwiseConv2D", {"kernel_size": [2, 5], "padding": "same", "depth_multiplier": 2}, (5, 7, 3)),
    ("DepthwiseConv2D", {"kernel_size": 3, "strides": 2, "depth_multiplier": 3, "use_bias": False}, (7, 7, 2)),
    ("DepthwiseConv2D", {"kernel_size": 3, "padding": "same", "depth_multiplier": 2}, (5, 5, 1)),
    ("DepthwiseConv2D", {"kernel_size": 3, "padding": "same"}, (4, 6, 1)),
    ("DepthwiseConv2D", {"kernel_size": 3, "dilation_rate": 2, "padding": "same"}, (7, 8, 6)),
    ("DepthwiseConv2D", {"kernel_size": 3, "dilation_rate": [3, 2], "depth_multiplier": 2}, (8, 6, 3)),
    ("DepthwiseConv2D", {"kernel_size": 3, "dilation_rate": 2, "strides": 2, "padding": "same"}, (8, 9, 5)),
    ("DepthwiseConv2D", {"kernel_size": 2, "dilation_rate": 3, "strides": 2}, (9, 8, 4)),
    ("SeparableConv2D", {"filters": 5, "kernel_size": 3, "padding": "same", "activation": "relu"}, (6, 7, 4)),
    ("SeparableConv2D", {"filters": 3, "kernel_size": 3, "strides": 2, "depth_multiplier": 2}, (7, 7, 3)),
    ("SeparableConv2D", {"filters": 4, "kernel_size": [3, 2], "padding": "same", "dilation_rate": 2}, (7, 5, 5)),
    ("SeparableConv2D", {"filters": 2, "kernel_size": 3, "use_bias": False}, (5, 5, 1)),
    ("SeparableConv2D", {"filters": 3, "kernel_size": 2, "strides": 2, "dilation_rate": 2, "padding": "same"}, (7, 6, 2)),
    ("Conv2DTranspose", {"filters": 3, "kernel_size": 3}, (4, 5, 2)),
    ("Conv2DTranspose", {"filters": 4, "kernel_size": 3, "strides": 2, "padding": "same", "activation": "relu"}, (5, 4, 3)),
    ("Conv2DTranspose", {"filters": 2, "kernel_size": [2, 4], "strides": 2, "padding": "same"}, (3, 5, 5)),
    ("Conv2DTranspose", {"filters": 5, "kernel_size": 2, "strides": [3, 2]}, (3, 4, 4)),
    ("Conv2DTranspose", {"filters": 3, "kernel_size": 3, "strides": 2, "output_padding": 1}, (4, 3, 1)),
    ("Conv2DTranspose", {"filters": 3, "kernel_size": 3, "strides": 2, "output_padding": 0, "padding": "same"}, (4, 3, 6)),
    ("Conv2DTranspose", {"filters": 2, "kernel_size": [3, 5], "strides": [2, 3], "output_padding": [1, 2], "padding": "same"}, (3, 4, 3)),
    ("Conv2DTranspose", {"filters": 4, "kernel_size": 5, "padding": "same", "use_bias": False}, (6, 5, 4)),
    ("Conv2DTranspose", {"filters": 1, "kernel_size": 4, "strides": 2, "output_padding": 1, "padding": "same"}, (3, 3, 2)),
    ("Conv2DTranspose", {"filters": 9, "kernel_size": 3, "padding": "same"}, (9, 8, 8)),
]

# TensorFlow has no dilated transposed convolution on a processor; what is transposed there is Keras's Conv2D.
dilated = [
    ("Conv2DTranspose", {"filters": 3, "kernel_size": 3, "dilation_rate": 2}, (4, 5, 2)),
    ("Conv2DTranspose", {"filters": 3, "kernel_size": 3, "dilation_rate": 2, "padding": "same"}, (6, 5, 3)),
    ("Conv2DTranspose", {"filters": 4, "kernel_size": [2, 3], "dilation_rate": [3, 2], "padding": "same"}, (5, 7, 1)),
]

# Input, options, and the length of each axis as compute_output_shape has it.
lengths = []
for kernel in [1, 2, 3, 4, 5]:
    for stride in [1, 2, 3]:
        for padding in ["valid", "same"]:
            for more in [None, *range(stride)]:
                for dilation in [1, 2, 3] if stride == 1 else [1]:
                    options = {"kernel_size": kernel, "strides": stride, "padding": padding, "output_padding": more}
                    options["dilation_rate"] = dilation
                    layer = layers.Conv2DTranspose(1, **options)
                    lengths.append([options, layer.compute_output_shape((None, 5, 8, 2))[1:3]])


def transposed(layer, x):
    """What a dilated Conv2DTranspose is: the gradient of a Conv2D by its input, and the bias."""
    settings = {name: getattr(layer, name) for name in ["kernel_size", "padding", "dilation_rate"]}
    height, width = layer.compute_output_shape((None, *x.shape[1:]))[1:3]
    pictures = tf.zeros((x.shape[0], height, width, layer.filters))
    convolution = layers.Conv2D(x.shape[3], use_bias=False, **settings)
    convolution.build(pictures.shape)
    with tf.GradientTape() as tape:
        tape.watch(pictures)
        y, _ = convolution.stateless_call([layer.kernel.value], [], pictures)
        total = tf.reduce_sum(y * x)
    return tape.gradient(total, pictures) + layer.bias


def case(name, options, shape, call=None):
    layer = getattr(layers, name)(**options)
    layer.build((None, *shape))
    for weight in layer.weights:
        weight.assign(normal(*weight.shape) / 2)
    x = tf.constant(normal(2, *shape))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x) if call is None else call(layer, x)
        weighting = tf.reshape(tf.range(tf.size(y)) % 3 + 1, tf.shape(y))
        total = tf.reduce_sum(y * tf.cast(weighting, "float32"))
    weights = [weight.value for weight in layer.weights]
    wanted = tape.gradient(total, [x, *weights])
    return {
        "name": name,
        "options": options,
        "x": x.numpy(),
        "y": y.numpy(),
        "gradients": [np.asarray(gradient) for gradient in wanted],
        "weights": [{"name": weight.name, "value": weight.numpy()} for weight in layer.weights],
    }


cases = [case(*item) for item in given]
cases += [case(*item, call=transposed) for item in dilated]
write("convolutions", {"cases": cases, "lengths": lengths})
assert keras.backend.backend() == "tensorflow"
