/**
 * Random cases of the ops whose kernels choose among algorithms by shape: convolutions, matrix products, poolings.
 * Arbitraries of plain descriptions, so that a counterexample is short and shrinks, and the case of each.
 */

import fc from "fast-check";
import type { Conv2dMaxPoolAttributes } from "../../src/graph/ops/conv2dMaxPool.js";
import { maxPool2d } from "../../src/graph/ops/maxPool2d.js";
import { type Padding, windowGeometry } from "../../src/graph/ops/window.js";
import { convolutionBound, growing } from "./bounds.js";
import { type Case, type CaseOptions, caseOf } from "./case.js";
import { derived, distinct, type Fill, normal, ties } from "./fill.js";
import { patterned, type Special, type ZeroPattern, zeroPatterns } from "./patterns.js";
import { pooledShape, routeInput } from "./route.js";

type Pair = readonly [number, number];
type Pool = Pick<Conv2dMaxPoolAttributes, "poolSize" | "poolStrides" | "poolPadding">;

/** The rows of the only job of a case: the last of its steps may have fewer rows, and no step fills the capacity. */
interface Rows {
  readonly capacity: number;
  readonly batch: number;
  readonly rows: number;
}

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
  readonly activation: "linear" | "relu";
  /** Of ops with several results: which. */
  readonly result: 0 | 1 | 2;
  /** Of ops that pool. */
  readonly pool: Pool;
  readonly zeros: ZeroPattern;
  readonly special?: Special | undefined;
}

export interface ProductSpec extends Rows {
  readonly op: "matmul" | "dense";
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** Whether the first axis of the left side, and where both sides begin with the summed axis of both, are rows. */
  readonly open: boolean;
  readonly activation: "linear" | "relu";
  readonly zeros: readonly [ZeroPattern, ZeroPattern];
  readonly special?: (Special & { readonly side: 0 | 1 }) | undefined;
}

export interface PoolingSpec extends Rows {
  readonly op: "maxPool2d" | "maxPool2dGradient" | "averagePool2d" | "averagePool2dGradient";
  readonly size: Pair;
  readonly channels: number;
  readonly poolSize: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
  readonly values: "normal" | "distinct" | "ties";
}

const upTo = (most: number): fc.Arbitrary<number> => fc.integer({ min: 1, max: most });
const pairs = (most: number): fc.Arbitrary<Pair> => fc.tuple(upTo(most), upTo(most));
const fixedPair = (n: number): fc.Arbitrary<Pair> => fc.constant([n, n] as const);

/** Counts: any, and those that fill registers and tiles. */
const counts = (most: number): fc.Arbitrary<number> =>
  fc.oneof(upTo(most), fc.constantFrom(...[1, 4, 8, 16, 32, 64].filter((n) => n <= most)));

const paddings = fc.constantFrom<Padding[]>("valid", "same");
const activations = fc.constantFrom<("linear" | "relu")[]>("linear", "relu");
const mostlyDense = fc.oneof(
  { weight: 2, arbitrary: fc.constant("dense" as const) },
  { weight: 1, arbitrary: fc.constantFrom(...zeroPatterns) },
);
const specials: fc.Arbitrary<Special> = fc.record({
  value: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  place: fc.integer({ min: 0, max: 99 }).map((n) => n / 100),
});
const seldom = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 8 });

/** Rows of a job that are at most `capacity` a step. */
const rowCounts: fc.Arbitrary<Rows> = fc
  .oneof({ weight: 5, arbitrary: upTo(6) }, { weight: 1, arbitrary: upTo(40) })
  .chain((capacity) =>
    fc
      .tuple(upTo(capacity), upTo(2 * capacity))
      .map(([batch, rows]) => ({ capacity, batch: Math.min(batch, rows), rows })),
  );

