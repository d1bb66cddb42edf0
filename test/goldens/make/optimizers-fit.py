"""Keras's own fit with every optimizer: learning rates set and read at every batch and between fits, a short last batch,
averages written over weights and gradients accumulated across epochs; how many steps were counted, and the weights then.
"""

import keras
import numpy as np
from golden import write
from keras import layers, optimizers
from keras.optimizers import schedules

random = np.random.default_rng(19)
# Two batches of 8 and one of 5.
rows, batch = 21, 8
x = np.float32(random.uniform(-1, 1, (rows, 4)))
y = np.float32(random.uniform(-1, 1, (rows, 2)))
start = [np.float32(random.uniform(-0.5, 0.5, shape)) for shape in [(4, 3), (3,), (3, 2), (2,)]]
# Of each of the six steps of the first fit; the second fit takes another one.
rates = [0.02, 0.005, 0.04, 0.0, 0.01, 0.03]
between = 0.015
more = {
    "weight_decay": 0.1,
    "global_clipnorm": 0.5,
    "use_ema": True,
    "ema_momentum": 0.6,
    "ema_overwrite_frequency": 2,
    "gradient_accumulation_steps": 2,
}


class Rates(keras.callbacks.Callback):
    """Sets a rate before each batch, where there is one, and reads it behind each."""

    def __init__(self, given=()):
        super().__init__()
        self.given, self.read = list(given), []

    def on_train_batch_begin(self, batch, logs=None):
        if self.given:
            self.model.optimizer.learning_rate = self.given.pop(0)

    def on_train_batch_end(self, batch, logs=None):
        self.read.append(float(self.model.optimizer.learning_rate))


def trained(name, options):
    keras.utils.clear_session()
    model = keras.Sequential([layers.Input((4,)), layers.Dense(3, activation="tanh"), layers.Dense(2)])
    model.set_weights(start)
    made = dict(options)
    scheduled = "learning_rate" in made
    if scheduled:
        schedule, config = made["learning_rate"]
        made["learning_rate"] = getattr(schedules, schedule)(**config)
    model.compile(loss="mse", optimizer=getattr(optimizers, name)(**made))
    parts = []
    for fit in range(2):
        watch = Rates(rates if fit == 0 and not scheduled else ())
        if fit == 1 and not scheduled:
            model.optimizer.learning_rate = between
        losses = model.fit(
            x, y, batch_size=batch, epochs=2 - fit, shuffle=False, verbose=0, callbacks=[watch]
        ).history["loss"]
        parts.append(
            {
                "losses": losses,
                "rates": watch.read,
                "steps": int(model.optimizer._iterations),
                "weights": model.get_weights(),
            }
        )
    return {"name": name, "options": options, "fits": parts}


decay = ("ExponentialDecay", {"initial_learning_rate": 0.05, "decay_steps": 3, "decay_rate": 0.5})
names = ["SGD", "RMSprop", "Adam", "AdamW", "Nadam", "Adamax", "Adagrad", "Adadelta", "Lion", "Muon"]
given = [(name, options) for name in names for options in ({}, more, {"learning_rate": decay})]
given += [
    ("Adam", {"amsgrad": True}),
    ("SGD", {"momentum": 0.9, "gradient_accumulation_steps": 4}),
    ("SGD", {"learning_rate": decay, "gradient_accumulation_steps": 2, "use_ema": True}),
    ("Adam", {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 4}),
    ("Adam", {"clipnorm": 0.1}),
    ("Adam", {"beta_1": 0.0, "beta_2": 0.0, "epsilon": 0.01}),
    ("Adam", {"beta_1": 0.0, "beta_2": 0.0, "epsilon": 0.01, "amsgrad": True}),
    ("Adam", {"clipvalue": 0.01}),
]
write(
    "optimizers-fit",
    {"x": x, "y": y, "start": start, "rates": rates, "between": between, "cases": [trained(*case) for case in given]},
)
