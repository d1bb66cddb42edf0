/** Small examples worked out by hand, one or more for every op that makes a value. */

import { describe, expect, it } from "vitest";
import { graphValues } from "../../../test/support/graph-values.js";
import { constant, input, read } from "../leaves.js";
import type { Op } from "../op.js";
import { type Tensor, Variable } from "../tensor.js";
import { type OpName, ops } from "./index.js";

type Nested = number | readonly Nested[];

/** A constant of nested lists. */
function of(list: Nested, dtype: Tensor["dtype"] = "float32"): Tensor {
  const shape: number[] = [];
  for (let level = list; typeof level !== "number"; level = level[0]!) shape.push(level.length);
  return constant([list].flat(9) as number[], shape, dtype);
}

const label = (...list: number[]): Tensor => of(list, "int32");
const window = (padding: "valid" | "same", down = 1, across = 1) => ({ strides: [down, across], padding });
/** A picture of one channel, as a batch of one. */
const picture = (...rows: number[][]): Tensor => of([rows.map((row) => row.map((v) => [v]))]);
const kernel = (...rows: number[][]): Tensor => of(rows.map((row) => row.map((v) => [[v]])));
const grid = picture([1, 2, 3], [4, 5, 6], [7, 8, 9]);
const infinity = Number.POSITIVE_INFINITY;

