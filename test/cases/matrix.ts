/** Cases of matrix products. */

import { growing } from "./bounds.js";
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

const bound = ({ k }: Product): number => growing(k);

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

/** Half of the columns of every row zero, as in pictures of digits; then single zeros, as relu makes them; rows of zeros. */
const sparse: Fill = (shape, uniform, before) => {
  const width = shape.at(-1)!;
  return Float64Array.from(normal(shape, uniform, before), (v, i) => {
    const row = Math.floor(i / width);
    return (i % width) % 4 < 2 || row % 7 > 4 || (row % 3 === 0 && v < 0) ? 0 : v;
  });
};

/** Mostly numbers, and one that is not finite every 211. */
const broken: Fill = (shape, uniform, before) =>
  Float64Array.from(normal(shape, uniform, before), (v, i) =>
    i % 211 === 100 ? [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][Math.floor(i / 211) % 3]! : v,
  );

/** Left sides with many zeros, which are left out where the right side allows it. */
const special: Case[] = [normal, broken].flatMap((values) => {
  const options = { c: 30, gradient: false, label: values === broken ? "sparse, NaN" : "sparse" } as const;
  return [
    ...[33, 64, 130].flatMap((n) => [
      caseOf(
        "matmul",
        [
          { shape: [null, 128], values: sparse },
          { shape: [128, n], values },
        ],
        transposes[0]!,
        {
          ...options,
          capacity: 9,
          jobs: jobs(9),
        },
      ),
      caseOf(
        "matmul",
        [
          { shape: [null, 70], values: sparse },
          { shape: [n, 70], values },
        ],
        transposes[2]!,
        {
          ...options,
          capacity: 21,
          jobs: jobs(21),
        },
      ),
      caseOf(
        "matmul",
        [
          { shape: [131, 40], values: sparse },
          { shape: [40, n], values },
        ],
        transposes[0]!,
        options,
      ),
    ]),
    ...[17, 100].map((n) =>
      caseOf(
        "matmul",
        [
          { shape: [null, 43], values: sparse },
          { shape: [null, n], values },
        ],
        transposes[1]!,
        {
          ...options,
          capacity: 13,
          jobs: jobs(13),
        },
      ),
    ),
    // More than one part of k.
    caseOf(
      "matmul",
      [
        { shape: [5, 2100], values: sparse },
        { shape: [2100, 50], values },
      ],
      transposes[0]!,
      {
        ...options,
        c: 100,
      },
    ),
    caseOf(
      "matmul",
      [
        { shape: [2100, 7], values: sparse },
        { shape: [2100, 18], values },
      ],
      transposes[1]!,
      {
        ...options,
        c: 100,
      },
    ),
  ];
});

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