/** Halves the largest of these numbers until the work is at most `most`; a single float64 loop has to do it too. */
function within<T extends object>(item: T, names: readonly (keyof T)[], most: number, work: (item: T) => number): T {
  let result = item;
  while (work(result) > most) {
    const size = (name: keyof T): number => Math.max(...[result[name] as number | readonly number[]].flat());
    const largest = names.reduce((a, b) => (size(b) > size(a) ? b : a));
    const half = (n: number): number => Math.max(1, n >> 1);
    const value = result[largest] as number | readonly number[];
    result = { ...result, [largest]: typeof value === "number" ? half(value) : value.map(half) };
    if (size(largest) === 1) break;
  }
  return result;
}

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

/** Convolutions of at most `most` multiplications. */
export function convolutions(most: number): fc.Arbitrary<ConvolutionSpec> {
  const rest = fc.record({
    op: fc.constantFrom(...convolutionOps),
    result: fc.constantFrom(0 as const, 1 as const, 2 as const),
    pool: pools,
    padding: paddings,
    activation: activations,
    zeros: mostlyDense,
    special: seldom(specials),
  });
  return fc.tuple(pictures, windows, rowCounts, rest).map(([shape, window, rows, others]) => {
    const fits = (size: number, kernel: number): number => (others.padding === "valid" ? Math.max(size, kernel) : size);
    const fitted = (spec: ConvolutionSpec): ConvolutionSpec => ({
      ...spec,
      size: [fits(spec.size[0], spec.kernel[0]), fits(spec.size[1], spec.kernel[1])],
    });
    const spec = { ...others, ...shape, ...window, ...rows };
    const limited = within(spec, ["size", "channels", "filters"], most, (item) => {
      const [height, width] = outputSize(fitted(item));
      return item.rows * height * width * item.kernel[0] * item.kernel[1] * item.channels * item.filters;
    });
    return fitted(limited);
  });
}

function outputSize({ size, kernel, strides, padding }: ConvolutionSpec): Pair {
  const { height, width } = windowGeometry("case", size[0], size[1], kernel, { strides, padding });
  return [height.output, width.output];
}

const jobOf = ({ capacity, batch, rows }: Rows): Pick<CaseOptions, "capacity" | "jobs" | "gradient"> => ({
  capacity,
  jobs: [{ rows, batch }],
  gradient: false,
});

