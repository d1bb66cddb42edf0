/** Cases of the elementwise ops. */

import type { DType } from "../../src/core/dtype.js";
import type { Dimensions } from "../../src/graph/dimensions.js";
import { type Case, type CaseInput, caseOf, oddSizes } from "./case.js";
import { awayFromZero, between, betweenWhole, type Fill, integers, listed, normal, positive, ties } from "./fill.js";

/** Shapes of one operand: every odd size, fixed and in the rows of a batch; nothing; larger than a tile. */
const shapes: Dimensions[] = [...oddSizes.map((n) => [n]), [], [2, 3, 5], [null], [null, 7], [null, 13, 5], [3000]];

type UnaryName =
  | "absolute"
  | "exp"
  | "log"
  | "negate"
  | "reciprocal"
  | "relu"
  | "round"
  | "sigmoid"
  | "sign"
  | "sqrt"
  | "square"
  | "tanh";

const unary: Record<UnaryName, { c: number; values: Fill; edges?: readonly number[] }> = {
  absolute: { c: 0, values: awayFromZero, edges: [0, -0, -1e-30, -3e38, Number.NEGATIVE_INFINITY] },
  exp: { c: 2, values: between(-10, 10), edges: [0, -0, 88, -87, -100, 1e-10, Number.NEGATIVE_INFINITY] },
  log: { c: 2, values: positive, edges: [1, 1.0000001, 0.9999999, 1e-7, 1e-30, 3e38] },
  negate: { c: 0, values: normal, edges: [0, -0, 3e38, Number.POSITIVE_INFINITY] },
  reciprocal: { c: 2, values: awayFromZero, edges: [1e-30, -1e30, Number.POSITIVE_INFINITY] },
  relu: { c: 0, values: awayFromZero, edges: [0, -0, 1e-30, -1e-30, -3e38, Number.NEGATIVE_INFINITY] },
  round: { c: 0, values: betweenWhole(-8, 8), edges: [0.5, 1.5, -0.5, -2.5, 0, 8388607.5, -3e38, 2.4999998] },
  sigmoid: { c: 4, values: between(-8, 8), edges: [0, 20, -20, 87, -87, 200, -200, 1e-7] },
  sign: { c: 0, values: awayFromZero, edges: [0, -0, 1e-30, -1e-30, 3e38] },
  sqrt: { c: 2, values: positive, edges: [0, 1e-30, 3e38] },
  square: { c: 2, values: normal, edges: [0, 1e10, -1e-10] },
  tanh: { c: 4, values: between(-4, 4), edges: [0, 1e-4, -1e-4, 0.3, 9, -9, 50, -200] },
};

const unaryCases: Case[] = (Object.keys(unary) as UnaryName[]).flatMap((op) => {
  const { c, values, edges } = unary[op];
  const plain = shapes.map((shape) => caseOf(op, [{ shape, values }], {}, { c }));
  if (edges === undefined) return plain;
  const shape = [edges.length];
  return [...plain, caseOf(op, [{ shape, values: listed(...edges) }], {}, { c, gradient: false, label: "edges" })];
});

/** Every way two shapes broadcast together. */
const pairs: (readonly [Dimensions, Dimensions])[] = [
  ...oddSizes.map((n) => [[n], [n]] as const),
  [[], []],
  [[7], []],
  [[], [7]],
  [[1], [5]],
  [
    [3, 1],
    [1, 5],
  ],
  [[2, 3, 5], [5]],
  [
    [2, 3, 5],
    [3, 1],
  ],
  [
    [3, 1],
    [2, 3, 5],
  ],
  [
    [2, 1, 7],
    [1, 3, 1],
  ],
  [[129, 3], [3]],
  [
    [null, 7],
    [null, 7],
  ],
  [[null], [null]],
  [[null, 13], []],
  [[], [null, 13]],
  [[null, 13], [13]],
  [
    [null, 127],
    [1, 127],
  ],
  [[5], [null, 5]],
  [
    [null, 1],
    [null, 5],
  ],
  [
    [null, 5],
    [null, 1],
  ],
  [
    [null, 3, 5],
    [null, 1, 5],
  ],
  [
    [null, 3, 5],
    [3, 1],
  ],
  [
    [null, 3, 1, 7],
    [1, 5, 1],
  ],
  [
    [1, 5],
    [null, 5],
  ],
  [
    [null, 1],
    [1, 5],
  ],
];

type BinaryName =
  | "add"
  | "divide"
  | "equal"
  | "greater"
  | "greaterEqual"
  | "maximum"
  | "minimum"
  | "multiply"
  | "subtract";

const binary: Record<BinaryName, { c: number; values: [Fill, Fill]; whole: boolean }> = {
  add: { c: 1, values: [normal, normal], whole: true },
  divide: { c: 2, values: [normal, awayFromZero], whole: false },
  equal: { c: 0, values: [ties, ties], whole: true },
  greater: { c: 0, values: [ties, ties], whole: true },
  greaterEqual: { c: 0, values: [ties, ties], whole: true },
  maximum: { c: 0, values: [normal, normal], whole: true },
  minimum: { c: 0, values: [normal, normal], whole: true },
  multiply: { c: 1, values: [normal, normal], whole: true },
  subtract: { c: 1, values: [normal, normal], whole: true },
};

