/**
 * Random cases of convolutions, fused or not, and their gradients. Arbitraries of plain descriptions, so that a
 * counterexample is short and shrinks, and the case of each.
 */

import fc from "fast-check";
import type { Taps } from "../../src/backends/wasm/kernels.js";
import { type Conv2dAttributes, convolutionOf } from "../../src/graph/ops/conv2d.js";
import type { Conv2dMaxPoolAttributes } from "../../src/graph/ops/conv2dMaxPool.js";
import { dilatedLength, type Padding, windowGeometry } from "../../src/graph/ops/window.js";
import { convolutionBound, wayOfConvolution } from "./bounds.js";
import { type Case, type CaseOptions, caseOf } from "./case.js";
import { patterned, type Special, type ZeroPattern } from "./patterns.js";
import {
  activations,
  counts,
  fixedPair,
  jobOf,
  mostlyDense,
  type Pair,
  paddings,
  pairs,
  type Rows,
  rowCounts,
  seldom,
  specials,
  within,
} from "./random-parts.js";
import { pooledShape, routeInput } from "./route.js";

type Pool = Pick<Conv2dMaxPoolAttributes, "poolSize" | "poolStrides" | "poolPadding">;

const convolutionOps = [
  "conv2d",
  "conv2dBias",
  "conv2dInputGradient",
  "conv2dFilterGradient",
  "conv2dMaxPool",
  "conv2dGradients",
  "conv2dReluGradients",
  "conv2dMaxPoolGradients",
] as const;
type ConvolutionOp = (typeof convolutionOps)[number];

export interface ConvolutionSpec extends Rows {
  readonly op: ConvolutionOp;
  readonly size: Pair;
  readonly channels: number;
  readonly filters: number;
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
  readonly dilationRate?: Pair;
  readonly groups?: number;
  readonly activation: "linear" | "relu";
  /** Of ops with several results: which. */
  readonly result: 0 | 1 | 2;
  /** Of ops that pool. */
  readonly pool: Pool;
  readonly zeros: ZeroPattern;
  readonly special?: Special | undefined;
}

type ConvolutionWindow = Pick<ConvolutionSpec, "kernel" | "strides">;

/** Pictures and filters of some kinds: small and deep, wide and thin, of one channel. */
const pictures = fc.oneof(
  fc.record({ size: pairs(9), channels: counts(70), filters: counts(70) }),
  fc.record({ size: pairs(40), channels: counts(9), filters: counts(20) }),
  fc.record({ size: pairs(28), channels: counts(35), filters: counts(35) }),
  fc.record({ size: pairs(40), channels: fc.constant(1), filters: counts(70) }),
);

/** Windows: most of them of 3 by 3 or 2 by 2 with stride 1. */
const windows = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kernel: fixedPair(3), strides: fixedPair(1) }) },
  { weight: 1, arbitrary: fc.record({ kernel: fixedPair(2), strides: fixedPair(1) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kernel: fc.oneof(
        fc.constantFrom(1, 2, 3, 4, 5, 7).map((n): Pair => [n, n]),
        pairs(7),
      ),
      strides: fc.oneof(fixedPair(1), fixedPair(2), pairs(4)),
    }),
  },
);

const pools: fc.Arbitrary<Pool> = fc.oneof(
  fc.constant<Pool>({ poolSize: [2, 2], poolStrides: [2, 2], poolPadding: "valid" }),
  fc.record({ poolSize: pairs(4), poolStrides: pairs(4), poolPadding: paddings }),
);

/** How a convolution comes apart: with dilations, in groups, with a group for each channel. */
type Parting = { readonly dilationRate?: Pair; readonly groups?: number | "depthwise" };

const whole: fc.Arbitrary<Parting> = fc.constant({});
const dilations = pairs(4).filter(([down, across]) => down * across > 1);
const partings: fc.Arbitrary<Parting> = fc.oneof(
  fc.record({ dilationRate: dilations }),
  fc.record({ groups: fc.integer({ min: 2, max: 5 }) }),
  fc.record({ groups: fc.constant("depthwise" as const) }),
  fc.record({ groups: fc.constantFrom(2, 3, "depthwise" as const), dilationRate: dilations }),
);

