"""The public names of Keras's rooms, for docs/keras.md: what each is called itself, without its other names."""

import inspect

import keras
from golden import write

ROOMS = {
    "layers": keras.layers,
    "activations": keras.activations,
    "losses": keras.losses,
    "metrics": keras.metrics,
    "optimizers": keras.optimizers,
    "schedules": keras.optimizers.schedules,
    "initializers": keras.initializers,
    "regularizers": keras.regularizers,
    "constraints": keras.constraints,
    "callbacks": keras.callbacks,
}
# How a room makes things of names and configurations, and what its things are made from.
MACHINERY = {
    "get", "serialize", "deserialize", "Layer", "Loss", "Metric", "Optimizer", "LearningRateSchedule", "Initializer",
    "Regularizer", "Constraint", "Callback", "CallbackList", "InputSpec", "OptimizerMap", "Wrapper",
}  # fmt: skip


def names(room, module):
    for name in dir(module):
        thing = getattr(module, name)
        if name.startswith("_") or name in MACHINERY or not callable(thing):
            continue
        # Activations are functions; elsewhere functions are what the classes of the room have besides.
        if inspect.isclass(thing) != (room != "activations"):
            continue
        # A name that is not its own is another one of a thing, or the only one that the room has.
        if thing.__name__ == name or getattr(module, thing.__name__, None) is not thing:
            yield name


write("keras-names", {room: sorted(names(room, module)) for room, module in ROOMS.items()})
