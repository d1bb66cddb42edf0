import { describe, expect, it } from "vitest";
import { input, read } from "../../graph/leaves.js";
import { ops } from "../../graph/ops/index.js";
import { type Tensor, Variable } from "../../graph/tensor.js";
import { alongOf } from "./along.js";
import { Builder } from "./builder.js";
import { chainsOf } from "./chain.js";
import type { KernelName } from "./kernels.js";
import { lowerGraph } from "./lower.js";
import { type Block, type Place, startOf } from "./place.js";
import { schedule } from "./schedule.js";

const x = input("x", [null, 24], "float32");
const z = input("z", [null, 24], "float32");
const row = read(new Variable("row", [24], "float32"));

/** The chains of a program, in running order: the kernels of each. */
function chainsIn(outputs: Record<string, Tensor>, effects: readonly Tensor[] = [], fuse = true): KernelName[][] {
  const { schedule: order } = lowerGraph({ name: "step", outputs, effects }, { capacity: 4, fuse, log: undefined });
  const chains: KernelName[][] = [];
  order.calls.forEach(({ kernel }, i) => {
    if (order.chained[i - 1]) chains.at(-1)!.push(kernel);
    else chains.push([kernel]);
  });
  return chains.filter(({ length }) => length > 1);
}

/** Two chains of calls made by hand, by their kernels. */
function chained(emit: (builder: Builder, block: (floats: number) => Place) => void): number[][] {
  const builder = new Builder(1);
  builder.begin({ op: "op" });
  emit(builder, (floats) => startOf({ kind: "arena", bytes: 4 * floats }));
  let chains: number[][] = [];
  schedule(builder.calls, undefined, (calls, before) => {
    const found = chainsOf(calls, before);
    chains = found.map(({ members }) => [...members]);
    return found;
  });
  return chains;
}

describe("chains", () => {
  it("are walks that go on with what the one before made, operands broadcast or not", () => {
    const y = ops.relu([ops.add([ops.multiply([ops.subtract([x, row]), z]), row])]);
    expect(chainsIn({ y })).toEqual([["binary", "binary", "binary", "unary"]]);
    expect(chainsIn({ y }, [], false)).toEqual([]);
  });

  it("take normalisation, the sum with a shortcut and relu in one", () => {
    const normalized = ops.batchNormalize([x, row, row], { epsilon: 0.1, activation: "linear" });
    expect(chainsIn({ y: ops.relu([ops.add([normalized, z])]) })).toEqual([["scaleChannels", "binary", "unary"]]);
  });

  it("end where all of a value is needed, or where it is read in another way", () => {
    const half = ops.multiply([x, x]);
    const centred = ops.subtract([half, ops.reduceSum([half], { axes: [1], keepDims: true })]);
    expect(chainsIn({ y: ops.tanh([centred]) })).toEqual([["binary", "unary"]]);
    const turned = ops.transpose([half], { permutation: [0, 1] });
    expect(chainsIn({ y: ops.reshape([ops.relu([turned])], { shape: [null, 24] }) })).toEqual([["binary", "unary"]]);
    const shape = [null, 4, 6];
    const swapped = ops.transpose([ops.reshape([half], { shape })], { permutation: [0, 2, 1] });
    expect(chainsIn({ y: ops.relu([swapped]) })).toEqual([]);
  });

  it("write state that others read as it was", () => {
    const [w, v] = ["w", "v"].map((name) => read(new Variable(name, [50, 40], "float32"))) as [Tensor, Tensor];
    const moved = ops.subtract([w, ops.multiply([v, v])]);
    const effects = [ops.assign([w, moved]), ops.assign([v, ops.add([w, v])])];
    // w takes its new value when v has been made of the old one; both in one walk would be too early for one of them.
    const { schedule: order } = lowerGraph(
      { name: "step", outputs: {}, effects },
      { capacity: 1, fuse: true, log: undefined },
    );
    const stage = (test: (call: (typeof order.calls)[number]) => boolean) => order.calls.findIndex(test);
    const writesW = stage(({ writes }) => [...writes].some((b) => b.kind === "variable" && b.variable.name === "w"));
    const readsW = order.calls.flatMap(({ reads }, i) =>
      [...reads].some((b) => b.kind === "variable" && b.variable.name === "w") ? [i] : [],
    );
    for (const i of readsW) expect(i).toBeLessThan(writesW);
    expect(order.chained.some((link) => link)).toBe(true);
  });

  it("leave what is not in every job: outputs, and what is kept until a variable changes", () => {
    const fixed = ops.tanh([ops.multiply([row, row])]);
    expect(chainsIn({ y: ops.add([x, fixed]) })).toEqual([]);
    expect(chainsIn({ y: ops.relu([x]) })).toEqual([]);
  });

  it("leave what one link writes and another touches other than along", () => {
    const one = (n: number) => ({ n, op: 6 });
    // A single pixel of 8 channels is as long as what it is scaled by.
    const scaled = (of: "scale" | "x") =>
      chained((builder, block) => {
        const [a, b, c] = [block(8), block(8), block(8)];
        builder.emit("unary", { x: block(8), y: a, ...one(8) });
        const other = block(8);
        builder.emit("scaleChannels", {
          x: of === "x" ? a : other,
          y: b,
          scale: of === "scale" ? a : other,
          shift: c,
          n: 1,
          channels: 8,
          activation: 0,
        });
      });
    expect(scaled("x")).toEqual([[0, 1]]);
    expect(scaled("scale")).toEqual([]);
    const both = chained((builder, block) => {
      const a = block(8);
      builder.emit("unary", { x: block(8), y: a, ...one(8) });
      builder.emit("scaleChannels", { x: a, y: block(8), scale: a, shift: block(8), n: 1, channels: 8, activation: 0 });
    });
    expect(both).toEqual([]);
  });

  it("leave what begins at another byte, or has another length", () => {
    const at = (offset: number, n: number) =>
      chained((builder, block) => {
        const a = block(64);
        builder.emit("unary", { x: block(64), y: a, op: 6, n: 32 });
        builder.emit("unary", { x: { block: a.block, offset }, y: block(64), op: 6, n });
      });
    expect(at(0, 32)).toEqual([[0, 1]]);
    expect(at(4, 32)).toEqual([]);
    expect(at(0, 31)).toEqual([]);
  });

  it("cut all links alike, at pixels, or as their chunks are", () => {
    const blocks = (outputs: Record<string, Tensor>, capacity = 4): (number | undefined)[] => {
      const { schedule: order } = lowerGraph(
        { name: "step", outputs, effects: [] },
        { capacity, fuse: true, log: undefined },
      );
      return order.calls.flatMap((call, i) => (order.chained[i] || order.chained[i - 1] ? [call.block] : []));
    };
    expect(blocks({ y: ops.relu([ops.add([x, z])]) })).toEqual([8192, 8192]);
    const normalized = ops.batchNormalize([x, row, row], { epsilon: 0.1, activation: "linear" });
    // 341 pixels of 24 channels are 8184 numbers.
    expect(blocks({ y: ops.add([normalized, z]) })).toEqual([341, 8184]);
    const sums = ops.batchNormalize([ops.add([x, z]), row, row], { epsilon: 0.1, activation: "linear" });
    // Moments of chunks of 170 pixels.
    expect(blocks({ y: sums }).slice(0, 2)).toEqual([170 * 24, 170]);
  });
});