/** Channels and filters that groups divide. */
function grouped(spec: ConvolutionSpec, groups: Parting["groups"]): ConvolutionSpec {
  const { channels, filters } = spec;
  if (groups === undefined) return spec;
  if (groups === "depthwise") {
    const each = Math.max(2, channels);
    return { ...spec, channels: each, groups: each, filters: each * Math.min(3, Math.ceil(filters / each)) };
  }
  const fitting = (count: number): number => Math.ceil(count / groups) * groups;
  return { ...spec, groups, channels: fitting(channels), filters: fitting(filters) };
}

/** Convolutions of these pictures and windows, of at most `most` multiplications. */
function convolutionsOf(
  shapes: fc.Arbitrary<Pick<ConvolutionSpec, "size" | "channels" | "filters">>,
  windows: fc.Arbitrary<ConvolutionWindow>,
  most: number,
  partings: fc.Arbitrary<Parting> = whole,
): fc.Arbitrary<ConvolutionSpec> {
  const rest = fc.record({
    op: fc.constantFrom(...convolutionOps),
    result: fc.constantFrom(0 as const, 1 as const, 2 as const),
    pool: pools,
    padding: paddings,
    activation: activations,
    zeros: mostlyDense,
    special: seldom(specials),
  });
  return fc.tuple(shapes, windows, rowCounts, rest, partings).map(([shape, window, rows, others, parting]) => {
    const fits = (size: number, kernel: number): number => (others.padding === "valid" ? Math.max(size, kernel) : size);
    const { dilationRate = [1, 1], groups } = parting;
    const covered = (spec: ConvolutionSpec, axis: 0 | 1): number =>
      dilatedLength(spec.kernel[axis], dilationRate[axis]);
    const fitted = (spec: ConvolutionSpec): ConvolutionSpec => ({
      ...grouped(spec, groups),
      size: [fits(spec.size[0], covered(spec, 0)), fits(spec.size[1], covered(spec, 1))],
    });
    const dilated = parting.dilationRate && { dilationRate };
    const spec: ConvolutionSpec = { ...others, ...shape, ...window, ...rows, ...dilated };
    const limited = within(spec, ["size", "channels", "filters"], most, (item) => {
      const { channels, filters, groups: cut = 1, ...rest } = fitted(item);
      const [height, width] = outputSize({ ...rest, channels, filters });
      return (item.rows * height * width * item.kernel[0] * item.kernel[1] * channels * filters) / cut;
    });
    return fitted(limited);
  });
}

function outputSize({ size, kernel, ...window }: ConvolutionSpec): Pair {
  const { height, width } = windowGeometry("case", size[0], size[1], kernel, convolutionOf(window));
  return [height.output, width.output];
}

/** The way of a convolution: directly, or by tiles of so many taps, folded or not; or in parts, or by channels. */
export const ways = ["direct", "2 taps", "3 taps", "2 taps, folded", "3 taps, folded", "parts", "depthwise"] as const;
export type Way = (typeof ways)[number];

/** Which way the engine goes where filters change from step to step. */
export function wayOf(spec: ConvolutionSpec): Way {
  const { channels, groups = 1, dilationRate = [1, 1] } = spec;
  if (groups === channels && groups > 1) return "depthwise";
  if (Math.max(...dilationRate, groups) > 1) return "parts";
  const way = wayOfConvolution({ ...spec, output: outputSize(spec) }, false);
  return way === undefined ? "direct" : `${way.tiling.taps} taps${way.folded ? ", folded" : ""}`;
}

/** Windows that are tiles' of so many taps; folded: by strides of which one at least is not 1. */
function tiledWindows(taps: Taps, folded: boolean): fc.Arbitrary<ConvolutionWindow> {
  if (!folded) return fc.record({ kernel: fixedPair(taps), strides: fixedPair(1) });
  const strided = pairs(4).filter(([down, across]) => down * across > 1);
  return fc.tuple(strided, pairs(4)).map(([strides, more]) => {
    const length = (axis: 0 | 1): number => strides[axis] * (taps - 1) + 1 + (more[axis] % strides[axis]);
    return { kernel: [length(0), length(1)], strides };
  });
}

/** Pictures and filters that tiles pay for. */
const deepPictures = fc.record({
  size: fc.tuple(fc.integer({ min: 3, max: 30 }), fc.integer({ min: 3, max: 30 })),
  channels: counts(70),
  filters: counts(70),
});

