"""PyTorch, eager: `python peer.py --threads 2 --layout channels_last`."""

import argparse
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from serve import Unsupported, peak, pictures, protocol_output, serve, timed  # noqa: E402

output = protocol_output()

import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--layout", choices=["contiguous", "channels_last"], default="contiguous")
parser.add_argument("--train", help="train a network as a whole process: a request as JSON")
options = parser.parse_args()
torch.set_num_threads(options.threads)
torch.manual_seed(1)
channels_last = options.layout == "channels_last"

activations = {"relu": nn.ReLU, "tanh": nn.Tanh}


class Rescaling(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.scale = scale

    def forward(self, x):
        return x.float() * self.scale


class GlobalAverage(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


def network(shape, specs):
    """The layers of a list in networks.mjs up to the logits, and the modules' order."""
    height, width, channels = shape
    flat = None
    modules = []
    for spec in specs:
        kind = spec["layer"]
        if kind == "rescaling":
            modules.append(Rescaling(spec["scale"]))
        elif kind == "conv2d":
            size, strides = spec["kernelSize"], spec["strides"]
            same = spec["padding"] == "same"
            if same and strides != [1, 1]:
                raise Unsupported("same padding with a stride pads unevenly")
            modules.append(nn.Conv2d(channels, spec["filters"], size, stride=strides, padding="same" if same else 0))
            modules.append(activations[spec["activation"]]())
            channels = spec["filters"]
            if not same:
                height = (height - size[0]) // strides[0] + 1
                width = (width - size[1]) // strides[1] + 1
        elif kind in ("maxPooling2d", "averagePooling2d"):
            pool = spec["poolSize"]
            modules.append((nn.MaxPool2d if kind == "maxPooling2d" else nn.AvgPool2d)(pool))
            height, width = height // pool[0], width // pool[1]
        elif kind == "globalAveragePooling2d":
            modules.append(GlobalAverage())
            flat = channels
        elif kind == "flatten":
            modules.append(nn.Flatten())
            flat = height * width * channels
        elif kind == "dropout":
            modules.append(nn.Dropout(spec["rate"]))
        elif kind == "dense":
            modules.append(nn.Linear(flat, spec["units"]))
            flat = spec["units"]
            # The last one gives logits: the loss wants them, and inference adds the softmax.
            if spec["activation"] != "softmax":
                modules.append(activations[spec["activation"]]())
        else:
            raise Unsupported(f"there is no layer {kind}")
    model = nn.Sequential(*modules)
    for module in model:
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
    return model.to(memory_format=torch.channels_last) if channels_last else model


def tensors(data):
    x, y = pictures(data)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    return torch.from_numpy(x).permute(0, 3, 1, 2).contiguous(memory_format=layout), torch.from_numpy(y).long()


class Model:
    def __init__(self, request):
        self.batch = request["batch"]
        self.x, self.y = tensors(request["data"])
        self.model = network(request["input"], request["layers"])
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3, fused=True)
        self.facts = {"parameters": sum(weight.numel() for weight in self.model.parameters())}

    def step(self, rows):
        self.optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(self.model(self.x[rows]), self.y[rows])
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def train(self, rows):
        self.model.train()
        order = torch.randperm(rows)
        total = torch.zeros(())
        for at in range(0, rows, self.batch):
            total += self.step(order[at : at + self.batch])
        return total.item()

    def accuracy(self, x, y):
        self.model.eval()
        with torch.inference_mode():
            right = sum(
                (self.model(x[at : at + self.batch]).argmax(1) == y[at : at + self.batch]).sum()
                for at in range(0, len(x), self.batch)
            )
        return right.item() / len(x)

    def infer(self, count, batch):
        self.model.eval()
        with torch.inference_mode():
            for i in range(count):
                at = (i * batch) % (len(self.x) - batch + 1)
                torch.softmax(self.model(self.x[at : at + batch]), 1)

    def sample(self, measure, count):
        if measure == "step":
            return timed(lambda: self.train(count * self.batch))
        if measure == "inference":
            return timed(lambda: self.infer(count, self.batch))
        if measure == "single":
            return timed(lambda: self.infer(count, 1))
        raise Unsupported(f"{measure} is not measured")

    def drop(self):
        pass


class Kernel:
    """A product or convolution alone, of bench/kernels.mjs."""

    facts = {}

    def __init__(self, request):
        self.work = self.product(request) if request["op"] == "matmul" else self.convolution(request)

    def product(self, request):
        m, k, n = request["m"], request["k"], request["n"]
        a = torch.rand(k, m).T if request["transposeA"] else torch.rand(m, k)
        b = torch.rand(k, n)
        into = torch.empty(m, n)
        return lambda: torch.matmul(a, b, out=into)

    def convolution(self, request):
        batch, (height, width, channels), size = request["batch"], request["from"], request["kernelSize"]
        layout = torch.channels_last if channels_last else torch.contiguous_format
        rand = lambda *shape: torch.rand(*shape).contiguous(memory_format=layout)  # noqa: E731
        x = rand(batch, channels, height, width)
        w = rand(request["filters"], channels, *size)
        padding = [size[0] // 2, size[1] // 2] if request["padding"] == "same" else [0, 0]
        arguments = (request["strides"], padding, [1, 1], False, [0, 0], 1)
        if request["op"] == "forward":
            return lambda: torch.ops.aten.convolution(x, w, None, *arguments)
        dy = torch.rand_like(torch.ops.aten.convolution(x, w, None, *arguments))
        wanted = [request["op"] == "dX", request["op"] == "dW", False]
        return lambda: torch.ops.aten.convolution_backward(dy, x, w, None, *arguments, wanted)

    def sample(self, measure, count):
        def all():
            with torch.inference_mode():
                for _ in range(count):
                    self.work()

        return timed(all)

    def drop(self):
        self.work = None


def hello():
    return {
        "versions": {"torch": torch.__version__, "python": sys.version.split()[0]},
        "threads": torch.get_num_threads(),
    }


def make(request):
    return (Model if request["kind"] == "network" else Kernel)(request)


def train(request):
    """Everything a user's program does: data, network, epochs with validation, test."""
    model = Model(request)
    rows = len(model.x) - round(len(model.x) * request["validationSplit"])
    for _ in range(request["epochs"]):
        model.train(rows)
        model.accuracy(model.x[rows:], model.y[rows:])
    return {"accuracy": model.accuracy(*tensors(request["test"])), "peak": peak()}


if options.train is None:
    serve(hello, make, output)
else:
    output.write(json.dumps(train(json.loads(options.train))) + "\n")
    output.flush()
