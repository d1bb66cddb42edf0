import { describe, expect, it } from "vitest";
import { ShapeError } from "../core/errors.js";
import { evaluate } from "./evaluate.js";
import { gradient } from "./gradient.js";
import { input, read } from "./leaves.js";
import { add } from "./ops/add.js";
import { argmax } from "./ops/argmax.js";
import { batchNormalize, meanResult } from "./ops/batchNormalize.js";
import { reduceSum } from "./ops/broadcastTo.js";
import { cast } from "./ops/cast.js";
import { exp } from "./ops/exp.js";
import { multiply } from "./ops/multiply.js";
import { square } from "./ops/square.js";
import { type Tensor, Variable } from "./tensor.js";

const v = new Variable("v", [], "float32");
const w = new Variable("w", [], "float32");
const [x, y] = [read(v), read(w)];
const at = (a: number, b: number) => ({
  arrays: new Map([["rows", { shape: [2, 3], data: Float64Array.of(1, 2, 3, 4, 5, 6) }]]),
  variables: new Map([
    [v, { shape: [], data: Float64Array.of(a) }],
    [w, { shape: [], data: Float64Array.of(b) }],
  ]),
  rows: 2,
});
const valuesOf = (tensors: readonly Tensor[], a = 2, b = 3): number[][] => {
  const values = evaluate(tensors, at(a, b));
  return tensors.map((tensor) => [...values.get(tensor)!.data]);
};

describe("gradient", () => {
  it("adds up over every path", () => {
    // d/dx (x y + x² + x) = y + 2x + 1, d/dy = x
    const loss = add([add([multiply([x, y]), square([x])]), x]);
    expect(valuesOf(gradient(loss, [x, y]))).toEqual([[8], [2]]);
  });

  it("uses a shared part once: its cost does not double with every use", () => {
    let shared: Tensor = x;
    for (let i = 0; i < 60; i++) shared = add([shared, shared]);
    expect(valuesOf(gradient(shared, [x]))).toEqual([[2 ** 60]]);
  });

  it("goes through a chain longer than the call stack", () => {
    let chain: Tensor = x;
    for (let i = 0; i < 20000; i++) chain = add([chain, y]);
    expect(valuesOf(gradient(chain, [x, y]))).toEqual([[1], [20000]]);
  });

  it("is 1 by the loss itself, zeros by what the loss does not depend on", () => {
    const rows = input("rows", [null, 3], "float32");
    const loss = square([x]);
    expect(valuesOf(gradient(loss, [loss, y, rows]))).toEqual([[1], [0], [0, 0, 0, 0, 0, 0]]);
  });

  it("is taken by a tensor in the middle as well", () => {
    const middle = multiply([x, y]);
    expect(valuesOf(gradient(square([middle]), [middle, x]))).toEqual([[12], [36]]);
  });

  it("sums rows of a batch into what is shared by them, and none into those of the batch", () => {
    const rows = input("rows", [null, 3], "float32");
    const loss = reduceSum([square([multiply([rows, x])])], { axes: [0, 1], keepDims: false });
    // sum of 2 x r² = 4 * 91, and 2 x² r = 8 r
    expect(valuesOf(gradient(loss, [x, rows]))).toEqual([[364], [8, 16, 24, 32, 40, 48]]);
  });

  it("can be taken again", () => {
    const [first] = gradient(multiply([square([x]), x]), [x]);
    const [second] = gradient(first!, [x]);
    const [third] = gradient(second!, [x]);
    expect(valuesOf([first!, second!, third!])).toEqual([[12], [12], [6]]);
  });

  it("ends at whole numbers", () => {
    const rows = input("rows", [null, 3], "float32");
    const counted = cast([argmax([rows])], { dtype: "float32" });
    const loss = reduceSum([multiply([counted, x])], { axes: [0], keepDims: false });
    expect(valuesOf(gradient(loss, [rows, x]))).toEqual([[0, 0, 0, 0, 0, 0], [4]]);
  });

  it("refuses a result beside the first, of which nothing is differentiated", () => {
    const rows = input("rows", [null, 3], "float32");
    const gamma = read(new Variable("gamma", [3], "float32"));
    const normalized = batchNormalize([rows, gamma, gamma], { epsilon: 1, activation: "linear" });
    const loss = reduceSum([batchNormalize.part(normalized, meanResult)], { axes: [0], keepDims: false });
    expect(() => gradient(loss, [rows])).toThrow("gradient: result 1 of batchNormalize has no gradient.");
    expect(valuesOf(gradient(loss, [x]))).toEqual([[0]]);
  });

  it("refuses a loss that is no scalar", () => {
    expect(() => gradient(exp([input("rows", [null, 3], "float32")]), [x])).toThrow(ShapeError);
    expect(() => gradient(input("rows", [null], "float32"), [])).toThrow("must be a scalar, received shape [null]");
  });
});
