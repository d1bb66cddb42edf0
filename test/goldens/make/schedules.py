"""Every schedule of Keras over steps, in float64."""

import numpy as np
from golden import write
from keras.optimizers import schedules

steps = np.int32([0, 1, 2, 5, 9, 10, 11, 19, 20, 21, 29, 30, 31, 47, 50, 69, 70, 71, 99, 100, 101, 150, 310, 1000, 12345])
first = {"initial_learning_rate": 0.4}
given = [
    ("ExponentialDecay", {**first, "decay_steps": 10, "decay_rate": 0.9}),
    ("ExponentialDecay", {**first, "decay_steps": 10, "decay_rate": 0.9, "staircase": True}),
    ("ExponentialDecay", {**first, "decay_steps": 1000, "decay_rate": 1.5}),
    ("PiecewiseConstantDecay", {"boundaries": [10, 20, 100], "values": [0.4, 0.2, 0.3, 0.1]}),
    ("PiecewiseConstantDecay", {"boundaries": [50], "values": [1.0, 0.5]}),
    ("PolynomialDecay", {**first, "decay_steps": 70}),
    ("PolynomialDecay", {**first, "decay_steps": 70, "end_learning_rate": 0.1, "power": 3.0}),
    ("PolynomialDecay", {**first, "decay_steps": 70, "end_learning_rate": 0.0, "power": 0.5}),
    ("PolynomialDecay", {**first, "decay_steps": 10, "power": 1.5, "cycle": True}),
    ("PolynomialDecay", {**first, "decay_steps": 30, "power": 2.0, "cycle": True}),
    ("InverseTimeDecay", {**first, "decay_steps": 10, "decay_rate": 0.5}),
    ("InverseTimeDecay", {**first, "decay_steps": 10, "decay_rate": 0.5, "staircase": True}),
    ("CosineDecay", {**first, "decay_steps": 100}),
    ("CosineDecay", {**first, "decay_steps": 100, "alpha": 0.2}),
    ("CosineDecay", {**first, "decay_steps": 70, "warmup_target": 0.9, "warmup_steps": 30}),
    ("CosineDecay", {**first, "decay_steps": 70, "warmup_target": 0.9, "alpha": 0.1}),
    ("CosineDecay", {**first, "decay_steps": 70, "warmup_steps": 30}),
    ("CosineDecayRestarts", {**first, "first_decay_steps": 10}),
    ("CosineDecayRestarts", {**first, "first_decay_steps": 10, "m_mul": 0.7, "alpha": 0.1}),
    ("CosineDecayRestarts", {**first, "first_decay_steps": 10, "t_mul": 1.0, "m_mul": 0.99}),
    ("CosineDecayRestarts", {**first, "first_decay_steps": 7, "t_mul": 1.3, "m_mul": 0.9}),
    ("CosineDecayRestarts", {**first, "first_decay_steps": 10, "t_mul": 3.0}),
]


def double(value):
    """Schedules compute in the type of the numbers they are given."""
    if isinstance(value, list):
        return [double(one) for one in value]
    return np.float64(value) if isinstance(value, float) else value


def case(name, options):
    schedule = getattr(schedules, name)(**{key: double(value) for key, value in options.items()})
    computed = [schedule(step) for step in steps]
    assert all(rate.dtype == "float64" for rate in computed)
    rates = np.array([float(rate) for rate in computed])
    return {"name": name, "options": options, "rates": rates}


write("schedules", {"steps": steps, "cases": [case(*item) for item in given]})
