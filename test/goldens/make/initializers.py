"""Initializers: of each the distribution it draws from by Keras's formulas, as scipy has it, after Keras's own numbers
were found to follow it; and what those without chance give."""

import numpy as np
from golden import write
from keras import initializers
from keras.src.initializers.random_initializers import compute_fans
from scipy import stats

DENSE, CONV, DEPTHWISE = (60, 50), (3, 3, 16, 20), (5, 5, 40, 3)
VARIANCES = {"truncated_normal": 0.87962566103423978**2, "untruncated_normal": 1.0}
PROBABILITIES = np.arange(1, 128) / 128


def uniform(low, high):
    return stats.uniform(low, high - low)


def scaled(initializer, shape):
    """The distribution of a VarianceScaling, or of what is derived from it, for weights of a shape."""
    fan_in, fan_out = compute_fans(shape, initializer.input_axes, initializer.output_axes)
    n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[initializer.mode]
    variance = initializer.scale / max(1.0, n)
    if initializer.distribution == "uniform":
        limit = np.sqrt(3 * variance)
        return uniform(-limit, limit)
    scale = np.sqrt(variance / VARIANCES[initializer.distribution])
    return stats.norm(0, scale) if initializer.distribution == "untruncated_normal" else stats.truncnorm(-2, 2, 0, scale)


def measured(name, options, shape, distribution):
    initializer = getattr(initializers, name)(seed=11, **options)
    if distribution is None:
        distribution = scaled(initializer, shape)
    found = np.asarray(initializer(shape), dtype="float64").ravel()
    fit = stats.kstest(found, distribution.cdf)
    if fit.pvalue < 1e-3:
        raise AssertionError(f"{name} {options} {shape}: Keras does not follow this distribution, p = {fit.pvalue}")
    low, high = distribution.support()
    return {
        "name": name,
        "options": options,
        "shape": list(shape),
        "mean": float(distribution.mean()),
        "deviation": float(distribution.std()),
        "low": float(low),
        "high": float(high),
        "probabilities": PROBABILITIES,
        "quantiles": distribution.ppf(PROBABILITIES),
        # The largest gap between the two distribution functions, which chance exceeds once in 10,000 times.
        "gap": float(stats.kstwo.isf(1e-4, found.size)),
    }


normal = {"mean": 0.5, "stddev": 0.2}
cases = [
    measured("RandomNormal", {}, DENSE, stats.norm(0, 0.05)),
    measured("RandomNormal", normal, CONV, stats.norm(0.5, 0.2)),
    measured("TruncatedNormal", {}, DENSE, stats.truncnorm(-2, 2, 0, 0.05)),
    measured("TruncatedNormal", normal, CONV, stats.truncnorm(-2, 2, 0.5, 0.2)),
    measured("RandomUniform", {}, DENSE, uniform(-0.05, 0.05)),
    measured("RandomUniform", {"minval": -1.0, "maxval": 3.0}, (2001,), uniform(-1, 3)),
]
for name in ["GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal"]:
    for shape in [DENSE, CONV, DEPTHWISE]:
        cases.append(measured(name, {}, shape, None))
cases.append(measured("VarianceScaling", {}, CONV, None))
for mode in ["fan_in", "fan_out", "fan_avg"]:
    for distribution in ["truncated_normal", "untruncated_normal", "uniform"]:
        options = {"scale": 0.7, "mode": mode, "distribution": distribution}
        cases.append(measured("VarianceScaling", options, CONV if mode == "fan_out" else DENSE, None))
cases.append(measured("VarianceScaling", {"scale": 2.0, "distribution": "normal"}, (2001,), None))
axes = {"input_axes": [0, 1], "output_axes": [2, -1], "mode": "fan_avg"}
cases.append(measured("VarianceScaling", axes, (4, 5, 6, 30), None))

# The first element of a random orthogonal matrix [4, n]: (x + 1) / 2 follows a beta distribution, whatever its sign.
SIDE, DRAWS = 4, 1500
element = stats.beta((SIDE - 1) / 2, (SIDE - 1) / 2, loc=-1, scale=2)
found = [float(initializers.Orthogonal(seed=i)((SIDE, SIDE))[0, 0]) for i in range(200)]
if stats.kstest(found, element.cdf).pvalue < 1e-3:
    raise AssertionError("Orthogonal does not follow this distribution")
orthogonal = {
    "side": SIDE,
    "draws": DRAWS,
    "probabilities": PROBABILITIES,
    "quantiles": element.ppf(PROBABILITIES),
    "gap": float(stats.kstwo.isf(1e-4, DRAWS)),
}


def fixed(name, options, shape):
    values = np.asarray(getattr(initializers, name)(**options)(shape))
    return {"name": name, "options": options, "shape": list(shape), "values": values}


exact = [
    fixed("Zeros", {}, (2, 3)),
    fixed("Ones", {}, (2, 3)),
    fixed("Constant", {}, (2,)),
    fixed("Constant", {"value": -0.3}, (2, 2)),
    fixed("Identity", {}, (3, 3)),
    fixed("Identity", {"gain": 2.5}, (2, 4)),
    fixed("Identity", {"gain": -0.5}, (4, 2)),
]

write("initializers", {"cases": cases, "orthogonal": orthogonal, "exact": exact})
