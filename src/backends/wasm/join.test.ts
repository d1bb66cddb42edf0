import { describe, expect, it } from "vitest";
import { gradient } from "../../graph/gradient.js";
import { constant, input, read } from "../../graph/leaves.js";
import { ops } from "../../graph/ops/index.js";
import { type Tensor, Variable } from "../../graph/tensor.js";
import { lowerGraph } from "./lower.js";

const plain = { transposeA: false, transposeB: false };
const x = input("x", [null, 6], "float32");
const state = input("state", [4], "int32");
const rate = read(new Variable("rate", [], "float32"));
const iterations = read(new Variable("iterations", [], "int32"));

function weight(name: string, ...shape: number[]): Tensor {
  return read(new Variable(name, shape, "float32"));
}

/** The kernels of a step: how many of each. */
function kernelsOf(outputs: Record<string, Tensor>, effects: readonly Tensor[] = [], fuse = true) {
  const { schedule } = lowerGraph({ name: "step", outputs, effects }, { capacity: 4, fuse, log: undefined });
  const counts: Record<string, number> = {};
  for (const { kernel } of schedule.calls) counts[kernel] = (counts[kernel] ?? 0) + 1;
  return counts;
}

/** Layers of so many units with relu, and dropout behind the first; their updates. */
function training(
  units: readonly number[],
  rule: (w: Tensor, g: Tensor) => Tensor,
): { effects: Tensor[]; gradients: readonly (Tensor | undefined)[]; weights: Tensor[] } {
  const lengths = [6, ...units];
  const weights = units.map((n, i) => weight(`w${i}`, lengths[i]!, n));
  const y = weights.reduce((below, w, i) => {
    const next = ops.relu([ops.add([ops.matmul([below, w], plain), weight(`b${i}`, units[i]!)])]);
    return i === 0 ? ops.dropout([next, state], { rate: 0.5, stream: 3 }) : next;
  }, x);
  const loss = ops.reduceSum([y], { axes: [0, 1], keepDims: false });
  const gradients = gradient(loss, weights);
  return { effects: weights.map((w, i) => rule(w, gradients[i]!)), gradients, weights };
}

const sgd = (w: Tensor, g: Tensor): Tensor => ops.sgdUpdate([w, g, rate]);

describe("join", () => {
  it("leaves no walk of its own to relu's gradient, to dropout's, and to updates", () => {
    const { effects } = training([8, 12, 5], sgd);
    expect(kernelsOf({}, effects)).toMatchObject({ gemmSgd: 3 });
    const kernels = kernelsOf({}, effects);
    expect(kernels).not.toHaveProperty("dropout");
    expect(kernels).not.toHaveProperty("sgdUpdate");
    // The last layer's: no product made what it masks.
    expect(kernels.binary).toBe(1);
  });

  it("does so for Adam and for sgd with momentum", () => {
    const slot = (w: Tensor, name: string) => weight(`${name} of ${w.attributes.variable}`, ...(w.shape as number[]));
    const adam = (w: Tensor, g: Tensor): Tensor =>
      ops.adamUpdate([w, slot(w, "m"), slot(w, "v"), g, rate, iterations], { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 });
    expect(kernelsOf({}, training([8, 5], adam).effects)).toMatchObject({ gemmAdam: 2 });
    const momentum = (w: Tensor, g: Tensor): Tensor =>
      ops.momentumUpdate([w, slot(w, "v"), g, rate], { momentum: 0.9, nesterov: false });
    expect(kernelsOf({}, training([8, 5], momentum).effects)).toMatchObject({ gemmSgd: 2 });
  });

  it("does nothing where nothing is to be fused", () => {
    expect(kernelsOf({}, training([8, 5], sgd).effects, false)).toMatchObject({ sgdUpdate: 2, dropout: 2 });
  });

  it("leaves what something else reads as well", () => {
    const { effects, gradients } = training([8, 5], sgd);
    expect(kernelsOf({ gradient: gradients[0]! }, effects)).toMatchObject({ sgdUpdate: 1, gemmSgd: 1 });
    const y = ops.matmul([x, weight("w", 6, 8)], plain);
    const masked = ops.reluGradient([ops.matmul([x, weight("v", 6, 8)], plain), y]);
    expect(kernelsOf({ masked, y })).toMatchObject({ binary: 1 });
    expect(kernelsOf({ masked })).not.toHaveProperty("binary");
  });

  it("leaves dropout on rows that do not begin at a multiple of four", () => {
    const dropped = (n: number) =>
      ops.dropout([ops.matmul([x, weight("w", 6, n)], plain), state], { rate: 0.5, stream: 3 });
    expect(kernelsOf({ y: dropped(8) })).toMatchObject({ gemmDropout: 1 });
    expect(kernelsOf({ y: dropped(10) })).toMatchObject({ gemm: 1, dropout: 1 });
  });

  it("leaves products of a variable, which an update might overwrite", () => {
    const w = weight("w", 6, 6);
    const square = ops.matmul([w, w], plain);
    expect(kernelsOf({}, [ops.sgdUpdate([w, square, rate])])).toMatchObject({ gemm: 1, sgdUpdate: 1 });
  });

  it("leaves a product that one call reads twice", () => {
    const product = ops.matmul([x, weight("w", 6, 6)], plain);
    expect(kernelsOf({ y: ops.reluGradient([product, product]) })).toMatchObject({ gemm: 1, binary: 1 });
  });

  it("multiplies what was masked by one number only", () => {
    const masked = ops.reluGradient([x, ops.matmul([x, weight("w", 6, 6)], plain)]);
    const by = (factor: Tensor) => ({ y: ops.multiply([masked, factor]) });
    expect(kernelsOf(by(ops.add([rate, rate])))).toMatchObject({ gemm: 1, binary: 2 });
    expect(kernelsOf(by(weight("row", 6)))).toMatchObject({ gemm: 1, binary: 1 });
    // Times which 0 is 0.
    expect(kernelsOf(by(constant(2)))).toEqual(kernelsOf({ y: masked }));
    for (const factor of [-2, Number.POSITIVE_INFINITY, Number.NaN]) {
      expect(kernelsOf(by(constant(factor)))).toMatchObject({ gemm: 1, binary: 1 });
    }
  });
});
