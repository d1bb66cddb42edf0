import { describe, expect, it } from "vitest";
import { expectSameValues, opsOf } from "../../../test/support/graph-values.js";
import { gradient } from "../gradient.js";
import type { Graph } from "../graph.js";
import { constant, input, read } from "../leaves.js";
import { add } from "../ops/add.js";
import { reduceSum } from "../ops/broadcastTo.js";
import { conv2d } from "../ops/conv2d.js";
import { maxPool2d } from "../ops/maxPool2d.js";
import { multiply } from "../ops/multiply.js";
import { relu } from "../ops/relu.js";
import { square } from "../ops/square.js";
import { subtract } from "../ops/subtract.js";
import { type Tensor, Variable } from "../tensor.js";
import { fuse } from "./fuse.js";
import { simplify } from "./simplify.js";

const window = { strides: [1, 1], padding: "same" } as const;
const pool = { poolSize: [2, 2], strides: [2, 2], padding: "same" } as const;
const x = input("x", [null, 5, 4, 2], "float32");
const kernel = read(new Variable("kernel", [3, 3, 2, 3], "float32"));
const bias = read(new Variable("bias", [3], "float32"));
/** Some of it is negative. */
const sum = add([conv2d([x, kernel], window), subtract([bias, constant(4)])]);
const all = (y: Tensor): Tensor => reduceSum([square([y])], { axes: [0, 1, 2, 3], keepDims: false });

/** The fused graph of some outputs, which has their values. */
function fused(outputs: Record<string, Tensor>): Graph {
  const graph = { name: "g", outputs, effects: [] };
  const result = fuse(simplify(graph));
  expectSameValues(result, graph);
  return result;
}

/** The gradients of the sum of squares of y, by name. */
function gradientsOf(y: Tensor, names: readonly ("dx" | "dk" | "db")[]): Record<string, Tensor> {
  const by = { dx: x, dk: kernel, db: bias };
  const list = gradient(
    all(y),
    names.map((name) => by[name]),
  );
  return Object.fromEntries(names.map((name, i) => [name, list[i]!]));
}

const unfused = ["conv2dInputGradient", "conv2dFilterGradient", "reluGradient", "maxPool2dGradient"];
const left = (graph: Graph): string[] => Object.keys(opsOf(graph)).filter((op) => unfused.includes(op));

describe("fuseConv2dGradients", () => {
  it("takes dx, dw and db of a convolution at once", () => {
    const graph = fused(gradientsOf(sum, ["dx", "dk", "db"]));
    expect(opsOf(graph)).toMatchObject({ conv2dBias: 1, conv2dGradients: 1, part: 2 });
    expect(left(graph)).toEqual([]);
  });

  it("masks by relu within", () => {
    const graph = fused({ ...gradientsOf(relu([sum]), ["dx", "dk", "db"]), y: relu([sum]) });
    expect(opsOf(graph)).toMatchObject({ conv2dBias: 1, conv2dReluGradients: 1, part: 2 });
    expect(left(graph)).toEqual([]);
  });

  it("keeps a route instead of the picture behind a pooling", () => {
    for (const activated of [relu([sum]), sum]) {
      const graph = fused(gradientsOf(maxPool2d([activated], pool), ["dx", "dk", "db"]));
      expect(opsOf(graph)).toMatchObject({ conv2dMaxPool: 1, conv2dMaxPoolGradients: 1, part: 3 });
      expect(left(graph)).toEqual([]);
      expect(opsOf(graph)).not.toHaveProperty("maxPool2d");
    }
  });

  it("takes what is wanted: a first layer has no dx", () => {
    const graph = fused(gradientsOf(maxPool2d([relu([sum])], pool), ["dk", "db"]));
    expect(opsOf(graph)).toMatchObject({ conv2dMaxPool: 1, conv2dMaxPoolGradients: 1, part: 3 });
    expect(opsOf(fused(gradientsOf(relu([sum]), ["dk", "dx"])))).toMatchObject({ conv2dReluGradients: 1, part: 1 });
    // One gradient alone shares nothing.
    expect(opsOf(fused(gradientsOf(sum, ["dk"])))).toMatchObject({ conv2dFilterGradient: 1 });
  });

  it("keeps the picture where something else needs it", () => {
    const y = relu([sum]);
    const graph = fused({ ...gradientsOf(maxPool2d([y], pool), ["dx", "dk", "db"]), y });
    expect(opsOf(graph)).toMatchObject({ conv2dBias: 1, maxPool2d: 1, maxPool2dGradient: 1, conv2dReluGradients: 1 });
    const masked = multiply([y, constant(2)]);
    expect(opsOf(fused(gradientsOf(add([masked, y]), ["dx", "dk", "db"])))).toMatchObject({ conv2dReluGradients: 1 });
  });

  it("keeps two convolutions of one input apart", () => {
    const other = read(new Variable("other", [3, 3, 2, 3], "float32"));
    const y = add([relu([sum]), relu([add([conv2d([x, other], window), bias])])]);
    const [dk, dother, db, dx] = gradient(all(y), [kernel, other, bias, x]);
    const graph = fused({ dk: dk!, dother: dother!, db: db!, dx: dx! });
    expect(opsOf(graph)).toMatchObject({ conv2dReluGradients: 2 });
  });
});

describe("fuseConv2dMaxPool", () => {
  it("fuses a convolution with its pooling", () => {
    expect(opsOf(fused({ y: maxPool2d([relu([sum])], pool) }))).toMatchObject({ conv2dMaxPool: 1 });
    expect(opsOf(fused({ y: maxPool2d([relu([sum])], pool), sum }))).toMatchObject({ maxPool2d: 1 });
  });

  it("leaves windows that a byte cannot count", () => {
    const large = { poolSize: [16, 16], strides: [1, 1], padding: "same" } as const;
    expect(opsOf(fused({ y: maxPool2d([relu([sum])], large) }))).toMatchObject({ maxPool2d: 1, conv2dBias: 1 });
  });
});