/** Convolutions of at most `most` multiplications: half of them any, or in parts, and as many of each way by tiles. */
export function convolutions(most: number): fc.Arbitrary<ConvolutionSpec> {
  const tiled = ([2, 3] as const).flatMap((taps) =>
    [false, true].map((folded) => {
      const way: Way = `${taps} taps${folded ? ", folded" : ""}`;
      return convolutionsOf(deepPictures, tiledWindows(taps, folded), most).filter((spec) => wayOf(spec) === way);
    }),
  );
  return fc.oneof(
    { weight: 3, arbitrary: convolutionsOf(pictures, windows, most) },
    { weight: 3, arbitrary: convolutionsOf(pictures, windows, most, partings) },
    ...tiled.map((arbitrary) => ({ weight: 1, arbitrary })),
  );
}

/** The case of a convolution. */
export function convolutionCase(spec: ConvolutionSpec): Case {
  const { op, size, channels, filters, kernel, groups = 1, activation, zeros, special } = spec;
  const window: Conv2dAttributes = convolutionOf(spec);
  const output = outputSize(spec);
  const x = { shape: [null, ...size, channels], values: patterned(zeros, special) };
  const y = [null, ...output, filters];
  const dy = { shape: y, values: patterned(zeros, special) };
  const filter = [...kernel, channels / groups, filters];
  const bound = (result: "y" | "dx" | "dw" | "db"): CaseOptions => ({
    ...jobOf(spec),
    ...convolutionBound(result, { ...spec, output, sparse: zeros !== "dense" }),
    // The zeros around a picture times NaN are NaN, in places of the filter that reach over the edge.
    ...(result === "dw" && special !== undefined ? { spreads: "over the filter" as const } : {}),
    label: `${zeros}${special === undefined ? "" : ` with ${special.value}`}`,
  });
  switch (op) {
    case "conv2d":
      return caseOf(op, [x, filter], window, bound("y"));
    case "conv2dBias":
      return caseOf(op, [x, filter, [filters]], { ...window, activation }, bound("y"));
    case "conv2dInputGradient":
      return caseOf(op, [dy, filter], { ...window, height: size[0], width: size[1] }, bound("dx"));
    case "conv2dFilterGradient":
      return caseOf(op, [x, y], { ...window, kernelSize: kernel }, bound("dw"));
  }
  const name = (["dx", "dw", "db"] as const)[spec.result];
  const own = bound(name);
  const one = spec.result === 0 ? own : { ...own, result: spec.result, label: `${name}, ${own.label}` };
  if (op === "conv2dGradients") return caseOf(op, [x, filter, y], window, one);
  if (op === "conv2dReluGradients") return caseOf(op, [x, filter, dy, y], window, one);
  const attributes = { ...window, activation, ...fittingPool(spec, output) };
  if (op === "conv2dMaxPool") return caseOf(op, [x, filter, [filters]], attributes, bound("y"));
  const pooled = pooledShape(x.shape, filter, attributes);
  const route = routeInput(pooled, filters, attributes);
  const c = one.c! + attributes.poolSize[0] * attributes.poolSize[1];
  return caseOf(op, [x, filter, route, { shape: pooled, values: dy.values }], attributes, { ...one, c });
}

/**
 * A pool that is not larger than what it pools, and leaves no gaps and no rest where a number that is not finite would be
 * unseen: a tile has it in all its places.
 */
function fittingPool({ pool, special }: ConvolutionSpec, output: Pair): Pool {
  const valid = pool.poolPadding === "valid";
  const both = (of: (axis: 0 | 1) => number): Pair => [of(0), of(1)];
  const poolSize = valid ? both((axis) => Math.min(pool.poolSize[axis], output[axis])) : pool.poolSize;
  if (special === undefined) return { ...pool, poolSize };
  const poolStrides = both((axis) => Math.min(poolSize[axis], output[axis], pool.poolStrides[axis]));
  const rest = both((axis) => (output[axis] - poolSize[axis]) % poolStrides[axis]);
  return { poolSize, poolStrides, poolPadding: valid && rest[0] === 0 && rest[1] === 0 ? "valid" : "same" };
}