type Example = [op: OpName, inputs: Tensor[], attributes: object, expected: Nested];
const examples: Example[] = [
  ["activation", [of([-3, 2, 7])], { formula: "rectify", parameters: [0.5, 1, 6] }, [-2, 2, 6]],
  ["activation", [of([-Math.LN2, 2])], { formula: "elu", parameters: [3, 4, 1] }, [-2, 6]],
  ["activation", [of([0, 1])], { formula: "gelu", parameters: [] }, [0, 0.8413447460685429]],
  ["activation", [of([0, 100])], { formula: "softplus", parameters: [] }, [Math.LN2, 100]],
  ["activation", [of([-4, 0, 4])], { formula: "hardSigmoid", parameters: [] }, [0, 0.5, 1]],
  ["activationGradient", [of([-3, 2, 7]), of([4, 5, 6])], { formula: "rectify", parameters: [0.5, 1, 6] }, [2, 5, 0]],
  ["activationGradient", [of([1]), of([2])], { formula: "softsign", parameters: [] }, [0.5]],
  [
    "batchNormalize",
    [
      of([
        [1, 0],
        [3, 8],
      ]),
      of([2, 4]),
      of([10, 1]),
    ],
    { epsilon: 0, activation: "linear" },
    [
      [8, -3],
      [12, 5],
    ],
  ],
  [
    "batchNormalize",
    [
      of([
        [1, 0],
        [3, 8],
      ]),
      of([2, 4]),
      of([10, 1]),
    ],
    { epsilon: 0, activation: "relu6" },
    [
      [6, 0],
      [6, 5],
    ],
  ],
  [
    "batchNormalizeGradients",
    [of([[-1], [0], [1]]), of([2]), of([0]), of([0]), of([3]), of([[1], [1], [4]])],
    { epsilon: 1, activation: "linear" },
    [[-0.75], [-1], [1.75]],
  ],
  [
    "scaleChannels",
    [
      of([
        [1, 2],
        [3, 4],
      ]),
      of([2, -1]),
      of([1, 3]),
    ],
    { activation: "relu" },
    [
      [3, 1],
      [7, 0],
    ],
  ],
  ["absolute", [of([-1.5, 0, 2])], {}, [1.5, 0, 2]],
  [
    "add",
    [
      of([
        [1, 2],
        [3, 4],
      ]),
      of([10, 20]),
    ],
    {},
    [11, 22, 13, 24],
  ],
  [
    "argmax",
    [
      of([
        [1, 3, 3],
        [5, 4, 5],
      ]),
    ],
    {},
    [1, 0],
  ],
  // Corners, edges and the middle have 4, 6 and 9 real pixels.
  ["averagePool2d", [grid], { poolSize: [3, 3], ...window("same") }, [3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7]],
  ["averagePool2d", [grid], { poolSize: [2, 2], ...window("valid") }, [3, 4, 6, 7]],
  [
    "averagePool2dGradient",
    [picture([4, 8], [12, 16])],
    { poolSize: [2, 2], ...window("valid"), height: 3, width: 3 },
    [1, 3, 2, 4, 10, 6, 3, 7, 4],
  ],
  ["broadcastTo", [of([[1], [2]])], { shape: [2, 2, 3] }, [1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2]],
  ["cast", [of([1.9, -1.9, 3e9, -3e9, Number.NaN])], { dtype: "int32" }, [1, -1, 2 ** 31 - 1, -(2 ** 31), 0]],
  ["cast", [of([255.9, 256, -1])], { dtype: "uint8" }, [255, 0, 255]],
  ["cast", [of([0, -0.5, Number.NaN])], { dtype: "bool" }, [0, 1, 1]],
  ["castScale", [of([0, 100, 255], "uint8")], { scale: 2, offset: -1 }, [-1, 199, 509]],
  ["clip", [of([-2, 0.5, 2])], { minimum: -1, maximum: 1 }, [-1, 0.5, 1]],
  ["conv2d", [grid, kernel([1, 0], [0, -1])], window("valid"), [-4, -4, -4, -4]],
  // Padded below and to the right: an even kernel has its odd zero there.
  ["conv2d", [grid, kernel([1, 0], [0, -1])], window("same"), [-4, -4, 3, -4, -4, 6, 7, 8, 9]],
  ["conv2d", [grid, kernel([1, 1, 1], [1, 1, 1], [1, 1, 1])], window("same", 2, 2), [12, 16, 24, 28]],
  ["conv2d", [grid, kernel([1, 1, 1], [1, 1, 1], [1, 1, 1])], window("same", 1, 3), [21, 45, 39]],
  // Two channels in, two filters out: [1 * 1 + 2 * 3, 1 * 2 + 2 * 4].
  [
    "conv2d",
    [
      of([[[[1, 2]]]]),
      of([
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
      ]),
    ],
    window("valid"),
    [7, 10],
  ],
  [
    "conv2dBias",
    [grid, kernel([1, 0], [0, -1]), of([1])],
    { ...window("valid"), activation: "linear" },
    [-3, -3, -3, -3],
  ],
  [
    "conv2dBias",
    [grid, kernel([1, 0], [0, -1]), of([5])],
    { ...window("same"), activation: "relu" },
    [1, 1, 8, 1, 1, 11, 12, 13, 14],
  ],
  // The convolution is [[-4, -4], [-4, -4]] + 5.
  [
    "conv2dMaxPool",
    [grid, kernel([1, 0], [0, -1]), of([5])],
    { ...window("valid"), activation: "relu", poolSize: [2, 2], poolStrides: [2, 2], poolPadding: "valid" },
    [1],
  ],
  [
    "conv2dGradients",
    [picture([0, 0, 0], [0, 0, 0], [0, 0, 0]), kernel([1, 10], [100, 1000]), picture([1, 2], [3, 4])],
    window("valid"),
    [1, 12, 20, 103, 1234, 2040, 300, 3400, 4000],
  ],
  [
    "conv2dReluGradients",
    [
      picture([0, 0, 0], [0, 0, 0], [0, 0, 0]),
      kernel([1, 10], [100, 1000]),
      picture([0, 1], [1, -1]),
      picture([1, 2], [3, 4]),
    ],
    window("valid"),
    [0, 2, 20, 3, 230, 2000, 300, 3000, 0],
  ],
  // The route leads to the lower left one of the four.
  [
    "conv2dMaxPoolGradients",
    [picture([0, 0, 0], [0, 0, 0], [0, 0, 0]), kernel([1, 10], [100, 1000]), of([[[[2]]]], "uint8"), picture([3])],
    { ...window("valid"), activation: "relu", poolSize: [2, 2], poolStrides: [2, 2], poolPadding: "valid" },
    [0, 0, 0, 3, 30, 0, 300, 3000, 0],
  ],
  [
    "conv2dInputGradient",
    [picture([1, 2], [3, 4]), kernel([1, 10], [100, 1000])],
    { ...window("valid"), height: 3, width: 3 },
    [1, 12, 20, 103, 1234, 2040, 300, 3400, 4000],
  ],
  ["conv2dFilterGradient", [grid, picture([1, 0], [0, 1])], { ...window("valid"), kernelSize: [2, 2] }, [6, 8, 12, 14]],
  [
    "dense",
    [
      of([[1, 2]]),
      of([
        [3, 4],
        [5, 6],
      ]),
      of([-20, 1]),
    ],
    { transposeA: false, transposeB: false, activation: "relu" },
    [0, 17],
  ],
  [
    "concatenate",
    [
      of([
        [1, 2],
        [3, 4],
      ]),
      of([[5], [6]]),
    ],
    { axis: 1 },
    [1, 2, 5, 3, 4, 6],
  ],
  [
    "concatenate",
    [
      of([[1, 2]]),
      of([
        [3, 4],
        [5, 6],
      ]),
    ],
    { axis: 0 },
    [1, 2, 3, 4, 5, 6],
  ],
  ["divide", [of([1, -1, 0]), of([2, 0, 5])], {}, [0.5, -infinity, 0]],
  ["equal", [of([1, 2, Number.NaN]), of([1, 3, Number.NaN])], {}, [1, 0, 0]],
  ["exp", [of([0, 1, -infinity])], {}, [1, Math.E, 0]],
  [
    "gatherRows",
    [
      of([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      label(2, 0, 2),
    ],
    {},
    [5, 6, 1, 2, 5, 6],
  ],
  [
    "gatherScale",
    [
      of(
        [
          [1, 2],
          [3, 4],
        ],
        "uint8",
      ),
      label(1),
    ],
    { scale: 0.5, offset: 1 },
    [2.5, 3],
  ],
  ["greater", [of([1, 2, 3]), of([2, 2, 2])], {}, [0, 0, 1]],
  ["greaterEqual", [of([1, 2, 3]), of([2, 2, 2])], {}, [0, 1, 1]],
  ["log", [of([1, Math.E, 0])], {}, [0, 1, -infinity]],
  ["logSoftmax", [of([0, Math.log(3)])], {}, [Math.log(0.25), Math.log(0.75)]],
  ["logSoftmax", [of([1000, 0])], {}, [0, -1000]],
  [
    "matmul",
    [
      of([
        [1, 2],
        [3, 4],
      ]),
      of([
        [5, 6],
        [7, 8],
      ]),
    ],
    { transposeA: false, transposeB: false },
    [19, 22, 43, 50],
  ],
  [
    "matmul",
    [
      of([
        [1, 2],
        [3, 4],
      ]),
      of([
        [5, 6],
        [7, 8],
      ]),
    ],
    { transposeA: true, transposeB: false },
    [26, 30, 38, 44],
  ],
  [
    "matmul",
    [
      of([
        [1, 2],
        [3, 4],
      ]),
      of([
        [5, 6],
        [7, 8],
      ]),
    ],
    { transposeA: false, transposeB: true },
    [17, 23, 39, 53],
  ],
  [
    "matmul",
    [
      of([
        [1, 2],
        [3, 4],
      ]),
      of([
        [5, 6],
        [7, 8],
      ]),
    ],
    { transposeA: true, transposeB: true },
    [23, 31, 34, 46],
  ],
  ["maximum", [of([1, 5]), of(3)], {}, [3, 5]],
  ["maxPool2d", [grid], { poolSize: [2, 2], ...window("valid") }, [5, 6, 8, 9]],
  ["maxPool2d", [grid], { poolSize: [2, 2], ...window("same", 2, 2) }, [5, 6, 8, 9]],
  ["maxPool2d", [picture([-1, -2], [-3, -4])], { poolSize: [3, 3], ...window("same") }, [-1, -1, -1, -1]],
  // Ties go to the first; the 5 in the middle wins three windows.
  [
    "maxPool2dGradient",
    [picture([1, 1, 0], [1, 5, 5], [0, 5, 0]), picture([5, 5], [5, 5]), picture([1, 2], [3, 4])],
    { poolSize: [2, 2], ...window("valid") },
    [0, 0, 0, 0, 10, 0, 0, 0, 0],
  ],
  [
    "maxPool2dGradient",
    [picture([2, 2]), picture([2]), picture([7])],
    { poolSize: [1, 2], ...window("valid") },
    [7, 0],
  ],
  ["minimum", [of([1, 5]), of(3)], {}, [1, 3]],
  ["multiply", [of([[1], [2]]), of([3, 4])], {}, [3, 4, 6, 8]],
  ["negate", [of([1, -2])], {}, [-1, 2]],
  ["oneHot", [label(2, 0, 3, -1)], { classes: 3 }, [0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]],
  [
    "pad",
    [
      of([
        [1, 2],
        [3, 4],
      ]),
    ],
    { axis: 1, before: 1, after: 2 },
    [0, 1, 2, 0, 0, 0, 3, 4, 0, 0],
  ],
  ["reciprocal", [of([2, -4])], {}, [0.5, -0.25]],
  [
    "reduceMax",
    [
      of([
        [1, 7],
        [3, 4],
      ]),
    ],
    { axes: [0], keepDims: false },
    [3, 7],
  ],
  [
    "reduceMax",
    [
      of([
        [1, 7],
        [3, 4],
      ]),
    ],
    { axes: [0, 1], keepDims: true },
    [7],
  ],
  [
    "reduceSum",
    [
      of([
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ]),
    ],
    { axes: [0, 2], keepDims: false },
    [14, 22],
  ],
  ["relu", [of([-1, 0, 2, -infinity])], {}, [0, 0, 2, 0]],
  ["reluGradient", [of([0, 2, 0, 3]), of([1, 2, 3, 4])], {}, [0, 2, 0, 4]],
  [
    "resample",
    [
      of([
        [1, 2],
        [3, 4],
      ]),
    ],
    { axis: 1, starts: [0, 1, 1, 3], sources: [1, 0, 1], weights: [1, 0.5, -2] },
    [2, 0, -3.5, 4, 0, -6.5],
  ],
  ["round", [of([0.5, 1.5, 2.5, -0.5, -1.2, 3.7])], {}, [0, 2, 2, 0, -1, 4]],
  [
    "reshape",
    [
      of([
        [1, 2],
        [3, 4],
      ]),
    ],
    { shape: [4] },
    [1, 2, 3, 4],
  ],
  ["rowCount", [input("x", [null, 3], "float32")], {}, [4]],
  [
    "select",
    [
      of([1, 0], "bool"),
      of([
        [1, 2],
        [3, 4],
      ]),
      of(9),
    ],
    {},
    [1, 9, 3, 9],
  ],
  ["sigmoid", [of([0, Math.log(3), 1000, -1000])], {}, [0.5, 0.75, 1, 0]],
  ["sigmoidGradient", [of([0.25, 1]), of([2, 3])], {}, [0.375, 0]],
  ["sign", [of([-3, 0, 7])], {}, [-1, 0, 1]],
  [
    "softmax",
    [
      of([
        [0, Math.log(3)],
        [1000, 1000],
      ]),
    ],
    {},
    [0.25, 0.75, 0.5, 0.5],
  ],
  // y (dy - sum dy y): the sum is 0.25 * 1 + 0.75 * 5 = 4.
  ["softmaxGradient", [of([0.25, 0.75]), of([1, 5])], {}, [-0.75, 0.75]],
  [
    "softmaxCrossentropyGradient",
    [
      of([
        [0.25, 0.75],
        [0, 1],
      ]),
      label(1, 0),
      of([2, 2]),
    ],
    {},
    [0.5, -0.5, 0, 0],
  ],
  [
    "sparseCategoricalCrossentropy",
    [
      of([
        [1, 3],
        [0, 1],
        [0, 1],
      ]),
      label(1, 0, 1),
    ],
    {},
    [-Math.log(0.75), -Math.log(1e-7), -Math.log(1 - 1e-7)],
  ],
  // [1/4, 1/4 - 1/3] times g; nothing where the clip cuts.
  [
    "sparseCategoricalCrossentropyGradient",
    [
      of([
        [1, 3],
        [0, 1],
      ]),
      label(1, 0),
      of([12, 5]),
    ],
    {},
    [3, -1, 0, 0],
  ],
  [
    "sparseSoftmaxCrossentropy",
    [
      of([
        [0, Math.log(3)],
        [1000, 0],
      ]),
      label(1, 1),
    ],
    {},
    [-Math.log(0.75), 1000],
  ],
  [
    "slice",
    [
      of([
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
      ]),
    ],
    { axis: 1, from: 1, length: 2 },
    [3, 4, 5, 6],
  ],
  ["sparseSoftmaxCrossentropyGradient", [of([[0, Math.log(3)]]), label(0), of([4])], {}, [-3, 3]],
  ["sqrt", [of([0, 2.25])], {}, [0, 1.5]],
  ["square", [of([-3, 0.5])], {}, [9, 0.25]],
  ["subtract", [of([5, 6]), of([[1], [2]])], {}, [4, 5, 3, 4]],
  ["tanh", [of([0, Math.log(2), 1000])], {}, [0, 0.6, 1]],
  ["tanhGradient", [of([0.5, 1]), of([2, 3])], {}, [1.5, 0]],
  ["transpose", [of([[[1, 2, 3]], [[4, 5, 6]]])], { permutation: [2, 0, 1] }, [1, 4, 2, 5, 3, 6]],
];

function call(op: OpName, inputs: readonly Tensor[], attributes: object): number[] {
  const y = (ops[op] as unknown as (inputs: readonly Tensor[], attributes: object) => Tensor)(inputs, attributes);
  return [...graphValues({ name: op, outputs: { y }, effects: [] }).y!];
}

describe("ops", () => {
  it.each(examples)("%s", (op, inputs, attributes, expected) => {
    const close = ([expected].flat(9) as number[]).map((v) => (Number.isFinite(v) ? expect.closeTo(v, 9) : v));
    expect(call(op, inputs, attributes)).toEqual(close);
  });

  it("have an example each, but for effects and what is random", () => {
    const shown = new Set(examples.map(([op]) => op));
    const missing = (Object.keys(ops) as OpName[]).filter((op) => {
      const writes = (ops[op].definition as { writes?: readonly number[] }).writes;
      return writes === undefined && op !== "dropout" && op !== "randomNormal" && !shown.has(op);
    });
    expect(missing).toEqual([]);
  });

  it("give their further results", () => {
    const others = (op: Op, inputs: readonly Tensor[], attributes: object): number[][] => {
      const first = (op as unknown as (inputs: readonly Tensor[], attributes: object) => Tensor)(inputs, attributes);
      return op.definition.others!.map((_, i) => [
        ...graphValues({ name: "parts", outputs: { y: op.part(first, i + 1) }, effects: [] }).y!,
      ]);
    };
    const given = window("valid");
    const pool = { poolSize: [2, 2], poolStrides: [2, 2], poolPadding: "valid" };
    const dy = picture([1, 0], [0, 1]);
    expect(others(ops.conv2dGradients as unknown as Op, [grid, kernel([0, 0], [0, 0]), dy], given)).toEqual([
      [6, 8, 12, 14],
      [2],
    ]);
    const y = picture([1, 0], [0, 0]);
    expect(others(ops.conv2dReluGradients as unknown as Op, [grid, kernel([0, 0], [0, 0]), y, dy], given)).toEqual([
      [1, 2, 4, 5],
      [1],
    ]);
    const routed = { ...given, ...pool, activation: "relu" };
    const inputs = [grid, kernel([0, 0], [0, 1]), of([-100])];
    expect(others(ops.conv2dMaxPool as unknown as Op, inputs, routed)).toEqual([[255]]);
    expect(others(ops.conv2dMaxPool as unknown as Op, inputs, { ...routed, activation: "linear" })).toEqual([[3]]);
    const gradients = [grid, kernel([0, 0], [0, 0]), of([[[[1]]]], "uint8"), picture([10])];
    expect(others(ops.conv2dMaxPoolGradients as unknown as Op, gradients, routed)).toEqual([[20, 30, 50, 60], [10]]);
  });

  it("let NaN through, so that it is noticed", () => {
    for (const op of ["exp", "relu", "sigmoid", "tanh", "sqrt", "log", "negate", "softmax", "sign"] as const) {
      expect(call(op, [of([Number.NaN])], {}), op).toEqual([Number.NaN]);
    }
    expect(call("clip", [of([Number.NaN])], { minimum: 0, maximum: 1 })).toEqual([Number.NaN]);
    expect(call("maximum", [of([Number.NaN, 1]), of([1, Number.NaN])], {})).toEqual([Number.NaN, Number.NaN]);
    expect(call("reduceMax", [of([1, Number.NaN])], { axes: [0], keepDims: false })).toEqual([Number.NaN]);
    expect(call("maxPool2d", [picture([1, Number.NaN])], { poolSize: [1, 2], ...window("valid") })).toEqual([
      Number.NaN,
    ]);
  });
});

describe("dropout", () => {
  const state = read(new Variable("state", [4], "int32"));
  const ones = constant(1, [10000]);
  const kept = (rate: number, stream: number) => call("dropout", [ones, state], { rate, stream });

  it("drops about its rate and scales the rest, so that the sum stays", () => {
    const values = kept(0.25, 1);
    expect(new Set(values)).toEqual(new Set([0, 1 / 0.75]));
    expect(values.reduce((a, b) => a + b, 0) / 10000).toBeCloseTo(1, 1);
    expect(kept(0, 1).every((v) => v === 1)).toBe(true);
  });

  it("drops the same for the same stream and state, else something else", () => {
    expect(kept(0.5, 1)).toEqual(kept(0.5, 1));
    expect(kept(0.5, 1)).not.toEqual(kept(0.5, 2));
  });
});
