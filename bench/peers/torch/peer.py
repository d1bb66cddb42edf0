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

activations = {"relu": nn.ReLU, "tanh": nn.Tanh, "relu6": nn.ReLU6}


class Rescaling(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.scale = scale

    def forward(self, x):
        return x.float() * self.scale


class GlobalAverage(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


class Residual(nn.Module):
    def __init__(self, body, shortcut):
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


def padding(spec):
    """Where a stride pads unevenly, as much on both sides: as many pixels as Keras makes, of as many products."""
    if spec["padding"] == "valid":
        return 0
    if spec["strides"] == [1, 1]:
        return "same"
    if any(size % 2 == 0 for size in spec["kernelSize"]):
        raise Unsupported("same padding of an even kernel with a stride")
    return [size // 2 for size in spec["kernelSize"]]


def network(shape, specs):
    """The layers of a list in networks.mjs up to the logits."""
    model = nn.Sequential(*chain(shape, specs)[0])
    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return model.to(memory_format=torch.channels_last) if channels_last else model


def chain(shape, specs):
    """Modules of a list of layers, and the shape behind them."""
    height, width, channels = shape
    flat = None
    modules = []
    for spec in specs:
        kind = spec["layer"]
        if kind == "rescaling":
            modules.append(Rescaling(spec["scale"]))
        elif kind in ("conv2d", "depthwiseConv2d"):
            size, strides = spec["kernelSize"], spec["strides"]
            filters, groups = (spec["filters"], 1) if kind == "conv2d" else (channels, channels)
            made = dict(stride=strides, padding=padding(spec), groups=groups, bias=spec.get("useBias", True))
            modules.append(nn.Conv2d(channels, filters, size, **made))
            if spec.get("activation", "linear") != "linear":
                modules.append(activations[spec["activation"]]())
            channels = filters
            reach = size if spec["padding"] == "valid" else (1, 1)
            height = (height - reach[0]) // strides[0] + 1
            width = (width - reach[1]) // strides[1] + 1
        elif kind == "batchNormalization":
            # What Keras has by default; its momentum is what is kept.
            modules.append(nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01))
        elif kind == "activation":
            modules.append(activations[spec["activation"]]())
        elif kind == "residual":
            body, after = chain((height, width, channels), spec["body"])
            shortcut, _ = chain((height, width, channels), spec["shortcut"])
            modules.append(Residual(nn.Sequential(*body), nn.Sequential(*shortcut)))
            height, width, channels = after
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
    return modules, (height, width, channels)


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
        # Keras counts the means and variances that batch normalization keeps, PyTorch has them as buffers.
        kept = [value for name, value in self.model.named_buffers() if "running" in name]
        self.facts = {"parameters": sum(value.numel() for value in [*self.model.parameters(), *kept])}

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
