/** Cases of the ops on rows of data: labels, gathering, dropout and noise, crossentropies. */

import type { Dimensions } from "../../src/graph/dimensions.js";
import { type Case, type CaseInput, caseOf, oddSizes } from "./case.js";
import { integers, listed, normal, probabilities } from "./fill.js";

const labels = (shape: Dimensions, classes: number, dtype: "int32" | "uint8" = "int32"): CaseInput => ({
  shape,
  dtype,
  values: integers(0, classes),
});

const encodings: Case[] = [
  ...oddSizes.map((classes) => caseOf("oneHot", [labels([null], classes)], { classes })),
  caseOf("oneHot", [labels([null], 10, "uint8")], { classes: 10 }, { label: "uint8" }),
  caseOf("oneHot", [labels([7], 3)], { classes: 3 }),
  caseOf("oneHot", [labels([null, 3], 5)], { classes: 5 }),
  caseOf(
    "oneHot",
    [{ shape: [5], dtype: "int32", values: listed(-1, 0, 2, 3, 1000) }],
    { classes: 3 },
    { label: "outside" },
  ),
];

const table = (tableRows: number, row: readonly number[], dtype: "float32" | "int32" | "uint8"): CaseInput => ({
  shape: [null, ...row],
  dtype,
  leaf: "table",
  tableRows,
  values: dtype === "float32" ? normal : integers(0, 256),
});
const order = (rows: number): CaseInput => ({ shape: [null], dtype: "int32", values: integers(0, rows) });
const rowShapes: (readonly number[])[] = [[], ...oddSizes.map((n) => [n]), [5, 3, 2], [28, 28, 1]];

const scales = [
  { scale: Math.fround(1 / 255), offset: 0 },
  { scale: Math.fround(1 / 127.5), offset: -1 },
];
const gathers: Case[] = rowShapes.flatMap((row) => [
  ...(["float32", "int32", "uint8"] as const).map((dtype) =>
    caseOf("gatherRows", [table(11, row, dtype), order(11)], {}, { gradient: false, label: dtype }),
  ),
  ...scales.map((scale) => caseOf("gatherScale", [table(11, row, "uint8"), order(11)], scale, { c: 2 })),
  ...scales.map((scale) =>
    caseOf("castScale", [{ shape: [null, ...row], dtype: "uint8", values: integers(0, 256) }], scale, { c: 2 }),
  ),
]);
gathers.push(
  caseOf("gatherRows", [[7, 3], order(7)], {}, { gradient: false, label: "variable" }),
  caseOf("gatherRows", [[7, 3], { ...order(7), shape: [4] }], {}, { gradient: false, label: "fixed" }),
  caseOf("castScale", [{ shape: [129], dtype: "uint8", values: integers(0, 256) }], scales[1]!, { c: 2 }),
);

const state = (...values: [number, number, number, number]): CaseInput => ({
  shape: [4],
  dtype: "int32",
  values: listed(...values),
});
const dropouts: Case[] = (
  [...oddSizes.map((n) => [null, n]), [null], [null, 3, 5, 2], [13], [3000]] as Dimensions[]
).flatMap((shape) => [
  caseOf("dropout", [shape, state(7, 0, 0, 0)], { rate: 0.5, stream: 12345 }, { c: 2 }),
  caseOf("dropout", [shape, state(-5, 2 ** 20, 3, 77)], { rate: 0.1, stream: 0xfffffff0 }, { c: 2 }),
]);
dropouts.push(
  caseOf("dropout", [[null, 7], state(1, 2, 3, 4)], { rate: 0, stream: 1 }),
  caseOf("dropout", [[null, 129], state(1, 2, 3, 4)], { rate: 0.999, stream: 1 }, { c: 2 }),
);

const normals: Case[] = ([...oddSizes, 4, 8, 16, 17].map((n) => [null, n]) as Dimensions[])
  .concat([[null], [null, 3, 5, 2], [13], [9000], []])
  .flatMap((shape) => [
    caseOf("randomNormal", [state(7, 0, 0, 0)], { shape, mean: 0, stddev: 1, stream: 12345 }, { c: 4 }),
    caseOf("randomNormal", [state(-5, 2 ** 20, 3, 77)], { shape, mean: 1, stddev: 0.25, stream: 0xfffffff0 }, { c: 4 }),
  ]);

const losses: Case[] = [1, 3, 5, 7, 10, 13, 127, 129].flatMap((classes) =>
  ([null, 5] as const).flatMap((rows) => {
    const p: CaseInput = { shape: [rows, classes], values: probabilities };
    const x: CaseInput = { shape: [rows, classes] };
    const y = labels([rows], classes, classes === 10 ? "uint8" : "int32");
    // With one class the probability is 1, where the loss is clipped.
    const options = classes === 1 ? ({ c: 8, gradient: false } as const) : { c: 8 };
    return [
      caseOf("sparseCategoricalCrossentropy", [p, y], {}, options),
      caseOf("sparseCategoricalCrossentropyGradient", [p, y, [rows]], {}, options),
      caseOf("softmaxCrossentropyGradient", [p, y, [rows]], {}, options),
      caseOf("sparseSoftmaxCrossentropy", [x, y], {}, { c: 8 }),
      caseOf("sparseSoftmaxCrossentropyGradient", [x, y, [rows]], {}, { c: 8 }),
    ];
  }),
);
const certain: CaseInput = { shape: [4, 3], values: listed(1, 0, 0, 1e-9, 1, 0, 0.2, 0.3, 0.5, 1e-8, 1e-8, 1) };
const chosen: CaseInput = { shape: [4], dtype: "int32", values: listed(0, 0, 2, 1) };
losses.push(
  caseOf("sparseCategoricalCrossentropy", [certain, chosen], {}, { c: 8, gradient: false, label: "clipped" }),
  caseOf(
    "sparseCategoricalCrossentropyGradient",
    [certain, chosen, [4]],
    {},
    { c: 8, gradient: false, label: "clipped" },
  ),
  caseOf("softmaxCrossentropyGradient", [certain, chosen, [4]], {}, { c: 8, label: "clipped" }),
);

/** Cases of the ops on rows of data. */
export const rowCases: readonly Case[] = [...encodings, ...gathers, ...dropouts, ...normals, ...losses];
