"""A peer's side of the protocol (../protocol.mjs) in Python: reads requests, calls what answers them, writes lines."""

import json
import os
import sys
import time
import traceback


class Unsupported(Exception):
    """Thrown by a peer for what it cannot do."""


def pictures(data):
    """The pictures [n, h, w, c] and labels [n] of a request, as bytes in memory."""
    import numpy

    def read(part, shape):
        return numpy.fromfile(part["file"], dtype=numpy.uint8, offset=part["offset"], count=-1)[
            : int(numpy.prod(shape))
        ].reshape(shape)

    rows = data["rows"]
    return read(data["images"], [rows, *data["shape"]]), read(data["labels"], [rows])


def timed(work):
    """Milliseconds that work() takes."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def peak():
    """Bytes of memory this process has used at its peak."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        import resource

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def protocol_output():
    """The output belongs to the protocol: what a library prints goes to the other one."""
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return output


def serve(hello, make, output):
    """Answers requests until the input ends. make(request) gives an object with sample(measure, count), facts and drop()."""
    made = {}

    def answer(request):
        what = request["do"]
        if what == "hello":
            return hello()
        if what == "make":
            made[request["id"]] = make(request)
            return made[request["id"]].facts
        if what == "sample":
            return {"milliseconds": made[request["id"]].sample(request["measure"], request["count"])}
        if what == "drop":
            made.pop(request["id"]).drop()
            return {}
        raise ValueError(f"no such request: {what}")

    for line in sys.stdin:
        try:
            said = answer(json.loads(line))
        except Unsupported as reason:
            said = {"unsupported": str(reason)}
        except Exception as error:
            traceback.print_exc()
            said = {"error": f"{type(error).__name__}: {error}"}
        output.write(json.dumps(said) + "\n")
        output.flush()
