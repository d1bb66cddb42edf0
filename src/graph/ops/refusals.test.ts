/** What ops refuse, and that the message says which op, what it expected and what it received. */

import { describe, expect, it } from "vitest";
import { DataError, OptionError, ShapeError } from "../../core/errors.js";
import type { Dimensions } from "../dimensions.js";
import { input, read } from "../leaves.js";
import { type Tensor, Variable } from "../tensor.js";
import { type OpName, ops } from "./index.js";

/** A tensor: "float32 null 3" is [null, 3]. */
function tensor(text: string): Tensor {
  const [dtype, ...lengths] = text.split(" ");
  const shape: Dimensions = lengths.map((length) => (length === "null" ? null : Number(length)));
  if (shape[0] === null) return input("x", shape, dtype as Tensor["dtype"]);
  return read(new Variable("v", shape as number[], dtype as Tensor["dtype"]));
}

const valid = { strides: [1, 1], padding: "valid" };
const pool = { poolSize: [2, 2], ...valid };
const whole = { transposeA: false, transposeB: false };
const picture = "float32 null 5 5 3";
const filter = "float32 3 3 3 8";

type Refusal = [op: OpName, inputs: string[], attributes: object, error: new (m: string) => Error, message: string];
const refusals: Refusal[] = [
  ["exp", ["int32 3"], {}, DataError, "exp: float32 expected, received int32. Cast it first."],
  ["relu", ["uint8 null 3"], {}, DataError, "relu: float32 expected, received uint8"],
  ["add", ["float32 3", "int32 3"], {}, DataError, "add: both sides must have one dtype, received float32 and int32"],
  ["add", ["uint8 3", "uint8 3"], {}, DataError, "add: float32 or int32 expected, received uint8"],
  ["add", ["float32 3", "float32 4"], {}, ShapeError, "add: shapes [3] and [4] do not broadcast together"],
  ["add", ["float32 null 3", "float32 5 3"], {}, ShapeError, "add: shapes [null, 3] and [5, 3] do not broadcast"],
  ["add", ["float32 null 3", "float32 4 1 3"], {}, ShapeError, "add: shapes [null, 3] and [4, 1, 3]"],
  [
    "batchNormalize",
    ["float32 null 5 3", "float32 3", "float32 4"],
    { epsilon: 1e-3, activation: "linear" },
    ShapeError,
    "batchNormalize: a beta of shape [3] expected, received [4].",
  ],
  [
    "batchNormalize",
    ["float32 null", "float32 1", "float32 1"],
    { epsilon: 1e-3, activation: "linear" },
    ShapeError,
    "batchNormalize: a last axis of at least 1 expected that is not the batch",
  ],
  [
    "batchNormalizeGradients",
    ["float32 null 3", "float32 3", "float32 3", "float32 3", "float32 3", "float32 null 4"],
    { epsilon: 1e-3, activation: "linear" },
    ShapeError,
    "batchNormalizeGradients: dy of shape [null, 3] expected, received [null, 4].",
  ],
  [
    "scaleChannels",
    ["float32 null 3", "int32 3", "float32 3"],
    { activation: "linear" },
    DataError,
    "scaleChannels: float32 expected, received int32",
  ],
  ["divide", ["int32 3", "int32 3"], {}, DataError, "divide: float32 expected, received int32"],
  ["equal", ["bool 3", "bool 3"], {}, DataError, "equal: float32 or int32 expected, received bool"],
  [
    "clip",
    ["float32 3"],
    { minimum: 1, maximum: 0 },
    OptionError,
    "clip: minimum <= maximum expected, received 1 and 0",
  ],
  ["clip", ["float32 3"], { minimum: Number.NaN, maximum: 0 }, OptionError, "received NaN and 0"],
  [
    "select",
    ["float32 3", "float32 3", "float32 3"],
    {},
    DataError,
    "select: bool expected as the condition, received float32",
  ],
  ["select", ["bool 2", "float32 3", "float32 3"], {}, ShapeError, "select: shapes [2] and [3]"],
  [
    "cast",
    ["float64"],
    { dtype: "float32" },
    DataError,
    "cast: float32 or int32 or uint8 or bool expected, received float64",
  ],
  ["cast", ["float32"], { dtype: "float64" }, DataError, "as the dtype to cast to, received float64"],
  [
    "conv2d",
    [picture, "float32 3 3 1 8"],
    { ...valid, groups: 2 },
    ShapeError,
    "conv2d: as many groups as divide channels and filters expected, received 2 (input [null, 5, 5, 3], kernel [3, 3, 1, 8]).",
  ],
  [
    "conv2d",
    [picture, "float32 3 3 1 7"],
    { ...valid, groups: 3 },
    ShapeError,
    "conv2d: as many groups as divide channels and filters expected, received 3",
  ],
  [
    "conv2d",
    [picture, "float32 3 3 3 9"],
    { ...valid, groups: 3 },
    ShapeError,
    "conv2d: the kernel expects 9 input channels in 3 groups, received 3 (input [null, 5, 5, 3]).",
  ],
  [
    "conv2d",
    [picture, filter],
    { ...valid, dilationRate: [2, 0] },
    OptionError,
    "conv2d: dilations must be two whole numbers of at least 1, received [2, 0].",
  ],
  [
    "conv2d",
    [picture, filter],
    { ...valid, dilationRate: [1, 3] },
    ShapeError,
    "conv2d: a window of [3, 7] does not fit into pictures of [5, 5].",
  ],
  [
    "conv2dFilterGradient",
    [picture, "float32 null 3 3 8"],
    { ...valid, groups: 2, kernelSize: [3, 3] },
    ShapeError,
    "as many groups as divide channels and filters expected, received 2",
  ],
  [
    "reluGradient",
    ["float32 3", "float32 4"],
    {},
    ShapeError,
    "reluGradient: y and dy of one shape expected, received [3] and [4]",
  ],
  ["matmul", ["float32 null 3", "float32 4 5"], whole, ShapeError, "matmul: [null, 3] does not multiply [4, 5]"],
  ["matmul", ["float32 null 3", "float32 4 5"], { ...whole, transposeB: true }, ShapeError, "[4, 5] transposed"],
  ["matmul", ["float32 null 3", "float32 5 3"], { ...whole, transposeA: true }, ShapeError, "[null, 3] transposed"],
  ["matmul", ["float32 5 3", "float32 null 3"], { ...whole, transposeB: true }, ShapeError, "matmul: [5, 3]"],
  ["matmul", ["float32 2 5 3", "float32 3 4"], whole, ShapeError, "matmul: [2, 5, 3]"],
  ["matmul", ["int32 5 3", "float32 3 4"], whole, DataError, "matmul: float32 expected, received int32"],
  [
    "dense",
    ["float32 5 3", "float32 3 4", "float32 3"],
    { ...whole, activation: "relu" },
    ShapeError,
    "dense: a bias of shape [4] expected, received [3]",
  ],
  [
    "conv2d",
    ["float32 null 5 5", filter],
    valid,
    ShapeError,
    "conv2d: pictures [batch, height, width, channels] expected, received shape [null, 5, 5]",
  ],
  [
    "conv2d",
    ["float32 null 5 5 1", filter],
    valid,
    ShapeError,
    "conv2d: the kernel expects 3 input channels, received 1 (input [null, 5, 5, 1])",
  ],
  [
    "conv2d",
    [picture, "float32 3 3 3"],
    valid,
    ShapeError,
    "conv2d: a kernel [height, width, channels, filters] expected, received shape [3, 3, 3]",
  ],
  [
    "conv2d",
    [picture, "float32 6 3 3 8"],
    valid,
    ShapeError,
    'conv2d: a window of [6, 3] does not fit into pictures of [5, 5]. Use a smaller one, or padding "same"',
  ],
  [
    "conv2d",
    [picture, filter],
    { ...valid, strides: [0, 1] },
    OptionError,
    "conv2d: window and strides must be two whole numbers of at least 1, received [3, 3] and [0, 1]",
  ],
  [
    "conv2d",
    [picture, filter],
    { ...valid, padding: "full" },
    OptionError,
    'conv2d: padding must be "valid" or "same", received "full"',
  ],
  ["conv2d", ["uint8 null 5 5 3", filter], valid, DataError, "conv2d: float32 expected, received uint8"],
  [
    "conv2dBias",
    [picture, filter, "float32 3"],
    { ...valid, activation: "linear" },
    ShapeError,
    "conv2dBias: a bias of shape [8] expected",
  ],
  [
    "conv2dInputGradient",
    ["float32 null 5 5 8", filter],
    { ...valid, height: 5, width: 5 },
    ShapeError,
    "conv2dInputGradient: dy of shape [null, 3, 3, 8] expected, received [null, 5, 5, 8]",
  ],
  [
    "conv2dFilterGradient",
    [picture, "float32 null 2 3 8"],
    { ...valid, kernelSize: [3, 3] },
    ShapeError,
    "conv2dFilterGradient: dy of shape [null, 3, 3, 8] expected, received [null, 2, 3, 8]",
  ],
  ["maxPool2d", ["float32 null 9"], pool, ShapeError, "maxPool2d: pictures"],
  ["maxPool2d", [picture], { ...pool, poolSize: [2, 1.5] }, OptionError, "maxPool2d: window and strides"],
  ["averagePool2d", [picture], { ...pool, poolSize: [6, 6] }, ShapeError, "averagePool2d: a window of [6, 6]"],
  [
    "maxPool2dGradient",
    [picture, "float32 null 4 4 3", "float32 null 4 4 2"],
    pool,
    ShapeError,
    "maxPool2dGradient: dy of shape [null, 4, 4, 3] expected, received [null, 4, 4, 2]",
  ],
  [
    "averagePool2dGradient",
    ["float32 null 4 4 3"],
    { ...pool, height: 6, width: 5 },
    ShapeError,
    "averagePool2dGradient: dy of shape [null, 5, 4, 3] expected",
  ],
  [
    "reduceSum",
    ["float32 2 3"],
    { axes: [2], keepDims: false },
    ShapeError,
    "reduceSum: axis 2 does not exist in 2 dimensions",
  ],
  [
    "reduceSum",
    ["float32 2 3"],
    { axes: [1, 0], keepDims: false },
    ShapeError,
    "reduceSum: axes must be ascending and counted from the front, each once; received [1, 0]",
  ],
  ["reduceMax", ["float32 2 3"], { axes: [-1], keepDims: false }, ShapeError, "reduceMax: axes must be ascending"],
  [
    "reduceSum",
    ["int32 2 3"],
    { axes: [0], keepDims: false },
    DataError,
    "reduceSum: float32 expected, received int32",
  ],
  ["rowCount", ["float32 2 3"], {}, ShapeError, "rowCount: a batched tensor [null, ...] expected, received [2, 3]"],
  [
    "argmax",
    ["float32"],
    {},
    ShapeError,
    "argmax: a last axis of at least 1 expected that is not the batch, received shape []",
  ],
  [
    "softmax",
    ["float32 null"],
    {},
    ShapeError,
    "softmax: a last axis of at least 1 expected that is not the batch, received shape [null]",
  ],
  ["softmaxGradient", ["float32 3", "float32 1 3"], {}, ShapeError, "softmaxGradient: y and dy of one shape expected"],
  ["broadcastTo", ["float32 3"], { shape: [4] }, ShapeError, "broadcastTo: shapes [3] and [4]"],
  ["broadcastTo", ["float32 4 3"], { shape: [3] }, ShapeError, "broadcastTo: [4, 3] does not broadcast to [3]"],
  [
    "reshape",
    ["float32 null 6"],
    { shape: [null, 5] },
    ShapeError,
    "reshape: [null, 6] cannot become [null, 5]; the sizes differ",
  ],
  ["reshape", ["float32 null 6"], { shape: [6] }, ShapeError, "reshape: [null, 6] cannot become [6]"],
  [
    "transpose",
    ["float32 2 3"],
    { permutation: [0, 0] },
    ShapeError,
    "transpose: a permutation of the 2 axes of [2, 3] expected, received [0, 0]",
  ],
  [
    "transpose",
    ["float32 null 3"],
    { permutation: [1, 0] },
    ShapeError,
    "transpose: axis 0 of [null, 3] is the batch and must stay in front",
  ],
  [
    "oneHot",
    ["float32 null"],
    { classes: 3 },
    DataError,
    "oneHot: int32 or uint8 expected as labels, received float32",
  ],
  [
    "oneHot",
    ["int32 null"],
    { classes: 0 },
    OptionError,
    "oneHot: classes must be a whole number of at least 1, received 0",
  ],
  [
    "gatherRows",
    ["float32 9 3", "float32 null"],
    {},
    DataError,
    "gatherRows: int32 expected as indices, received float32",
  ],
  [
    "gatherRows",
    ["float32 9 3", "int32 null 1"],
    {},
    ShapeError,
    "gatherRows: a table of at least one axis and indices of exactly one expected, received [9, 3] and [null, 1]",
  ],
  [
    "gatherScale",
    ["float32 9 3", "int32 null"],
    { scale: 1, offset: 0 },
    DataError,
    "gatherScale: uint8 expected as the table, received float32",
  ],
  ["castScale", ["int32 3"], { scale: 1, offset: 0 }, DataError, "castScale: uint8 expected, received int32"],
  [
    "dropout",
    ["float32 3", "int32 3"],
    { rate: 0.5, stream: 1 },
    ShapeError,
    "dropout: a random state of shape [4] expected, received [3]",
  ],
  [
    "dropout",
    ["float32 3", "float32 4"],
    { rate: 0.5, stream: 1 },
    DataError,
    "dropout: int32 expected as the random state, received float32",
  ],
  [
    "dropout",
    ["float32 3", "int32 4"],
    { rate: 1, stream: 1 },
    OptionError,
    "dropout: rate must be at least 0 and less than 1, received 1",
  ],
  [
    "randomNormal",
    ["int32 3"],
    { shape: [null, 2], mean: 0, stddev: 1, stream: 1 },
    ShapeError,
    "randomNormal: a random state of shape [4] expected, received [3]",
  ],
  [
    "randomNormal",
    ["int32 4"],
    { shape: [2, null], mean: 0, stddev: 1, stream: 1 },
    ShapeError,
    "randomNormal: [2, null] is not a shape",
  ],
  [
    "randomNormal",
    ["int32 4"],
    { shape: [2], mean: 0, stddev: -1, stream: 1 },
    OptionError,
    "randomNormal: a finite mean and a stddev of 0 or more expected, received 0 and -1",
  ],
  [
    "resample",
    ["float32 null 3"],
    { axis: 1, starts: [0, 1], sources: [3], weights: [1] },
    ShapeError,
    "resample: a table of sources within 3 elements expected, received starts [0, 1] and sources [3]",
  ],
  [
    "resample",
    ["float32 null 3"],
    { axis: 1, starts: [0, 2], sources: [0], weights: [1] },
    ShapeError,
    "resample: a table of sources within 3 elements",
  ],
  [
    "resample",
    ["float32 null 3"],
    { axis: 0, starts: [0, 1], sources: [0], weights: [1] },
    ShapeError,
    "resample: axis 0 of [null, 3] is the batch",
  ],
  [
    "resample",
    ["uint8 null 3"],
    { axis: 1, starts: [0, 1], sources: [0], weights: [1] },
    DataError,
    "resample: float32 expected, received uint8",
  ],
  ["round", ["int32 3"], {}, DataError, "round: float32 expected, received int32"],
  [
    "sparseCategoricalCrossentropy",
    ["float32 null 3", "float32 null"],
    {},
    DataError,
    "sparseCategoricalCrossentropy: int32 or uint8 expected as labels, received float32",
  ],
  [
    "sparseCategoricalCrossentropy",
    ["float32 null 3", "int32 null 1"],
    {},
    ShapeError,
    "scores [rows, classes] and labels [rows] expected, received [null, 3] and [null, 1]",
  ],
  ["sparseSoftmaxCrossentropy", ["float32 null 3", "int32 5"], {}, ShapeError, "sparseSoftmaxCrossentropy: scores"],
  [
    "sparseSoftmaxCrossentropyGradient",
    ["float32 5 3", "int32 5", "float32"],
    {},
    ShapeError,
    "sparseSoftmaxCrossentropyGradient: g of shape [5] expected, received []",
  ],
  ["assign", ["float32 3", "float32 4"], {}, ShapeError, "assign: a value of shape [3] expected, received [4]"],
  ["assign", ["float32 3", "int32 3"], {}, DataError, "assign: a float32 value expected, received int32"],
  [
    "assignFinite",
    ["float32 3", "float32 4"],
    {},
    ShapeError,
    "assignFinite: a value of shape [3] expected, received [4]",
  ],
  ["assignFinite", ["int32 3", "int32 3"], {}, DataError, "assignFinite: float32 expected, received int32"],
  [
    "assign",
    ["float32 null 3", "float32 null 3"],
    {},
    DataError,
    "assign: the target must be read from a variable, received the result of input",
  ],
  ["accumulate", ["float64 3", "float32 3"], {}, ShapeError, "accumulate: a sum of shape [] expected, received [3]"],
  [
    "accumulate",
    ["float32", "float32 3"],
    {},
    DataError,
    "accumulate: float64 or int32 expected as the sum, received float32",
  ],
  ["accumulate", ["int32", "float32 3"], {}, DataError, "accumulate: int32 or bool expected, received float32"],
  [
    "increment",
    ["float32 3"],
    { index: 0, by: 1 },
    DataError,
    "increment: int32 expected as the counter, received float32",
  ],
  [
    "increment",
    ["int32 3"],
    { index: 3, by: 1 },
    OptionError,
    "increment: an index from 0 to 2 and a whole number expected, received 3 and 1",
  ],
  ["checkFinite", ["int32 1"], { what: "loss" }, DataError, "checkFinite: float32 expected, received int32"],
  [
    "sgdUpdate",
    ["float32 3", "float32 4", "float32"],
    {},
    ShapeError,
    "sgdUpdate: the gradient of shape [3] expected, received [4]",
  ],
  [
    "sgdUpdate",
    ["float32 3", "float32 3", "float32 1"],
    {},
    ShapeError,
    "sgdUpdate: the learning rate of shape [] expected, received [1]",
  ],
  [
    "momentumUpdate",
    ["float32 3", "float32 4", "float32 3", "float32"],
    { momentum: 0.9, nesterov: false },
    ShapeError,
    "momentumUpdate: the velocity of shape [3] expected, received [4]",
  ],
  [
    "adamUpdate",
    ["float32 3", "float32 3", "float32 4", "float32 3", "float32", "int32"],
    {},
    ShapeError,
    "adamUpdate: the second moment of shape [3] expected",
  ],
  [
    "adamUpdate",
    ["float32 3", "float32 3", "float32 3", "float32 3", "float32", "float32"],
    {},
    DataError,
    "adamUpdate: int32 expected as iterations, received float32",
  ],
];

describe("ops refuse", () => {
  it.each(refusals)("%s of %j with %j", (op, inputs, attributes, error, message) => {
    const call = () =>
      (ops[op] as unknown as (inputs: Tensor[], attributes: object) => Tensor)(inputs.map(tensor), attributes);
    expect(call).toThrow(error);
    expect(call).toThrow(message);
  });

  it("to write to the result of another op", () => {
    const v = tensor("float32 3");
    expect(() => ops.assign([ops.exp([v]), v])).toThrow("received the result of exp");
  });
});
