"""Training by every optimizer of Keras, with its options and with schedules: each loss of 20 steps, and the weights then.

The loop is that of Keras's own trainer: the loss scaled, the gradients applied, at the end averages taken as weights.
"""

import keras
import numpy as np
import tensorflow as tf
from golden import write
from keras import layers, optimizers
from keras.optimizers import schedules

random = np.random.default_rng(15)
steps, batch = 20, 8
x = np.float32(random.uniform(0, 1, (steps * batch, 6, 6, 1)))
y = np.int32(random.integers(0, 3, steps * batch))
# So that there is something to learn.
x[:, :, :, 0] += np.float32(0.5) * (np.arange(6)[None, None, :] // 2 == y[:, None, None])
shapes = [(3, 3, 1, 3), (3,), (12, 20), (20,), (20, 3), (3,)]
start = [np.float32(random.uniform(-0.5, 0.5, shape)) for shape in shapes]


def network():
    model = keras.Sequential(
        [
            layers.Input((6, 6, 1)),
            layers.Conv2D(3, 3, activation="relu", name="conv2d"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(20, activation="tanh", name="dense"),
            layers.Dense(3, name="classes"),
        ]
    )
    model.set_weights(start)
    return model


everything = {
    "weight_decay": 0.1,
    "clipnorm": 0.7,
    "use_ema": True,
    "ema_momentum": 0.6,
    "ema_overwrite_frequency": 2,
    "loss_scale_factor": 64.0,
    "gradient_accumulation_steps": 3,
}
averages = {"use_ema": True, "ema_momentum": 0.8}
# Of each optimizer: as it is, with its own options, and with all that every optimizer has.
own = {
    "SGD": [{"learning_rate": 0.1}, {"momentum": 0.9}, {"momentum": 0.8, "nesterov": True}],
    "RMSprop": [
        {"learning_rate": 0.01},
        {"rho": 0.7, "epsilon": 1e-3},
        {"momentum": 0.7},
        {"centered": True},
        {"momentum": 0.5, "centered": True},
    ],
    "Adam": [{"learning_rate": 0.02}, {"beta_1": 0.6, "beta_2": 0.9, "epsilon": 1e-4}, {"amsgrad": True, "beta_2": 0.8}],
    "AdamW": [{"learning_rate": 0.02}, {"weight_decay": 0.2}, {"weight_decay": 0.2, "amsgrad": True, "beta_2": 0.8}],
    "Nadam": [{"learning_rate": 0.02}, {"beta_1": 0.7, "beta_2": 0.9, "epsilon": 1e-3}],
    "Adamax": [{"learning_rate": 0.02}, {"beta_1": 0.7, "beta_2": 0.9, "epsilon": 1e-3}],
    "Adagrad": [{"learning_rate": 0.05}, {"initial_accumulator_value": 0.0}, {"initial_accumulator_value": 0.01, "epsilon": 1e-3}],
    "Adadelta": [{"learning_rate": 1.0}, {"rho": 0.6, "epsilon": 1e-4}],
    "Lion": [{"learning_rate": 0.005}, {"beta_1": 0.5, "beta_2": 0.8}],
    "Muon": [
        {"learning_rate": 0.02},
        {"exclude_layers": ["classes"], "adam_lr_ratio": 0.5},
        {"nesterov": False, "rms_rate": None, "momentum": 0.8, "ns_steps": 3},
        {"weight_decay": None, "adam_weight_decay": None, "muon_a": 3.0, "muon_b": -3.2, "muon_c": 1.2},
        {"weight_decay": 0.3, "adam_weight_decay": 0.2, "adam_beta_1": 0.7, "adam_beta_2": 0.9, "epsilon": 1e-3},
    ],
}
given = []
for name, variants in own.items():
    rate = variants[0]
    for options in variants:
        given.append((name, {**rate, **options}))
    given.append((name, {**rate, **everything}))
for name in ["SGD", "Adam", "Nadam"]:
    rate = own[name][0]
    for options in [
        {"weight_decay": 0.3},
        {"clipnorm": 0.2},
        {"clipvalue": 0.02},
        {"global_clipnorm": 0.3},
        {"global_clipnorm": 100.0},
        averages,
        {**averages, "ema_overwrite_frequency": 3},
        {"loss_scale_factor": 1024.0},
        {"gradient_accumulation_steps": 4},
        {"gradient_accumulation_steps": 3, "global_clipnorm": 0.3, "weight_decay": 0.1},
        {"gradient_accumulation_steps": 2, **averages, "ema_overwrite_frequency": 3},
    ]:
        given.append((name, {**rate, **options}))
decays = [
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.7}),
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.7, "staircase": True}),
    ("PiecewiseConstantDecay", {"boundaries": [4, 9, 10], "values": [0.1, 0.02, 0.2, 0.05]}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 12, "end_learning_rate": 0.01, "power": 2.0}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "power": 0.5, "cycle": True}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 4, "decay_rate": 0.5}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 4, "decay_rate": 0.5, "staircase": True}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 15, "alpha": 0.1}),
    ("CosineDecay", {"initial_learning_rate": 0.01, "decay_steps": 11, "warmup_target": 0.2, "warmup_steps": 5}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 3, "m_mul": 0.8, "alpha": 0.05}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 6, "t_mul": 1.0}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 4, "t_mul": 1.5, "m_mul": 1.2}),
]
for name, options in decays:
    given.append(("SGD", {"learning_rate": (name, options)}))
for other in ["AdamW", "Lion", "Muon"]:
    given.append((other, {"learning_rate": decays[8], "gradient_accumulation_steps": 2, "weight_decay": 0.1}))


def trained(name, options, exclude=None):
    made = dict(options)
    if isinstance(made["learning_rate"], tuple):
        schedule, config = made["learning_rate"]
        made["learning_rate"] = getattr(schedules, schedule)(**config)
    optimizer = getattr(optimizers, name)(**made)
    if exclude is not None:
        optimizer.exclude_from_weight_decay(var_names=exclude)
    model = network()
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    losses = []
    for step in range(steps):
        rows = slice(step * batch, (step + 1) * batch)
        with tf.GradientTape() as tape:
            loss = loss_of(y[rows], model(x[rows], training=True))
            scaled = optimizer.scale_loss(loss)
        weights = model.trainable_weights
        optimizer.apply_gradients(zip(tape.gradient(scaled, weights), weights))
        losses.append(float(loss))
    optimizer.finalize_variable_values(model.trainable_weights)
    return {
        "name": name,
        "options": options,
        "exclude": exclude,
        "losses": losses,
        "end": model.get_weights(),
        "rate": float(optimizer.learning_rate),
    }


cases = [trained(*case) for case in given]
cases += [
    trained("AdamW", {"learning_rate": 0.02, "weight_decay": 0.5}, ["bias"]),
    trained("SGD", {"learning_rate": 0.1, "weight_decay": 0.5}, ["kernel", "nothing"]),
]
write("optimizers", {"x": x, "y": y, "start": start, "cases": cases})
