"""Every form that a value takes in a golden: the test compares what is read with values that it makes itself."""

import numpy as np
from golden import write

few = np.arange(6).reshape(2, 3)
many = np.arange(40).reshape(2, 4, 5)
dtypes = ["float32", "float64", "int32", "uint8"]

write(
    "format",
    {
        "few": {dtype: few.astype(dtype) for dtype in dtypes} | {"bool": few > 2},
        "many": {dtype: many.astype(dtype) for dtype in dtypes} | {"bool": many % 2 == 1},
        "int64": many,
        "strided": many.astype("float32").transpose(2, 0, 1)[::2],
        "scalar": np.full((), 0.1),
        "empty": np.zeros((0, 3), "float32"),
        "tenths": {"float32": np.float32([0.1, -0.3, 1e-45, 3.4028235e38]), "float64": np.float64([0.1, 5e-324])},
        "notFinite": np.float32([np.nan, np.inf, -np.inf, -0.0]),
        "numbers": [0.1, np.float64(1e300), 7, np.int64(-3), float("nan"), float("inf"), -float("inf")],
        "others": {"text": "é😀", "none": None, "yes": True, "no": np.bool_(False), "list": [[], {}]},
    },
)