describe("a walk", () => {
  it("goes along those operands that are not broadcast", () => {
    const arrays = (shapeA: number[], shapeB: number[]): boolean[] => {
      const [a, b] = [input("a", shapeA, "float32"), input("b", shapeB, "float32")];
      const { schedule: order } = lowerGraph(
        { name: "step", outputs: { y: ops.add([a, b]) }, effects: [] },
        { capacity: 1, fuse: true, log: undefined },
      );
      const call = order.calls.find(({ kernel }) => kernel === "binary")!;
      const along = alongOf(call)!.arrays;
      return ["a", "b", "y"].map((word) => along.has((call.values[word] as { block: Block }).block));
    };
    expect(arrays([5, 4], [5, 4])).toEqual([true, true, true]);
    expect(arrays([5, 4], [4])).toEqual([true, false, true]);
    expect(arrays([5, 1], [5, 4])).toEqual([false, true, true]);
    expect(arrays([3, 5, 4], [3, 1, 4])).toEqual([true, false, true]);
    expect(arrays([2, 1, 5, 1], [2, 3, 5, 4])).toEqual([false, true, true]);
    expect(arrays([2, 3, 5, 4], [3, 1, 4])).toEqual([true, false, true]);
  });

  it("goes along a condition too, and along what is chosen from where that is not broadcast", () => {
    const [a, b] = [input("a", [5, 4], "float32"), input("b", [4], "float32")];
    const y = ops.select([ops.greater([a, ops.negate([a])]), b, a]);
    const { schedule: order } = lowerGraph(
      { name: "step", outputs: { y }, effects: [] },
      { capacity: 1, fuse: true, log: undefined },
    );
    const call = order.calls.find(({ kernel }) => kernel === "select")!;
    const { arrays } = alongOf(call)!;
    const along = ["condition", "a", "b", "y"].map((word) => arrays.has((call.values[word] as { block: Block }).block));
    expect(along).toEqual([true, false, true, true]);
  });
});
