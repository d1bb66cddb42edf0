/** Cases of the activations and their gradients. */

import type { Dimensions } from "../../src/graph/dimensions.js";
import type { FormulaName } from "../../src/graph/ops/activation.js";
import { type Case, caseOf, oddSizes } from "./case.js";
import { betweenWhole, listed, normal } from "./fill.js";

const shapes: Dimensions[] = [...oddSizes.map((n) => [n]), [], [2, 3, 5], [null], [null, 7], [null, 13, 5], [20_000]];

/** Each formula with some sets of parameters, whose kinks are at whole numbers, and what its results may miss. */
const formulas: Record<FormulaName, { c: number; parameters: readonly (readonly number[])[] }> = {
  rectify: {
    c: 2,
    parameters: [
      [0, 0, 6],
      [0.2, 0, Number.POSITIVE_INFINITY],
      [0.25, 1, 4],
      [0, 2, 3],
    ],
  },
  elu: {
    c: 4,
    parameters: [
      [1, 1, 1],
      [1.05, 1.75, 1],
      [1, 0.5, 2],
    ],
  },
  gelu: { c: 8, parameters: [[]] },
  geluTanh: { c: 8, parameters: [[]] },
  silu: { c: 4, parameters: [[]] },
  mish: { c: 6, parameters: [[]] },
  softplus: { c: 4, parameters: [[]] },
  softsign: { c: 6, parameters: [[]] },
  hardSigmoid: { c: 2, parameters: [[]] },
  hardSilu: { c: 4, parameters: [[]] },
};

/** Kinks, neighbours of 0, and numbers far out. */
const edges = listed(
  0,
  -0,
  1e-30,
  -1e-30,
  1e-7,
  -1e-7,
  -1e-3,
  0.01,
  -0.3,
  1,
  2,
  3,
  -3,
  4,
  6,
  7,
  -7,
  12,
  -12,
  20,
  -20,
  30,
  -30,
  100,
  -100,
  1000,
  -1000,
  1e10,
  -1e10,
);

/** Cases of the activations and their gradients. */
export const activationCases: readonly Case[] = Object.entries(formulas).flatMap(([name, { c, parameters: sets }]) =>
  sets.flatMap((parameters) => {
    const attributes = { formula: name as FormulaName, parameters };
    const values = betweenWhole(-8, 8);
    const far = { shape: [29], values: edges };
    return [
      ...shapes.map((shape) => caseOf("activation", [{ shape, values }], attributes, { c })),
      caseOf("activation", [far], attributes, { c, gradient: false, label: "edges" }),
      ...shapes.map((shape) => caseOf("activationGradient", [{ shape, values }, { shape }], attributes, { c })),
      caseOf("activationGradient", [far, { shape: [29], values: normal }], attributes, { c, label: "edges" }),
    ];
  }),
);
