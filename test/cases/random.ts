/**
 * Random cases of matrix products, poolings and resamplings, whose kernels choose among algorithms, or walk, by shape as
 * those of convolutions do (random-convolutions.ts). Arbitraries of plain descriptions, so that a counterexample is short
 * and shrinks, and the case of each.
 */

import fc from "fast-check";
import { maxPool2d } from "../../src/graph/ops/maxPool2d.js";
import { tableOf } from "../../src/graph/ops/resample.js";
import type { Padding } from "../../src/graph/ops/window.js";
import { growing } from "./bounds.js";
import { type Case, type CaseOptions, caseOf } from "./case.js";
import { derived, distinct, type Fill, normal, ties } from "./fill.js";
import { patterned, type Special, type ZeroPattern, zeroPatterns } from "./patterns.js";
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
  upTo,
  within,
} from "./random-parts.js";

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

export interface ResamplingSpec extends Rows {
  /** The axis between `outer` and `inner` ones. */
  readonly inputs: number;
  readonly outer: number;
  readonly inner: number;
  /** For each output its sources, with weights of both signs. */
  readonly terms: readonly (readonly (readonly [source: number, weight: number])[])[];
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

/** Resamplings of at most `most` multiplications. */
export function resamplings(most: number): fc.Arbitrary<ResamplingSpec> {
  const weight = fc.integer({ min: -8, max: 8 }).map((n) => n / 4);
  const spec = fc
    .tuple(fc.record({ inputs: counts(40), outer: upTo(6), inner: counts(70) }), rowCounts)
    .chain(([item, rows]) => {
      const term = fc.tuple(fc.nat({ max: item.inputs - 1 }), weight);
      const terms = fc.array(fc.array(term, { maxLength: 12 }), { minLength: 1, maxLength: 40 });
      return terms.map((list): ResamplingSpec => ({ ...item, ...rows, terms: list }));
    });
  return spec.map((item) =>
    within(
      item,
      ["outer", "inner"],
      most,
      ({ outer, inner, rows, terms }) => rows * outer * inner * terms.flat().length,
    ),
  );
}

/** The case of a resampling. */
export function resamplingCase(spec: ResamplingSpec): Case {
  const { inputs, outer, inner, terms } = spec;
  const longest = Math.max(...terms.map((list) => list.length));
  const options = { ...jobOf(spec), c: growing(longest) };
  return caseOf("resample", [[null, outer, inputs, inner]], { axis: 2, ...tableOf(terms) }, options);
}
