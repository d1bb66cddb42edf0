"""Models within models: their configurations, what they predict, which weights are trained, and their summaries."""

import json

import keras
import numpy as np
from golden import write

layers = keras.layers
rng = np.random.default_rng(5)


def inner_sequential():
    return keras.Sequential([layers.Input((4,)), layers.Dense(6, activation="relu"), layers.BatchNormalization()])


def inner_functional(name="residual"):
    x = keras.Input((6,))
    y = layers.Dense(6, activation="tanh")(x)
    return keras.Model(x, layers.Add()([x, y]), name=name)


def of_models():
    return keras.Sequential([layers.Input((4,)), inner_sequential(), inner_functional(), layers.Dense(2)], name="whole")


def begins_with_model():
    return keras.Sequential([inner_sequential(), inner_functional(), layers.Dense(2)], name="begun")


def twice_within():
    deep = keras.Sequential([layers.Input((6,)), inner_functional("deep"), layers.Dense(3)], name="middle")
    return keras.Sequential([inner_sequential(), deep], name="outer")


def branches():
    x = keras.Input((4,))
    made = inner_sequential()(x)
    two = keras.Input((6,))
    heads = keras.Model(two, [layers.Dense(2)(two), layers.Dense(3)(two)], name="heads")
    a, b = heads(made)
    return keras.Model(x, layers.Concatenate()([a, b]), name="branches")


def case(make):
    keras.utils.clear_session()
    model = make()
    model.set_weights([rng.uniform(0.1, 1, w.shape).astype("float32") for w in model.weights])
    x = rng.standard_normal((3, 4)).astype("float32")
    summaries = []
    for options in [
        {},
        {"expand_nested": True},
        {"expand_nested": True, "show_trainable": True},
        {"expand_nested": True, "line_length": 50},
        {"layer_range": [model.layers[0].name, model.layers[1].name]},
        {"layer_range": ["r.*", "d"] if make is of_models else [model.layers[-1].name, model.layers[0].name]},
    ]:
        lines = []
        model.summary(print_fn=lines.append, **{"line_length": 76, **options})
        summaries.append({"options": options, "text": "\n".join(lines)})
    return {
        "name": make.__name__,
        "json": json.loads(model.to_json()),
        "weights": model.get_weights(),
        "x": x,
        "y": np.asarray(model(x)),
        "summaries": summaries,
    }


def state(model):
    return {
        "model": model.trainable,
        "layers": [layer.trainable for layer in model.layers if layer.weights],
        "trained": [w.path.split("/", 1)[-1] for w in model.trainable_weights],
        "left": [w.path.split("/", 1)[-1] for w in model.non_trainable_weights],
    }


def trainable():
    """What `trainable` of a model and of its layers make of each other, step by step, of the model and one around it."""
    keras.utils.clear_session()
    names = ["first", "normal", "last"]
    made = [
        layers.Dense(3, name=names[0]),
        layers.BatchNormalization(name=names[1]),
        layers.Dense(2, name=names[2], trainable=False),
    ]
    inner = keras.Sequential([layers.Input((4,)), *made], name="inner")
    x = keras.Input((4,))
    outer = keras.Model(x, layers.Dense(1, name="head")(inner(x)), name="outer")
    steps = []
    for target, value in [
        (None, None),
        ("inner", True),
        ("inner", False),
        ("last", True),
        ("inner", True),
        ("normal", False),
        ("outer", False),
        ("first", True),
        ("outer", True),
    ]:
        if target is not None:
            next(one for one in [inner, outer, *made] if one.name == target).trainable = value
        steps.append({"set": target, "to": value, "inner": state(inner), "trainedOutside": len(outer.trainable_weights)})
    return steps


cases = [case(make) for make in [of_models, begins_with_model, twice_within, branches]]
write("nested-models", {"cases": cases, "trainable": trainable()})
