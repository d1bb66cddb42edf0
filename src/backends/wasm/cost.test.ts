/** What calls cost: every kernel that multiplies is counted by what it multiplies, or it would get one thread. */

import { describe, expect, it } from "vitest";
import { sum } from "../../graph/compose.js";
import type { Dimensions } from "../../graph/dimensions.js";
import { gradient } from "../../graph/gradient.js";
import type { Graph } from "../../graph/graph.js";
import { input, read } from "../../graph/leaves.js";
import { ops } from "../../graph/ops/index.js";
import { Variable } from "../../graph/tensor.js";
import { costOf } from "./cost.js";
import { lowerGraph } from "./lower.js";

type Pair = readonly [number, number];

type Parting = { readonly dilationRate?: Pair; readonly groups?: number };

/** The calls of a convolution and its gradients, with what they cost for 64 rows. */
function costs(
  size: Pair,
  channels: number,
  filters: number,
  kernelSize: Pair,
  strides: Pair,
  { dilationRate = [1, 1], groups = 1 }: Parting = {},
) {
  const x = input("x", [null, ...size, channels], "float32");
  const seen = channels / groups;
  const kernel = read(new Variable("kernel", [...kernelSize, seen, filters], "float32"));
  const bias = read(new Variable("bias", [filters], "float32"));
  const attributes = { strides, padding: "valid", dilationRate, groups } as const;
  const y = ops.relu([ops.add([ops.conv2d([x, kernel], attributes), bias])]);
  const by = [x, kernel, bias];
  const outputs = Object.fromEntries(gradient(sum(ops.square([y])), by).map((tensor, i) => [`d${i}`, tensor]));
  const graph: Graph = { name: "convolution", outputs: { y, ...outputs }, effects: [] };
  const { calls } = lowerGraph(graph, { capacity: 64, fuse: true, log: undefined }).schedule;
  const [, height, width] = y.shape as Dimensions;
  const flops = 2 * 64 * height! * width! * kernelSize[0] * kernelSize[1] * seen * filters;
  return { flops, all: calls.map((call) => ({ kernel: call.kernel, cost: costOf(call, 64) })) };
}

describe("the cost of a convolution and its gradients", () => {
  it.each([
    ["1 by 1", [14, 14], 48, 96, [1, 1], [1, 1], ["gemm", "pixelGradients"]],
    ["1 by 1, few filters", [14, 14], 48, 16, [1, 1], [1, 1], ["gemm", "conv2dFilterGradient"]],
    ["by tiles", [16, 16], 32, 32, [3, 3], [1, 1], ["winogradForward", "winogradGradient"]],
    ["folded", [14, 14], 96, 96, [3, 3], [2, 2], ["winogradForward", "winogradGradient"]],
    ["directly", [14, 14], 16, 16, [5, 5], [1, 1], ["conv2dForward", "conv2dFilterGradient"]],
  ] as const)("is about what it multiplies: %s", (_, size, channels, filters, kernel, strides, expected) => {
    const { flops, all } = costs(size, channels, filters, kernel, strides);
    expect(all.map((call) => call.kernel)).toEqual(expect.arrayContaining([...expected]));
    const total = all.reduce((result, { cost }) => result + cost, 0);
    // Three products; tiles spare up to four fifths of them, and the rest is small beside.
    expect(total / flops).toBeGreaterThan(3 / 5);
    expect(total / flops).toBeLessThan(4);
    for (const name of expected) {
      const { cost } = all.find((call) => call.kernel === name)!;
      expect(cost / flops, name).toBeGreaterThan(1 / 5);
    }
  });

  it("is about what it multiplies: depthwise", () => {
    const { flops, all } = costs([16, 16], 32, 64, [3, 3], [2, 2], { groups: 32 });
    const cost = (name: string) => all.find((call) => call.kernel === name)!.cost;
    expect(cost("depthwiseForward")).toBe(flops);
    expect(cost("depthwiseGradients")).toBe(2 * flops);
  });

  it("is about what it multiplies: dilated and in groups", () => {
    const { flops, all } = costs([16, 16], 64, 64, [5, 5], [1, 1], { dilationRate: [2, 2], groups: 2 });
    expect(new Set(all.map((call) => call.kernel))).toContain("splitPictures");
    const total = all.reduce((result, { cost }) => result + cost, 0);
    expect(total / flops).toBeGreaterThan(2);
    expect(total / flops).toBeLessThan(4);
  });
});
