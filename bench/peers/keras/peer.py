"""Keras: `python peer.py --threads 2 --backend jax`."""

import argparse
import itertools
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from serve import Unsupported, peak, pictures, protocol_output, serve, timed  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--backend", choices=["tensorflow", "jax"], required=True)
parser.add_argument("--train", help="train a network as a whole process: a request as JSON")
options = parser.parse_args()
output = protocol_output()


def take_cores(count):
    """XLA makes a thread for every core it may use: so the cores are chosen, before it is loaded."""
    if not hasattr(os, "sched_setaffinity"):
        return os.cpu_count()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])
    return len(os.sched_getaffinity(0))


cores = take_cores(options.threads)
os.environ["KERAS_BACKEND"] = options.backend
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["JAX_PLATFORMS"] = "cpu"
tensorflow = options.backend == "tensorflow"
if tensorflow:
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(options.threads)
else:
    import jax

import keras  # noqa: E402

keras.utils.set_random_seed(1)
layers = keras.layers


def layer(spec):
    """A layer of a list in networks.mjs."""
    kind = spec["layer"]
    if kind == "rescaling":
        return layers.Rescaling(spec["scale"])
    if kind == "conv2d":
        names = ("filters", "strides", "padding", "activation")
        options = {name: spec[name] for name in names}
        return layers.Conv2D(kernel_size=spec["kernelSize"], use_bias=spec.get("useBias", True), **options)
    if kind == "depthwiseConv2d":
        options = {name: spec[name] for name in ("strides", "padding")}
        return layers.DepthwiseConv2D(kernel_size=spec["kernelSize"], use_bias=spec["useBias"], **options)
    if kind == "batchNormalization":
        return layers.BatchNormalization()
    if kind == "activation":
        return layers.Activation(spec["activation"])
    if kind == "maxPooling2d":
        return layers.MaxPooling2D(spec["poolSize"])
    if kind == "averagePooling2d":
        return layers.AveragePooling2D(spec["poolSize"])
    if kind == "globalAveragePooling2d":
        return layers.GlobalAveragePooling2D()
    if kind == "flatten":
        return layers.Flatten()
    if kind == "dropout":
        return layers.Dropout(spec["rate"])
    if kind == "dense":
        return layers.Dense(spec["units"], activation=spec["activation"])
    raise Unsupported(f"there is no layer {kind}")


def chain(x, specs):
    for spec in specs:
        if spec["layer"] == "residual":
            x = layers.Add()([chain(x, spec["body"]), chain(x, spec["shortcut"])])
        else:
            x = layer(spec)(x)
    return x


def network(request):
    """The network, compiled as a user of Keras compiles it."""
    inputs = layers.Input(request["input"])
    model = keras.Model(inputs, chain(inputs, request["layers"]))
    model.compile(
        loss="sparse_categorical_crossentropy",
        optimizer=keras.optimizers.Adam(1e-3),
        metrics=["accuracy"],
    )
    return model


class Model:
    def __init__(self, request):
        if request["kind"] != "network":
            raise Unsupported("kernels alone are not measured")
        self.batch = request["batch"]
        self.x, self.y = pictures(request["data"])
        self.model = network(request)
        self.facts = {"parameters": self.model.count_params()}
        self.parts = {}

    def batches(self, labels):
        """Batches in memory, as often as wanted, without what fit does to make them."""
        if labels not in self.parts:
            count = min(8, len(self.x) // self.batch)
            x = self.x[: count * self.batch].reshape(count, self.batch, *self.x.shape[1:])
            y = self.y[: count * self.batch].reshape(count, self.batch)
            parts = (x, y) if labels else (x,)
            if tensorflow:
                self.parts[labels] = tf.data.Dataset.from_tensor_slices(parts).repeat()
            else:
                self.parts[labels] = [tuple(jax.numpy.asarray(part[i]) for part in parts) for i in range(count)]
        made = self.parts[labels]
        return iter(made) if tensorflow else itertools.cycle(made)

    def step(self, count):
        """The compiled step of fit, called as fit calls it."""
        model, iterator = self.model, self.batches(True)
        model.make_train_function()
        if tensorflow:

            def work():
                for _ in range(count):
                    logs = model.train_function(iterator)
                float(logs["loss"])

            return timed(work)
        model._symbolic_build(data_batch=next(iterator))
        names = ("trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables")
        return self.jax_timed(names, lambda state: model.train_function(state, iterator), count)

    def jax_timed(self, names, step, count):
        """Takes the variables out of the model, as Keras does for an epoch, since a step gives their memory up."""
        model = self.model
        model._jax_state_synced = True
        state = model._get_jax_state(**dict.fromkeys(names, True), purge_model_variables=True)

        def work():
            nonlocal state
            for _ in range(count):
                output, state = step(state)
            jax.block_until_ready((output, state))

        milliseconds = timed(work)
        model._jax_state = dict(zip(names, state))
        model._jax_state_synced = False
        model.jax_state_sync()
        return milliseconds

    def inference(self, count):
        """The compiled function of predict, called as predict calls it."""
        model, iterator = self.model, self.batches(False)
        model.make_predict_function()
        if tensorflow:

            def work():
                for _ in range(count):
                    output = model.predict_function([next(iterator)])
                output.numpy()

            return timed(work)
        names = ("trainable_variables", "non_trainable_variables")
        return self.jax_timed(names, lambda state: model.predict_function(state, iterator), count)

    def single(self, count):
        some = [self.x[i : i + 1] for i in range(min(count, 64))]

        def work():
            for i in range(count):
                self.model.predict_on_batch(some[i % len(some)])

        return timed(work)

    def fit(self, count):
        x, y = self.x[: count * self.batch], self.y[: count * self.batch]
        return timed(lambda: self.model.fit(x, y, batch_size=self.batch, epochs=1, verbose=0))

    def sample(self, measure, count):
        measures = {"step": self.step, "inference": self.inference, "single": self.single, "fit": self.fit}
        if measure not in measures:
            raise Unsupported(f"{measure} is not measured")
        return measures[measure](count)

    def drop(self):
        self.parts = self.model = None
        keras.backend.clear_session()


def hello():
    backend = {"tensorflow": tf.__version__} if tensorflow else {"jax": jax.__version__}
    versions = {"keras": keras.__version__, **backend, "python": sys.version.split()[0]}
    return {"versions": versions, "threads": cores}


def train(request):
    """Everything a user's program does: data, network, fit with validation, test."""
    x, y = pictures(request["data"])
    model = network(request)
    model.fit(
        x,
        y,
        batch_size=request["batch"],
        epochs=request["epochs"],
        validation_split=request["validationSplit"],
        verbose=0,
    )
    test = pictures(request["test"])
    _, accuracy = model.evaluate(*test, batch_size=request["batch"], verbose=0)
    return {"accuracy": accuracy, "peak": peak()}


if options.train is None:
    serve(hello, Model, output)
else:
    output.write(json.dumps(train(json.loads(options.train))) + "\n")
    output.flush()
