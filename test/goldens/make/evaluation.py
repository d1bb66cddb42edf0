"""What scikit-learn's scores of classifiers give for random and for odd samples: one golden a function.

Each case has the function's two arguments, its options in camelCase, its result and its warnings; or, where
scikit-learn refuses, "refused" with its reason. The messages are scikit-learn's own.
"""

import warnings
from functools import partial

import numpy as np
from golden import write
from sklearn import metrics
from sklearn.calibration import calibration_curve


def camel(name):
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def pythonic(value):
    """A golden's numbers and lists; numpy's strings as Python's."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "US":
        return value.tolist()
    return value


class Cases:
    """The cases of one function. `results` names what it returns where that is more than one thing."""

    def __init__(self, function, results=None):
        self.function, self.results, self.cases = function, results, []

    def add(self, name, first, second, **options):
        case = {
            "name": name,
            "arguments": [pythonic(first), pythonic(second)],
            "options": {camel(key): pythonic(value) for key, value in options.items()},
        }
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                result = self.function(first, second, **options)
            except (ValueError, ZeroDivisionError, NotImplementedError) as error:
                case["refused"] = str(error).split("\n")[0]
            else:
                case["result"] = dict(zip(self.results, result)) if self.results else result
                # numpy's own, of divisions, come and go with its versions.
                case["warnings"] = [str(w.message) for w in caught if not issubclass(w.category, RuntimeWarning)]
        self.cases.append(case)

    def write(self):
        write(f"evaluation-{self.function.__name__.replace('_', '-')}", {"cases": self.cases})


rng = np.random.default_rng(20261125)
STRINGS = np.array(["cat", "dog", "eel", "fox", "gnu"])


def labels(n, classes):
    """Random labels in which every class occurs."""
    return rng.permutation(np.concatenate([np.arange(classes), rng.integers(classes, size=n - classes)]))


def guesses(truth, classes, right=0.6):
    return np.where(rng.random(truth.size) < right, truth, rng.integers(classes, size=truth.size))


def scores(truth, spread=1.0):
    return truth + rng.normal(0, spread, truth.size)


def probabilities(truth, classes, dtype=np.float64):
    logits = rng.normal(0, 1, (truth.size, classes)) + 1.5 * np.eye(classes)[truth]
    raised = np.exp(logits)
    return (raised / raised.sum(axis=1, keepdims=True)).astype(dtype)


def weights(n):
    """Weights of which some are 0."""
    return np.where(rng.random(n) < 0.15, 0.0, rng.random(n) + 0.05)


def pairs_of_labels(function, variants):
    """Scores of two arrays of labels."""
    cases = Cases(function)
    for options in variants:
        shown = ", ".join(f"{key} {value}" for key, value in options.items()) or "defaults"
        for n, classes in [(5, 2), (30, 2), (40, 3), (70, 5), (64, 10)]:
            truth = labels(n, classes)
            guess = guesses(truth, classes)
            cases.add(f"{classes} classes, {shown}", truth, guess, **options)
            cases.add(f"{classes} classes, weights, {shown}", truth, guess, sample_weight=weights(n), **options)
        truth = labels(25, 4)
        cases.add(f"strings, {shown}", STRINGS[truth], STRINGS[guesses(truth, 5)], **options)
        cases.add(f"negative labels, {shown}", truth - 2, guesses(truth, 4) - 2, **options)
        cases.add(f"a class never true, {shown}", [0, 1, 0, 1, 1], [0, 1, 2, 2, 1], **options)
        cases.add(f"a class never predicted, {shown}", [0, 1, 2, 2, 1], [0, 1, 0, 1, 1], **options)
        cases.add(f"one class alone, {shown}", [3, 3, 3], [3, 3, 3], **options)
        cases.add(f"one class true, {shown}", [0, 0, 0, 0], [0, 1, 0, 0], **options)
        cases.add(f"one class predicted, {shown}", [0, 1, 1, 0], [1, 1, 1, 1], **options)
        cases.add(f"all wrong, {shown}", [0, 0, 1, 1], [1, 1, 0, 0], **options)
        cases.add(f"a class of weight 0, {shown}", [0, 0, 1], [0, 1, 1], sample_weight=[1.0, 2.0, 0.0], **options)
        cases.add(f"one sample, {shown}", [1], [0], **options)
        cases.add(f"lengths differ, {shown}", [0, 1], [0, 1, 1], **options)
    return cases


def balanced_accuracy():
    pairs_of_labels(metrics.balanced_accuracy_score, [{}, {"adjusted": True}]).write()


def matthews():
    pairs_of_labels(metrics.matthews_corrcoef, [{}]).write()


def cohen_kappa():
    variants = [{}, {"weights": "linear"}, {"weights": "quadratic"}, {"replace_undefined_by": 0.5}]
    cases = pairs_of_labels(metrics.cohen_kappa_score, variants)
    truth = labels(50, 5)
    guess = guesses(truth, 5)
    for how in [None, "linear", "quadratic"]:
        cases.add(f"labels in an order of their own, {how}", truth, guess, labels=[3, 0, 4, 1, 2], weights=how)
        cases.add(f"some labels, {how}", truth, guess, labels=[1, 4], weights=how)
        cases.add(f"labels that do not occur, {how}", truth, guess, labels=[7, 1, 9], weights=how)
        cases.add(f"strings with labels, {how}", STRINGS[truth], STRINGS[guess], labels=["fox", "cat"], weights=how)
    cases.add("no label in y1", [0, 1], [2, 2], labels=[2, 3])
    cases.add("no label in y2", [0, 1, 1], [2, 2, 2], labels=[0, 1])
    cases.add("no label in y2, replaced", [0, 1, 1], [2, 2, 2], labels=[0, 1], replace_undefined_by=-1.0)
    cases.write()


def curves(function, results, intermediate):
    """Curves of one score a sample."""
    cases = Cases(function, results)
    for drop in intermediate:
        add = partial(cases.add, drop_intermediate=drop)
        for n in [4, 20, 100]:
            truth = labels(n, 2)
            score = scores(truth)
            add(f"{n} samples", truth, score)
            add(f"{n} samples, weights", truth, score, sample_weight=weights(n))
            add(f"{n} samples, ties", truth, np.round(score, 1))
            add(f"{n} samples, many ties, weights", truth, np.round(score), sample_weight=weights(n))
            add(f"{n} samples, whole weights", truth, np.round(score, 1), sample_weight=rng.integers(0, 4, n))
        truth = labels(40, 2)
        score = scores(truth)
        add("labels -1 and 1", truth * 2 - 1, score)
        add("posLabel 0", truth, -score, pos_label=0)
        add("strings", STRINGS[truth], score, pos_label="dog")
        add("strings without posLabel", STRINGS[truth], score)
        add("labels 1 and 2", truth + 1, score, pos_label=2)
        add("labels 1 and 2 without posLabel", truth + 1, score)
        add("float32 scores", truth, score.astype(np.float32))
        add("scores as a column", truth, score[:, None])
        add("negative weights", truth, score, sample_weight=np.where(np.arange(40) == 7, -0.25, 1.0))
        several = labels(40, 4)
        add("several classes, one against the rest", several, scores(several), pos_label=2)
        add("several classes without posLabel", several, scores(several))
        add("constant scores", truth, np.full(40, 0.3))
        add("a perfect order", [0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4])
        add("a perfectly wrong order", [1, 1, 0, 0], [0.1, 0.2, 0.3, 0.4])
        add("two samples", [0, 1], [0.5, 0.5])
        add("one sample", [1], [0.5])
        add("no positive sample", [0, 0, 0], [0.2, 0.5, 0.7])
        add("no negative sample", [1, 1, 1], [0.2, 0.5, 0.7])
        add("labels -1 alone", [-1, -1, -1], [0.2, 0.5, 0.7])
        add("posLabel does not occur", [0, 1, 1], [0.2, 0.5, 0.7], pos_label=5)
        add("no positive sample of weight", [0, 0, 1], [0.2, 0.5, 0.7], sample_weight=[1.0, 1.0, 0.0])
        add("NaN", [0, 1], [0.5, float("nan")])
        add("infinity", [0, 1], [0.5, float("inf")])
        add("two columns", [0, 1], [[0.5, 0.5], [0.2, 0.8]])
        add("lengths differ", [0, 1], [0.5, 0.5, 0.1])
    return cases


def areas():
    cases = Cases(metrics.auc)
    x = np.sort(rng.random(50))
    y = rng.random(50)
    cases.add("rising", x, y)
    cases.add("falling", x[::-1], y)
    cases.add("standing still", np.round(x, 1), y)
    cases.add("long", np.sort(rng.random(300)), rng.random(300))
    cases.add("a single place", [0.5, 0.5, 0.5], [0, 1, 2])
    cases.add("two points", [0, 1], [0.25, 0.75])
    cases.add("NaN in y", [0, 1, 2], [0, float("nan"), 1])
    cases.add("one point", [0], [1])
    cases.add("turning", [0, 1, 0.5], [1, 1, 1])
    cases.add("turning the other way", [1, 0, 0.5], [1, 1, 1])
    cases.add("lengths differ", [0, 1], [1, 1, 1])
    cases.write()


def roc_auc():
    cases = Cases(metrics.roc_auc_score)
    for n in [4, 30, 120]:
        truth = labels(n, 2)
        score = scores(truth)
        for limit in [{}, {"max_fpr": 0.1}, {"max_fpr": 0.5}, {"max_fpr": 1.0}]:
            cases.add(f"{n} samples, {limit}", truth, score, **limit)
            cases.add(f"{n} samples, ties, {limit}", truth, np.round(score), **limit)
            weight = rng.random(n) + 0.05
            cases.add(f"{n} samples, weights, {limit}", truth, score, sample_weight=weight, **limit)
        cases.add(f"{n} samples, strings", STRINGS[truth], score)
        cases.add(f"{n} samples, labels 3 and 5", truth * 2 + 3, score)
        cases.add(f"{n} samples, a column", truth, score[:, None])
    cases.add("constant scores", [0, 1, 0, 1, 1], [0.5] * 5)
    cases.add("one class", [1, 1], [0.1, 0.2])
    cases.add("one class, 0", [0, 0], [0.1, 0.2])
    cases.add("two columns for two classes", [0, 1], [[0.5, 0.5], [0.2, 0.8]])
    cases.add("maxFpr 0", [0, 1], [0.5, 0.6], max_fpr=0)
    for multi_class in ["ovr", "ovo"]:
        for average in ["macro", "weighted", "micro", None] if multi_class == "ovr" else ["macro", "weighted"]:
            add = partial(cases.add, multi_class=multi_class, average=average)
            shown = f"{multi_class} {average}"
            for n, classes in [(12, 3), (60, 3), (70, 5)]:
                truth = labels(n, classes)
                chance = probabilities(truth, classes)
                add(f"{n} samples, {classes} classes, {shown}", truth, chance)
                add(f"{n} samples, {classes} classes, weights, {shown}", truth, chance, sample_weight=weights(n))
                add(f"{n} samples, {classes} strings, {shown}", STRINGS[truth], chance)
            truth = labels(40, 4)
            chance = probabilities(truth, 4)
            add(f"float32, {shown}", truth, chance.astype(np.float32))
            ties = np.round(chance, 1)
            ties[:, 0] += 1 - ties.sum(axis=1)
            add(f"ties, {shown}", truth, ties)
            add(f"labels, {shown}", truth, chance, labels=[0, 1, 2, 3])
            there = np.where(truth == 3, 0, truth)
            add(f"a class that does not occur, {shown}", there, chance, labels=[0, 1, 2, 3])
            add(f"a class that does not occur, no labels, {shown}", there, chance)
            two = np.where(truth > 1, 1, truth)
            add(f"two classes in four columns, {shown}", two, chance, labels=[0, 1, 2, 3])
            add(f"labels not sorted, {shown}", truth, chance, labels=[0, 2, 1, 3])
            add(f"a label missing, {shown}", truth, chance, labels=[0, 1, 2, 4])
            add(f"too few labels, {shown}", truth, chance, labels=[0, 1, 2])
            add(f"no probabilities, {shown}", truth, chance * 2)
            add(f"one column, {shown}", truth, chance[:, 0])
            add(f"maxFpr, {shown}", truth, chance, max_fpr=0.5)
            zero = np.where(truth == 2, 0.0, 1.0)
            add(f"a class of weight 0, {shown}", truth, chance, sample_weight=zero)
    truth = labels(12, 3)
    chance = probabilities(truth, 3)
    cases.add("multiClass missing", truth, chance)
    for average in ["micro", None]:
        cases.add(f"ovo {average}", truth, chance, multi_class="ovo", average=average)
    cases.write()


def average_precision():
    cases = Cases(metrics.average_precision_score)
    for n in [4, 30, 120]:
        truth = labels(n, 2)
        score = scores(truth)
        cases.add(f"{n} samples", truth, score)
        cases.add(f"{n} samples, ties", truth, np.round(score))
        cases.add(f"{n} samples, weights", truth, score, sample_weight=weights(n))
        cases.add(f"{n} samples, strings", STRINGS[truth], score, pos_label="dog")
        cases.add(f"{n} samples, posLabel 0", truth, -score, pos_label=0)
        cases.add(f"{n} samples, labels 0 and 2", truth * 2, score, pos_label=2)
    cases.add("constant scores", [0, 1, 0, 1, 1], [0.5] * 5)
    cases.add("no positive sample", [0, 0], [0.1, 0.2])
    cases.add("no negative sample", [1, 1], [0.1, 0.2])
    cases.add("below 0 but for the floor", [1, 0, 1], [0.3, 0.2, 0.1], sample_weight=[-1.0, 3.0, 2.0])
    cases.add("posLabel is none of two", [0, 2], [0.1, 0.2])
    cases.add("strings without posLabel", ["a", "b"], [0.1, 0.2])
    for average in ["macro", "weighted", "micro", None]:
        add = partial(cases.add, average=average)
        for n, classes in [(12, 3), (60, 3), (70, 5)]:
            truth = labels(n, classes)
            chance = probabilities(truth, classes)
            add(f"{n} samples, {classes} classes, {average}", truth, chance)
            add(f"{n} samples, {classes} classes, ties, {average}", truth, np.round(chance, 1))
            add(f"{n} samples, {classes} classes, weights, {average}", truth, chance, sample_weight=weights(n))
            add(f"{n} samples, {classes} strings, {average}", STRINGS[truth], chance)
        truth = labels(20, 3)
        zero = np.where(truth == 2, 0.0, 1.0)
        add(f"a class of weight 0, {average}", truth, probabilities(truth, 3), sample_weight=zero)
        add(f"posLabel with several, {average}", truth, probabilities(truth, 3), pos_label=2)
        add(f"too many columns, {average}", truth, probabilities(truth, 4))
    cases.write()


def top_k():
    cases = Cases(metrics.top_k_accuracy_score)
    for n, classes in [(10, 3), (60, 4), (70, 5)]:
        truth = labels(n, classes)
        score = probabilities(truth, classes)
        for k in [1, 2, 3, 5]:
            cases.add(f"{n} samples, {classes} classes, k {k}", truth, score, k=k)
            cases.add(f"{n} samples, {classes} classes, ties, k {k}", truth, np.round(score, 1), k=k)
            cases.add(f"{n} samples, {classes} classes, weights, k {k}", truth, score, k=k, sample_weight=weights(n))
            cases.add(f"{n} samples, {classes} classes, a sum, k {k}", truth, score, k=k, normalize=False)
            weight = weights(n)
            cases.add(f"{n}, {classes}, a weighted sum, k {k}", truth, score, k=k, normalize=False, sample_weight=weight)
        cases.add(f"{n} samples, {classes} strings", STRINGS[truth], score)
        cases.add(f"{n} samples, float32", truth, score.astype(np.float32))
    for k in [1, 2]:
        truth = labels(30, 2)
        cases.add(f"two classes, k {k}", truth, scores(truth, 0.5), k=k)
        cases.add(f"two classes, probabilities, k {k}", truth, rng.random(30), k=k)
        cases.add(f"two classes, a column, k {k}", truth, rng.random((30, 1)), k=k)
        cases.add(f"two strings, k {k}", STRINGS[truth], rng.random(30), k=k)
        cases.add(f"one class, labels, k {k}", [1, 1, 1], [0.2, 0.7, 0.5], k=k, labels=[0, 1])
        cases.add(f"one class, no labels, k {k}", [1, 1, 1], [0.2, 0.7, 0.5], k=k)
        cases.add(f"two columns for two classes, k {k}", [0, 1], [[0.5, 0.5], [0.2, 0.8]], k=k)
        cases.add(f"constant scores, k {k}", [0, 1, 2, 3], np.ones((4, 4)), k=k)
    truth = labels(30, 5)
    score = probabilities(truth, 5)
    few = np.minimum(truth, 2)
    every = [0, 1, 2, 3, 4]
    cases.add("classes that do not occur", few, score, labels=every)
    cases.add("classes that do not occur, no labels", few, score)
    cases.add("two classes in five columns", np.minimum(truth, 1), score, labels=every)
    cases.add("labels not sorted", truth, score, labels=[0, 1, 2, 4, 3])
    cases.add("a label missing", truth, score, labels=[0, 1, 2, 3, 5])
    cases.add("too few labels", truth, score, labels=[0, 1, 2, 3])
    cases.add("one column", truth, score[:, 0])
    cases.add("k 0", truth, score, k=0)
    cases.add("weights that cancel out", truth[:2], score[:2], labels=every, sample_weight=[1.0, -1.0])
    cases.write()


def log_losses():
    cases = Cases(metrics.log_loss)
    for normalize in [True, False]:
        add = partial(cases.add, normalize=normalize)
        shown = "mean" if normalize else "sum"
        for n, classes in [(4, 2), (50, 2), (60, 4), (70, 5)]:
            truth = labels(n, classes)
            chance = probabilities(truth, classes)
            add(f"{n} samples, {classes} classes, {shown}", truth, chance)
            add(f"{n} samples, {classes} classes, weights, {shown}", truth, chance, sample_weight=weights(n))
            add(f"{n} samples, {classes} strings, {shown}", STRINGS[truth], chance)
            add(f"{n} samples, {classes} classes, labels, {shown}", truth, chance, labels=list(range(classes)))
        truth = labels(30, 2)
        add(f"one column, {shown}", truth, rng.random(30))
        add(f"one column as a row each, {shown}", truth, rng.random((30, 1)))
        add(f"two strings, one column, {shown}", STRINGS[truth], rng.random(30))
        add(f"labels -1 and 1, {shown}", truth * 2 - 1, rng.random(30))
        add(f"0 and 1, {shown}", [0, 1, 1, 0], [0.0, 1.0, 0.0, 1.0])
        single = np.float32([0.0, 1.0, 0.0, 1.0])
        add(f"0 and 1 in float32, {shown}", [0, 1, 1, 0], single)
        truth = labels(40, 3)
        add(f"float32, {shown}", truth, probabilities(truth, 3, np.float32))
    truth = labels(20, 4)
    chance = probabilities(truth, 4)
    cases.add("a class that does not occur", np.minimum(truth, 2), chance, labels=[0, 1, 2, 3])
    cases.add("a class that does not occur, no labels", np.minimum(truth, 2), chance)
    cases.add("labels not sorted", truth, chance, labels=[2, 0, 3, 1])
    cases.add("strings not sorted", list(STRINGS[truth]), chance, labels=["dog", "cat", "fox", "eel"])
    cases.add("a label missing", truth, chance, labels=[0, 1, 2, 4])
    cases.add("too few labels", np.minimum(truth, 2), chance, labels=[0, 1, 2])
    cases.add("one label", [1, 1], [0.5, 0.6])
    cases.add("one label, named", [1, 1], [0.5, 0.6], labels=[1])
    cases.add("one class, both named", [1, 1], [0.5, 0.6], labels=[0, 1])
    cases.add("no probabilities, above", truth, chance * 4)
    cases.add("no probabilities, below", truth, -chance)
    cases.add("not summing to 1", truth, chance * 0.9)
    for factor in [1 + 2e-8, 1 + 3e-8]:
        cases.add(f"summing to {factor}", truth, chance * factor)
    for factor in [1.0003, 1.0004]:
        cases.add(f"summing to {factor} in float32", truth, (chance * factor).astype(np.float32))
    cases.add("one column for four classes", truth, chance[:, 0])
    cases.add("weights that cancel out", [0, 1], [0.5, 0.6], sample_weight=[1.0, -1.0])
    cases.write()


def brier():
    cases = Cases(metrics.brier_score_loss)
    for n in [3, 50, 120]:
        truth = labels(n, 2)
        chance = rng.random(n)
        cases.add(f"{n} samples", truth, chance)
        cases.add(f"{n} samples, weights", truth, chance, sample_weight=weights(n))
        cases.add(f"{n} samples, a column", truth, chance[:, None])
        cases.add(f"{n} samples, float32", truth, chance.astype(np.float32))
        cases.add(f"{n} samples, posLabel 0", truth, chance, pos_label=0)
        cases.add(f"{n} samples, labels -1 and 1", truth * 2 - 1, chance)
        cases.add(f"{n} samples, labels 3 and 5", truth * 2 + 3, chance)
        cases.add(f"{n} samples, strings", STRINGS[truth], chance, pos_label="cat")
        for half in [True, False, "auto"]:
            cases.add(f"{n} samples, scaleByHalf {half}", truth, chance, scale_by_half=half)
            cases.add(f"{n} samples, two columns, scaleByHalf {half}", truth, probabilities(truth, 2), scale_by_half=half)
    for n, classes in [(12, 3), (100, 5)]:
        truth = labels(n, classes)
        chance = probabilities(truth, classes)
        for half in [True, False, "auto"]:
            cases.add(f"{n} samples, {classes} classes, scaleByHalf {half}", truth, chance, scale_by_half=half)
        cases.add(f"{n} samples, {classes} classes, weights", truth, chance, sample_weight=weights(n))
        cases.add(f"{n} samples, {classes} strings", STRINGS[truth], chance)
        cases.add(f"{n} samples, {classes} classes, float32", truth, chance.astype(np.float32))
    truth = labels(20, 4)
    chance = probabilities(truth, 4)
    cases.add("a class that does not occur", np.minimum(truth, 2), chance, labels=[0, 1, 2, 3])
    cases.add("a class that does not occur, no labels", np.minimum(truth, 2), chance)
    cases.add("labels not sorted", truth, chance, labels=[2, 0, 3, 1])
    cases.add("not summing to 1", truth, chance * 0.9)
    cases.add("strings without posLabel", ["a", "b"], [0.5, 0.6])
    cases.add("one class", [1, 1, 1], [0.5, 0.6, 0.1])
    cases.add("one class, 0", [0, 0, 0], [0.5, 0.6, 0.1])
    cases.add("one class, 7", [7, 7, 7], [0.5, 0.6, 0.1])
    cases.add("one string", ["a", "a"], [0.5, 0.6], pos_label="a")
    cases.add("one class in two columns", [1, 1], [[0.5, 0.5], [0.4, 0.6]])
    cases.add("above 1", [0, 1], [0.5, 1.5])
    cases.add("below 0", [0, 1], [-0.5, 0.5])
    cases.add("one column for three classes", [0, 1, 2], [0.5, 0.5, 0.1])
    cases.write()


def calibration():
    cases = Cases(calibration_curve, ["probTrue", "probPred"])
    for n in [5, 40, 120]:
        truth = labels(n, 2)
        chance = rng.random(n)
        for strategy in ["uniform", "quantile"]:
            for bins in [1, 2, 3, 5, 10, 17]:
                shown = f"{n} samples, {strategy}, {bins} bins"
                cases.add(shown, truth, chance, n_bins=bins, strategy=strategy)
                cases.add(f"{shown}, ties on edges", truth, np.round(chance, 1), n_bins=bins, strategy=strategy)
        cases.add(f"{n} samples, strings", STRINGS[truth], chance, pos_label="dog")
        cases.add(f"{n} samples, posLabel 0", truth, chance, pos_label=0)
        cases.add(f"{n} samples, labels -1 and 1", truth * 2 - 1, chance)
    for n in [11, 21, 31, 41, 51]:
        truth = labels(n, 2)
        for bins in [5, 10, 15, 20]:
            cases.add(f"edges on samples, {n}, {bins} bins", truth, rng.random(n), n_bins=bins, strategy="quantile")
    for strategy in ["uniform", "quantile"]:
        add = partial(cases.add, strategy=strategy)
        add(f"constant, {strategy}", [0, 1, 1], [0.5, 0.5, 0.5])
        add(f"0 and 1, {strategy}", [0, 1, 1, 0], [0.0, 1.0, 1.0, 0.0])
        add(f"one sample, {strategy}", [1], [0.25])
        add(f"one class, {strategy}", [0, 0, 0], [0.1, 0.4, 0.9])
        add(f"more bins than samples, {strategy}", [0, 1], [0.1, 0.9], n_bins=30)
    cases.add("strings without posLabel", ["a", "b"], [0.5, 0.6])
    cases.add("labels 1 and 2 without posLabel", [1, 2], [0.5, 0.6])
    cases.add("three labels", [0, 1, 2], [0.5, 0.6, 0.1])
    cases.add("three labels with posLabel", [0, 1, 2], [0.5, 0.6, 0.1], pos_label=1)
    cases.add("above 1", [0, 1], [0.5, 1.5])
    cases.add("below 0", [0, 1], [-0.5, 0.5])
    cases.add("no bins", [0, 1], [0.5, 0.5], n_bins=0)
    cases.write()


balanced_accuracy()
matthews()
cohen_kappa()
curves(metrics.roc_curve, ["fpr", "tpr", "thresholds"], [True, False]).write()
curves(metrics.precision_recall_curve, ["precision", "recall", "thresholds"], [False, True]).write()
areas()
roc_auc()
average_precision()
top_k()
log_losses()
brier()
calibration()
