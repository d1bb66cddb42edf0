/**
 * Activations that look at one element at a time, one op for all: which formula is an attribute, so that each is one walk
 * over memory forward and one backward. relu, sigmoid and tanh are ops of their own. What users call them is in
 * nn/activations.
 */

import { erfc } from "../../core/error-function.js";
import { defineOp, type Op } from "../op.js";
import { floatType, gradientType } from "./unary.js";

/** A function of one number, and its derivative. */
interface Formula {
  /** How many parameters it has. */
  readonly parameters: number;
  value(x: number, parameters: readonly number[]): number;
  slope(x: number, parameters: readonly number[]): number;
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
/** The share of the standard normal distribution below x. */
const normalShare = (x: number): number => erfc(-x * Math.SQRT1_2) / 2;
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
/** 2 u for gelu's approximation by x tanh(u), and its derivative. */
const ROOT = 2 * Math.sqrt(2 / Math.PI);
const geluInner = (x: number): number => ROOT * (x + 0.044715 * x ** 3);
const geluInnerSlope = (x: number): number => ROOT * (1 + 3 * 0.044715 * x * x);

/** Every formula by name; the parameters are those of its line of comment, in order. */
export const formulas = {
  /** slope, threshold, largest: min(x, largest) above the threshold, else slope (x - threshold). Kinks belong to the left, `largest` to the right. */
  rectify: {
    parameters: 3,
    value: (x, [slope, threshold, largest]) => {
      if (x > threshold!) return Math.min(x, largest!);
      return slope === 0 && x === Number.NEGATIVE_INFINITY ? 0 : slope! * (x - threshold!) + 0;
    },
    slope: (x, [slope, threshold, largest]) => (x > threshold! ? (x < largest! ? 1 : 0) : slope!),
  },
  /** scale, amplitude, rate: scale x above 0, else amplitude (e^(rate x) - 1). */
  elu: {
    parameters: 3,
    value: (x, [scale, amplitude, rate]) => (x > 0 ? scale! * x : amplitude! * Math.expm1(rate! * x)),
    slope: (x, [scale, amplitude, rate]) => (x > 0 ? scale! : amplitude! * rate! * Math.exp(rate! * x)),
  },
  /** x P(X <= x) for X of the standard normal distribution. */
  gelu: {
    parameters: 0,
    value: (x) => x * normalShare(x),
    slope: (x) => normalShare(x) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI),
  },
  /** x (1 + tanh u) / 2, u = sqrt(2/π) (x + 0.044715 x³). */
  geluTanh: {
    parameters: 0,
    value: (x) => x * logistic(geluInner(x)),
    slope: (x) => {
      const s = logistic(geluInner(x));
      // Far out s (1 - s) is 0, and would be lost beside a square that overflows.
      return s + (Math.abs(x) > 20 ? 0 : x * s * (1 - s) * geluInnerSlope(x));
    },
  },
  /** x / (1 + e^-x). */
  silu: {
    parameters: 0,
    value: (x) => x * logistic(x),
    slope: (x) => logistic(x) * (1 + x * logistic(-x)),
  },
  /** x tanh(ln(1 + e^x)). */
  mish: {
    parameters: 0,
    value: (x) => x * Math.tanh(softplus(x)),
    slope: (x) => {
      const t = Math.tanh(softplus(x));
      return t + (x * logistic(x)) / Math.cosh(Math.min(softplus(x), 700)) ** 2;
    },
  },
  /** ln(1 + e^x). */
  softplus: { parameters: 0, value: softplus, slope: logistic },
  /** x / (1 + |x|). */
  softsign: {
    parameters: 0,
    value: (x) => x / (1 + Math.abs(x)),
    slope: (x) => 1 / (1 + Math.abs(x)) ** 2,
  },
  /** (x + 3) / 6, from 0 to 1. */
  hardSigmoid: {
    parameters: 0,
    value: (x) => Math.min(Math.max(x + 3, 0), 6) / 6,
    slope: (x) => (x > -3 && x < 3 ? 1 / 6 : 0),
  },
  /** x hardSigmoid(x). */
  hardSilu: {
    parameters: 0,
    value: (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
    slope: (x) => (x < 3 ? (x > -3 ? (2 * x + 3) / 6 : 0) : 1),
  },
} as const satisfies Record<string, Formula>;

/** The name of a formula. */
export type FormulaName = keyof typeof formulas;

/** Attributes of activation and its gradient. */
export type ActivationAttributes = { readonly formula: FormulaName; readonly parameters: readonly number[] };

/** The attributes of relu6. */
export const relu6: ActivationAttributes = { formula: "rectify", parameters: [0, 0, 6] };

/** Whether attributes are those of relu6. */
export function isRelu6({ formula, parameters }: ActivationAttributes): boolean {
  return formula === relu6.formula && relu6.parameters.every((parameter, i) => parameters[i] === parameter);
}

/** y = f(x); dx = dy f'(x). */
export const activation: Op<"activation", 1, ActivationAttributes> = defineOp({
  name: "activation",
  inputs: 1,
  infer: ([x]) => floatType("activation", x),
  gradient: ({ inputs: [x], gradient, attributes }) => [activationGradient([x, gradient], attributes)],
  reference: ({ inputs: [x], attributes: { formula, parameters } }) => {
    const { value }: Formula = formulas[formula];
    return x.data.map((v) => value(v, parameters));
  },
});

/** dx = dy f'(x), of x and dy. */
export const activationGradient: Op<"activationGradient", 2, ActivationAttributes> = defineOp({
  name: "activationGradient",
  inputs: 2,
  infer: ([x, dy]) => gradientType("activationGradient", "x", x, dy),
  reference: ({ inputs: [x, dy], attributes: { formula, parameters } }) => {
    const { slope }: Formula = formulas[formula];
    return dy.data.map((v, i) => v * slope(x.data[i]!, parameters));
  },
});