const binaryCases: Case[] = (Object.keys(binary) as BinaryName[]).flatMap((op) => {
  const { c, values, whole } = binary[op];
  const [p, q] = values;
  const list = pairs.map(([a, b]) =>
    caseOf(
      op,
      [
        { shape: a, values: p },
        { shape: b, values: q },
      ],
      {},
      { c },
    ),
  );
  const constant: CaseInput = { shape: [], values: q, leaf: "constant" };
  list.push(caseOf(op, [{ shape: [null, 7], values: p }, constant], {}, { c }));
  list.push(
    caseOf(
      op,
      [
        { ...constant, values: p },
        { shape: [13], values: q },
      ],
      {},
      { c },
    ),
  );
  list.push(
    caseOf(
      op,
      [
        { shape: [null, 3], values: p },
        { shape: [3], values: q, leaf: "constant" },
      ],
      {},
      { c },
    ),
  );
  const equalOnes = [
    { shape: [null, 7], values: ties },
    { shape: [null, 7], values: ties },
  ];
  if (op !== "divide") list.push(caseOf(op, equalOnes, {}, { c, gradient: false, label: "ties" }));
  if (whole) {
    const values = integers(-1000, 1000);
    const dtype: DType = "int32";
    for (const [a, b] of [
      [[7], [7]],
      [[null, 5], [5]],
      [[null], []],
    ] as [Dimensions, Dimensions][]) {
      list.push(
        caseOf(
          op,
          [
            { shape: a, dtype, values },
            { shape: b, dtype, values },
          ],
          {},
          { c: 0, label: "int32" },
        ),
      );
    }
  }
  return list;
});

const bool: CaseInput = { shape: [], dtype: "bool", values: integers(0, 2) };
const selections: (readonly [Dimensions, Dimensions, Dimensions])[] = [
  ...oddSizes.map((n) => [[n], [n], [n]] as const),
  [
    [null, 7],
    [null, 7],
    [null, 7],
  ],
  [[null, 7], [null, 7], []],
  [[null, 7], [], [null, 7]],
  [[null, 1], [7], [null, 7]],
  [[7], [null, 7], [null, 1]],
  [[], [5], [3, 1]],
  [[2, 1, 3], [5, 1], [3]],
];

const choices: Case[] = [
  ...selections.map(([condition, a, b]) => caseOf("select", [{ ...bool, shape: condition }, a, b], {})),
  caseOf("select", [{ ...bool, shape: [null, 5] }, [null, 5], { shape: [], leaf: "constant" }], {}),
  caseOf(
    "select",
    [
      { ...bool, shape: [null, 3] },
      { shape: [null, 3], dtype: "int32", values: integers(-9, 9) },
      { shape: [3], dtype: "int32", values: integers(-9, 9) },
    ],
    {},
    { label: "int32" },
  ),
  ...shapes.map((shape) => caseOf("clip", [{ shape, values: distinctFrom(0.5) }], { minimum: -0.5, maximum: 0.75 })),
  caseOf(
    "clip",
    [{ shape: [null, 7], values: listed(-0.5, 0.75, -1, 1, 0, -0, 3e38) }],
    { minimum: -0.5, maximum: 0.75 },
    { gradient: false, label: "bounds" },
  ),
  caseOf("clip", [{ shape: [7], values: normal }], { minimum: Number.NEGATIVE_INFINITY, maximum: 0.5 }),
];

/** Normal, but never within 0.01 of a multiple of `bound` / 2. */
function distinctFrom(bound: number): Fill {
  return (shape, uniform, before) =>
    Float64Array.from(normal(shape, uniform, before), (v) => {
      const step = bound / 2;
      const rest = v / step - Math.round(v / step);
      return Math.abs(rest * step) < 0.01 ? v + 0.05 : v;
    });
}

const gradients: Case[] = shapes.flatMap((shape) => [
  caseOf("reluGradient", [{ shape, values: awayFromZero }, { shape }], {}),
  caseOf("sigmoidGradient", [{ shape, values: between(0, 1) }, { shape }], {}, { c: 3 }),
  caseOf("tanhGradient", [{ shape, values: between(-1, 1) }, { shape }], {}, { c: 3 }),
]);
gradients.push(
  caseOf(
    "reluGradient",
    [{ shape: [null, 7], values: listed(0, -0, 1, -1, 2, 0, 1e-30) }, [null, 7]],
    {},
    {
      gradient: false,
      label: "kinks",
    },
  ),
);

const castable: Record<"float32" | "int32" | "uint8" | "bool", Fill> = {
  float32: listed(0, 0.5, -0.5, 1.999, -1.999, 254.7, 256.5, -3.2, 1e6, 3e9, -3e9, Number.NaN, 1e20),
  int32: listed(0, 1, -1, 255, 256, -257, 16777217, 2147483647, -2147483648),
  uint8: listed(0, 1, 2, 127, 128, 254, 255),
  bool: integers(0, 2),
};
const casts: Case[] = Object.entries(castable).flatMap(([from, values]) =>
  (["float32", "int32", "uint8", "bool"] as const).flatMap((dtype) =>
    ([[13], [null, 7], [129], [null]] as Dimensions[]).map((shape) =>
      caseOf(
        "cast",
        // Whole numbers beyond 2^24 round when they become float32.
        [{ shape, dtype: from as DType, values }],
        { dtype },
        { c: from === "int32" && dtype === "float32" ? 1 : 0, gradient: false, label: `from ${from}` },
      ),
    ),
  ),
);
casts.push(caseOf("cast", [[null, 5]], { dtype: "float32" }));

/** Cases of every elementwise op. */
export const elementwiseCases: readonly Case[] = [...unaryCases, ...binaryCases, ...choices, ...gradients, ...casts];
