"""Writes goldens: what the real libraries compute, as small JSON files that test/support/goldens.ts reads.

Not what is in them: each of the other programs here makes one kind. The text depends on the values alone: keys are
sorted, and numbers are written so that reading gives the same bits.

    from golden import write

    write("softmax", {"cases": [{"name": "two rows", "x": x, "y": y}]})  # test/goldens/softmax.json

Values are dicts with string keys, lists, tuples, strings, booleans, None, numbers and numpy arrays (anything with
__array__, so tensors too). An array becomes { "shape", "dtype", "data" }: up to 16 finite elements as plain numbers,
more as base64 of their little-endian bytes. dtypes are float32, float64, int32, uint8 and bool; int64 becomes int32.
NaN and the infinities as single numbers become { "number": "NaN" }.
"""

import base64
import json
import math
import re
import sys
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent.parent
DTYPES = {"float32", "float64", "int32", "uint8", "bool"}
PLAIN_ELEMENTS = 16
LINE = 120
LIBRARIES = {"keras": "keras", "numpy": "numpy", "scipy": "scipy", "sklearn": "scikit-learn", "tensorflow": "tensorflow"}


def write(name, value):
    """Writes the dict `value` to test/goldens/<name>.json, with the versions of the libraries in use."""
    if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) is None:
        raise ValueError(f"the name of a golden is words in small letters, joined by '-'; received {name!r}")
    if not isinstance(value, dict) or "versions" in value:
        raise ValueError(f"{name}: a golden is a dict, without 'versions', which is added")
    versions = {shown: sys.modules[module].__version__ for module, shown in LIBRARIES.items() if module in sys.modules}
    text = _text(_plain({**value, "versions": versions}, name), "") + "\n"
    file = FOLDER / f"{name}.json"
    # Line ends as git keeps them, on every system.
    file.write_text(text, encoding="utf-8", newline="\n")
    print(f"test/goldens/{file.name}: {len(text.encode()) / 1024:.1f} kB", flush=True)


def _plain(value, where):
    """The value in JSON's own types."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        if abs(value) > 2**53:
            raise ValueError(f"{where}: {value} is no exact number in JavaScript")
        return value
    if isinstance(value, float) and not isinstance(value, np.generic):
        return value if math.isfinite(value) else {"number": _name_of(value)}
    if isinstance(value, np.generic):
        return _plain(value.item(), where)
    if isinstance(value, dict):
        if any(not isinstance(key, str) for key in value):
            raise TypeError(f"{where}: keys must be strings")
        return {key: _plain(element, f"{where}.{key}") for key, element in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(element, f"{where}[{index}]") for index, element in enumerate(value)]
    if hasattr(value, "__array__"):
        return _array(np.asarray(value), where)
    raise TypeError(f"{where}: {type(value).__name__} has no form in a golden")


def _array(array, where):
    if array.dtype == np.int64:
        if array.size > 0 and max(abs(int(array.min())), abs(int(array.max()))) >= 2**31:
            raise ValueError(f"{where}: does not fit int32")
        array = array.astype(np.int32)
    dtype = array.dtype.name
    if dtype not in DTYPES:
        raise TypeError(f"{where}: an array of {dtype} has no form in a golden")
    finite = array.dtype.kind != "f" or bool(np.isfinite(array).all())
    if array.size <= PLAIN_ELEMENTS and finite:
        data = [_shortest(element) for element in array.ravel()]
    else:
        data = base64.b64encode(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()).decode("ascii")
    return {"shape": list(array.shape), "dtype": dtype, "data": data}


def _shortest(element):
    """The number with the fewest digits that gives the same element of its dtype."""
    if not isinstance(element, np.float32):
        return element.item()
    short = float(str(element))
    return short if np.float32(short) == element else element.item()


def _name_of(value):
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _text(value, indent):
    """JSON in lines that a diff can show: what fits into a line is one."""
    line = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)
    if not isinstance(value, (dict, list)) or len(indent) + len(line) <= LINE or _is_array(value):
        return line
    inner = indent + " "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key, ensure_ascii=False)}: {_text(value[key], inner)}" for key in sorted(value)]
    else:
        parts = [_text(element, inner) for element in value]
    brackets = "{}" if isinstance(value, dict) else "[]"
    return f"{brackets[0]}\n{inner}" + f",\n{inner}".join(parts) + f"\n{indent}{brackets[1]}"


def _is_array(value):
    return isinstance(value, dict) and value.keys() == {"shape", "dtype", "data"}
