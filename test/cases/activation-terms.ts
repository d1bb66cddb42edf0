/** The sizes of the terms of activations and their gradients: what rounding errors are measured by (terms.ts). */

import { type FormulaName, formulas } from "../../src/graph/ops/activation.js";

type Sizes = (x: number, parameters: readonly number[]) => number;

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const size =
  (formula: FormulaName, part: "value" | "slope"): Sizes =>
  (x, parameters) =>
    Math.abs((formulas[formula][part] as Sizes)(x, parameters));
/** A function of e^t carries the rounding of t itself. */
const carried = (term: number, t: number): number => Math.abs(term) * (1 + Math.abs(t));
/** f(x) / x, at 0 its limit. */
const share = (formula: "gelu" | "mish", x: number): number => formulas[formula].value(x || 1e-30) / (x || 1e-30);
const inner = (x: number): number => 2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

const values: Partial<Record<FormulaName, Sizes>> = {
  rectify: (x, [, threshold]) => Math.abs(x) + Math.abs(threshold!),
  elu: (x, [scale, amplitude, rate]) => Math.abs(x > 0 ? scale! * x : amplitude! * Math.expm1(rate! * x)) * 2,
  gelu: (x) => carried(formulas.gelu.value(x), (x * x) / 2),
  geluTanh: (x) => carried(formulas.geluTanh.value(x), x < 0 ? inner(x) : 1),
  hardSigmoid: (x) => (x < -3 ? 0 : (Math.abs(x) + 3) / 6),
  hardSilu: (x) => (x < -3 ? 0 : Math.abs(x) * (Math.abs(x) + 3)) / 6,
};

const slopes: Partial<Record<FormulaName, Sizes>> = {
  elu: (x, parameters) => carried(formulas.elu.slope(x, parameters), x > 0 ? 0 : parameters[2]! * x),
  gelu: (x) => carried(share("gelu", x), (x * x) / 2) + carried(x * density(x), (x * x) / 2),
  geluTanh: (x) => {
    const s = logistic(inner(x));
    const slope = 2 * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
    return carried(s, x < 0 ? inner(x) : 1) + carried(x * s * (1 - s) * slope, inner(x));
  },
  silu: (x) => logistic(x) * (1 + Math.abs(x) * logistic(-x)),
  mish: (x) => {
    const t = share("mish", x);
    return t + Math.abs(formulas.mish.slope(x) - t);
  },
  hardSilu: (x) => (Math.abs(x) < 3 ? (2 * Math.abs(x) + 3) / 6 : 1),
};

/** The sizes of the terms of f(x), or of f'(x). */
export function activationSizes(formula: FormulaName, part: "value" | "slope"): Sizes {
  return (part === "value" ? values : slopes)[formula] ?? size(formula, part);
}
