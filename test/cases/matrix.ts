/** Cases of matrix products. */

import { type Case, type CaseJob, caseOf, oddSizes } from "./case.js";
import { awayFromZero, type Fill, normal } from "./fill.js";

interface Product {
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** Each odd size in each place; then sizes that cross tiles in all of them. */
const products: Product[] = [
  ...oddSizes.flatMap((size) => [
    { m: size, k: 5, n: 9 },
    { m: 6, k: size, n: 7 },
    { m: 5, k: 6, n: size },
  ]),
  { m: 1, k: 1, n: 1 },
  { m: 13, k: 13, n: 13 },
  { m: 4, k: 8, n: 8 },
  { m: 8, k: 16, n: 24 },
  { m: 127, k: 129, n: 127 },
  { m: 33, k: 300, n: 65 },
];

const transposes = [
  { transposeA: false, transposeB: false },
  { transposeA: true, transposeB: false },
  { transposeA: false, transposeB: true },
  { transposeA: true, transposeB: true },
];

/** Errors of n rounded additions grow like sqrt(n), seldom beyond that; an upper bound would be n. */
function bound({ k }: Product): number {
  return 2 + 2 * Math.sqrt(k);
}

/** A full step, one row less than a tile, a single row, and several steps with a rest. */
function jobs(rows: number): CaseJob[] {
  const fewer = Math.max(1, Math.floor(rows / 2));
  return [{ rows }, { rows: 1 }, { rows: fewer }, { rows: rows + fewer, batch: rows }];
}

const large = ({ m, k, n }: Product): { gradient?: false } => (m * k * n > 20000 ? { gradient: false } : {});

const fixed: Case[] = products.flatMap((size) =>
  transposes.map((attributes) =>
    caseOf(
      "matmul",
      [
        attributes.transposeA ? [size.k, size.m] : [size.m, size.k],
        attributes.transposeB ? [size.n, size.k] : [size.k, size.n],
      ],
      attributes,
      { c: bound(size), ...large(size) },
    ),
  ),
);

/** The forward of a layer, and its gradient by the input. */
const rowsFirst: Case[] = products.flatMap((size) =>
  [false, true].map((transposeB) =>
    caseOf(
      "matmul",
      [[null, size.k], transposeB ? [size.n, size.k] : [size.k, size.n]],
      { transposeA: false, transposeB },
      { c: bound(size), ...large(size), capacity: size.m, jobs: jobs(size.m), label: `${size.m} rows` },
    ),
  ),
);

/** The gradient by the weights: the batch is summed over. */
const rowsSummed: Case[] = products.map((size) =>
  caseOf(
    "matmul",
    [
      [null, size.m],
      [null, size.n],
    ],
    { transposeA: true, transposeB: false },
    { c: bound(size), ...large(size), capacity: size.k, jobs: jobs(size.k), label: `${size.k} rows` },
  ),
);

/** Half of the columns of four rows at a time all zero, as in pictures of digits. */
const sparse: Fill = (shape, uniform, before) => {
  const width = shape.at(-1)!;
  return Float64Array.from(normal(shape, uniform, before), (v, i) => ((i % width) % 4 < 2 ? 0 : v));
};

const special: Case[] = [
  caseOf("matmul", [{ shape: [null, 128], values: sparse }, [128, 33]], transposes[0]!, {
    c: 24,
    gradient: false,
    capacity: 9,
    jobs: jobs(9),
    label: "sparse",
  }),
  caseOf("matmul", [{ shape: [null, 40], values: sparse }, [null, 17]], transposes[1]!, {
    c: 24,
    gradient: false,
    capacity: 13,
    jobs: jobs(13),
    label: "sparse",
  }),
];

const fused: Case[] = products.flatMap((size) =>
  (["linear", "relu"] as const).flatMap((activation) => [
    ...[false, true].map((transposeB) =>
      caseOf(
        "dense",
        [[null, size.k], transposeB ? [size.n, size.k] : [size.k, size.n], { shape: [size.n], values: awayFromZero }],
        { transposeA: false, transposeB, activation },
        { c: bound(size), capacity: size.m, jobs: jobs(size.m), label: `${size.m} rows` },
      ),
    ),
    caseOf(
      "dense",
      [[size.k, size.m], [size.k, size.n], [size.n]],
      { transposeA: true, transposeB: false, activation },
      { c: bound(size) },
    ),
  ]),
);

/** Cases of matmul and dense. */
export const matrixCases: readonly Case[] = [...fixed, ...rowsFirst, ...rowsSummed, ...special, ...fused];
