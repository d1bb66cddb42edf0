/** Cases of the effects. */

import type { Dimensions } from "../../src/graph/dimensions.js";
import { type Case, type CaseInput, caseOf, oddSizes } from "./case.js";
import { between, integers, listed, normal } from "./fill.js";

const shapes: number[][] = [...oddSizes.map((n) => [n]), [], [3, 3, 5, 7], [3000]];
const none = { c: 0 } as const;

const assigns: Case[] = [
  ...shapes.map((shape) => caseOf("assign", [shape, shape], {}, none)),
  caseOf(
    "assign",
    [
      { shape: [5], dtype: "int32", values: integers(0, 9) },
      { shape: [5], dtype: "int32", values: integers(0, 9) },
    ],
    {},
    { label: "int32" },
  ),
  caseOf("assign", [[], { shape: [], leaf: "constant" }], {}),
  ...[...shapes, [9001]].map((shape) => caseOf("assignFinite", [shape, shape], {}, none)),
  caseOf("assignFinite", [[], { shape: [], leaf: "constant" }], {}),
  caseOf("assignFinite", [[7], { shape: [7], values: listed(0, 1, Number.NaN) }], {}, { label: "NaN" }),
  ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value) =>
    caseOf(
      "assignFinite",
      [[129], { shape: [129], values: (shape) => new Float64Array(shape[0]!).fill(value, 128) }],
      {},
      { label: `${value} in the last` },
    ),
  ),
];

const sum: CaseInput = { shape: [], dtype: "float64", values: between(-100, 100) };
const count: CaseInput = { shape: [], dtype: "int32", values: integers(0, 100) };
const terms: Dimensions[] = [[], [7], [129], [2, 3, 5], [null], [null, 7]];
const accumulations: Case[] = terms.flatMap((shape) => [
  caseOf("accumulate", [sum, shape], {}, { label: "float32" }),
  ...([sum, count] as const).flatMap((total) => [
    caseOf(
      "accumulate",
      [total, { shape, dtype: "int32", values: integers(-9, 99) }],
      {},
      { label: `int32 to ${total.dtype}` },
    ),
    caseOf(
      "accumulate",
      [total, { shape, dtype: "bool", values: integers(0, 2) }],
      {},
      { label: `bool to ${total.dtype}` },
    ),
  ]),
]);

const counting: Case[] = [
  caseOf("increment", [count], { index: 0, by: 1 }),
  caseOf("increment", [{ ...count, shape: [4] }], { index: 3, by: -2 }),
];

const rate: CaseInput = { shape: [], values: listed(0.01) };
const moment: CaseInput = { shape: [], values: between(0, 1) };
const iterations = (t: number): CaseInput => ({ shape: [], dtype: "int32", values: listed(t) });
const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
const updates: Case[] = shapes.flatMap((shape) => [
  caseOf("sgdUpdate", [shape, shape, rate], {}, { c: 4 }),
  ...[false, true].map((nesterov) =>
    caseOf("momentumUpdate", [shape, shape, shape, rate], { momentum: 0.9, nesterov }, { c: 4 }),
  ),
  ...[0, 9, 100000].map((t) =>
    caseOf("adamUpdate", [shape, shape, { ...moment, shape }, shape, rate, iterations(t)], adam, {
      c: 5,
      label: `t ${t}`,
    }),
  ),
]);
updates.push(
  // The gradient of a batch: the update follows other ops in the same step.
  caseOf("sgdUpdate", [[5], [5], { shape: [], values: listed(0.5), leaf: "constant" }], {}, { c: 4 }),
  caseOf("sgdUpdate", [[7], { shape: [7], values: listed(0, 1, Number.NaN) }, rate], {}, { c: 4, label: "NaN" }),
  caseOf(
    "sgdUpdate",
    [
      [129],
      { shape: [129], values: (shape) => new Float64Array(shape[0]!).fill(1).fill(Number.POSITIVE_INFINITY, 128) },
      rate,
    ],
    {},
    { c: 4, label: "infinity in the last" },
  ),
  caseOf(
    "momentumUpdate",
    [[5], [5], { shape: [5], values: listed(1, Number.NaN) }, rate],
    { momentum: 0.9, nesterov: false },
    { c: 4, label: "NaN" },
  ),
  caseOf(
    "adamUpdate",
    [[5], [5], { ...moment, shape: [5] }, { shape: [5], values: listed(1, Number.NaN) }, rate, iterations(0)],
    adam,
    { c: 5, label: "NaN" },
  ),
  caseOf(
    "sgdUpdate",
    [
      { shape: [3], values: listed(3e38) },
      { shape: [3], values: listed(-3e38) },
      { shape: [], values: listed(1) },
    ],
    {},
    { c: 4, label: "overflow" },
  ),
);

const checks: Case[] = [0, 1e30, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value) =>
  caseOf("checkFinite", [{ shape: [], values: listed(value) }], { what: "loss" }, { label: String(value) }),
);
checks.push(
  caseOf("checkFinite", [{ shape: [], values: normal, leaf: "constant" }], { what: "constant" }),
  caseOf("checkFinite", [[7]], { what: "several" }),
  caseOf("checkFinite", [{ shape: [7], values: listed(1, 2, 3, 4, 5, 6, Number.NaN) }], { what: "the last" }),
);

/** Cases of every effect. */
export const effectCases: readonly Case[] = [...assigns, ...accumulations, ...counting, ...updates, ...checks];