/** The case of a convolution. */
export function convolutionCase(spec: ConvolutionSpec): Case {
  const { op, size, channels, filters, kernel, strides, padding, activation, zeros, special } = spec;
  const window = { strides, padding };
  const output = outputSize(spec);
  const x = { shape: [null, ...size, channels], values: patterned(zeros, special) };
  const y = [null, ...output, filters];
  const dy = { shape: y, values: patterned(zeros, special) };
  const filter = [...kernel, channels, filters];
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

/** A pool that is not larger than what it pools, and leaves no gaps where a number that is not finite would be unseen. */
function fittingPool({ pool: given, special }: ConvolutionSpec, output: Pair): Pool {
  const { poolSize, poolStrides } = given;
  const close = (axis: 0 | 1): number => Math.min(poolSize[axis], output[axis], poolStrides[axis]);
  const pool = special === undefined ? given : { ...given, poolStrides: [close(0), close(1)] as const };
  if (pool.poolPadding === "same") return pool;
  return { ...pool, poolSize: [Math.min(pool.poolSize[0], output[0]), Math.min(pool.poolSize[1], output[1])] };
}

/** Matrix products of at most `most` multiplications. */
export function products(most: number): fc.Arbitrary<ProductSpec> {
  const side = fc.oneof(upTo(20), counts(140), fc.constantFrom(127, 128, 129, 300));
  const spec: fc.Arbitrary<ProductSpec> = fc
    .tuple(
      fc.record({
        op: fc.constantFrom<ProductSpec["op"][]>("matmul", "dense"),
        m: side,
        k: side,
        n: side,
        transposeA: fc.boolean(),
        transposeB: fc.boolean(),
        open: fc.boolean(),
        activation: activations,
        zeros: fc.tuple(fc.constantFrom(...zeroPatterns), mostlyDense),
        special: seldom(fc.tuple(specials, fc.constantFrom(0 as const, 1 as const))),
      }),
      rowCounts,
    )
    .map(([{ special, ...item }, rows]) => ({
      ...item,
      ...rows,
      special: special === undefined ? undefined : { ...special[0], side: special[1] },
    }));
  return spec.map((item) => {
    const limited = within(item, ["m", "k", "n"], most, ({ m, k, n, rows }) => m * k * n * (item.open ? rows : 1));
    return limited;
  });
}

/** The case of a product. Open ones: m (with transposeA: k) is how many rows there are. */
export function productCase(spec: ProductSpec): Case {
  const { op, m, k, n, transposeA, transposeB, open, activation, zeros, special } = spec;
  // Rows that are summed over are on both sides, or there is no such product.
  const summed = open && transposeA && !transposeB && op === "matmul";
  const given = open && !transposeA;
  const a = transposeA ? [summed ? null : k, m] : [given ? null : m, k];
  const b = transposeB ? [n, k] : [summed ? null : k, n];
  const fill = (side: 0 | 1): Fill => patterned(zeros[side], special?.side === side ? special : undefined);
  const options: CaseOptions = {
    ...(summed || given ? jobOf(spec) : { gradient: false }),
    c: growing(summed ? spec.batch : k),
    label: `${zeros.join(", ")}${special === undefined ? "" : ` with ${special.value}`}`,
  };
  const sides = [
    { shape: a, values: fill(0) },
    { shape: b, values: fill(1) },
  ];
  const transposes = { transposeA, transposeB };
  return op === "matmul"
    ? caseOf(op, sides, transposes, options)
    : caseOf(op, [...sides, [n]], { ...transposes, activation }, options);
}

/** Poolings of at most `most` comparisons or additions. */
export function poolings(most: number): fc.Arbitrary<PoolingSpec> {
  const spec = fc.tuple(
    fc.record({
      op: fc.constantFrom<PoolingSpec["op"][]>(
        "maxPool2d",
        "maxPool2dGradient",
        "averagePool2d",
        "averagePool2dGradient",
      ),
      size: pairs(40),
      channels: counts(70),
      padding: paddings,
      values: fc.constantFrom<PoolingSpec["values"][]>("normal", "distinct", "ties"),
    }),
    fc.oneof(
      fc.record({ poolSize: fixedPair(2), strides: fixedPair(2) }),
      fc.record({ poolSize: pairs(7), strides: pairs(4) }),
    ),
    rowCounts,
  );
  return spec.map(([item, window, rows]): PoolingSpec => {
    const all = { ...item, ...window, ...rows };
    const fits = (size: number, pool: number): number => (item.padding === "valid" ? Math.max(size, pool) : size);
    const fitted = (one: PoolingSpec): PoolingSpec => ({
      ...one,
      size: [fits(one.size[0], one.poolSize[0]), fits(one.size[1], one.poolSize[1])],
    });
    return fitted(
      within(all, ["size", "channels"], most, (one) => {
        const [height, width] = fitted(one).size;
        return one.rows * height * width * one.channels * one.poolSize[0] * one.poolSize[1];
      }),
    );
  });
}

/** The case of a pooling. */
export function poolingCase(spec: PoolingSpec): Case {
  const { op, size, channels, poolSize, strides, padding } = spec;
  const attributes = { poolSize, strides, padding };
  const values = { normal, distinct, ties }[spec.values];
  const shape = [null, ...size, channels];
  const x = { shape, values };
  const pooled = maxPool2d.definition.infer([{ shape, dtype: "float32" }], attributes).shape;
  const options: CaseOptions = { ...jobOf(spec), label: spec.values };
  // Windows that overlap add up.
  const c = 2 + poolSize[0] * poolSize[1];
  switch (op) {
    case "maxPool2d":
      return caseOf(op, [x], attributes, options);
    case "averagePool2d":
      return caseOf(op, [x], attributes, { ...options, c });
    case "averagePool2dGradient":
      return caseOf(op, [pooled], { ...attributes, height: size[0], width: size[1] }, { ...options, c });
    case "maxPool2dGradient": {
      const y = derived(
        ([picture], of) => maxPool2d.definition.reference({ inputs: [picture!], attributes, shape: of, rows: of[0]! })!,
      );
      return caseOf(op, [x, { shape: pooled, values: y }, pooled], attributes, { ...options, c });
    }
  }
}
