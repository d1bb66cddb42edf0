/**
 * What a case of the shared table is. One table of cases gives three proofs: agreement of every backend with the
 * reference, gradients by finite differences, and (in bench) times. The cases themselves are in the files beside this.
 */

import type { DType } from "../../src/core/dtype.js";
import type { Dimensions } from "../../src/graph/dimensions.js";
import type { AttributesOf, OpName } from "../../src/graph/ops/index.js";
import type { Attributes } from "../../src/graph/tensor.js";
import type { Fill } from "./fill.js";

/** One input of a case. A batched one becomes an `input` leaf, a fixed one a variable, unless `leaf` says otherwise. */
export interface CaseInput {
  readonly shape: Dimensions;
  /** Default float32. */
  readonly dtype?: DType;
  /** Default `normal`. */
  readonly values?: Fill;
  readonly leaf?: "variable" | "constant" | "table";
  /** Rows of a table. */
  readonly tableRows?: number;
}

/** Rows of one job, and of its steps (default: all in one step). */
export interface CaseJob {
  readonly rows: number;
  readonly batch?: number;
}

/** One use of an op. */
export interface Case {
  readonly name: string;
  readonly op: OpName;
  readonly inputs: readonly CaseInput[];
  readonly attributes: Attributes;
  /** Which result of an op of several is looked at; default 0, the first. */
  readonly result?: number;
  /** A backend's result may differ from the reference by c * 2^-24 * the sum of the terms' sizes; 0: not at all. */
  readonly c: number;
  /**
   * What `c` multiplies are not each element's own terms, but the largest in any place of the picture (or of the filter).
   * Algorithms that work on tiles, as Winograd's do, leave a tile's rounding in all of it, in zeros too, and what is not
   * finite; it must not leave the picture, and must not vanish.
   */
  readonly spreads?: "over the picture" | "over the filter";
  /** False: at kinks, ties or bounds, or too large; finite differences say nothing here, or take too long. */
  readonly gradient?: false;
  /** Most rows of a step; default 5. */
  readonly capacity?: number;
  /** Default for batched cases: a full step, steps of fewer rows than the capacity, and several steps with a rest. */
  readonly jobs?: readonly CaseJob[];
}

/** A case without its name, which `caseOf` makes from the rest. */
export type CaseOptions = Partial<Pick<Case, "c" | "spreads" | "gradient" | "capacity" | "jobs" | "result">> & {
  readonly label?: string;
};

/** A case of an op. */
export function caseOf<O extends OpName>(
  op: O,
  inputs: readonly (CaseInput | Dimensions)[],
  attributes: AttributesOf<O>,
  { label, ...options }: CaseOptions = {},
): Case {
  const list = inputs.map(
    (input): CaseInput => (Array.isArray(input) ? { shape: input as Dimensions } : (input as CaseInput)),
  );
  const shapes = list.map(
    ({ shape, leaf }) => `${leaf === "constant" ? "constant " : ""}[${shape.map((n) => n ?? "rows").join(",")}]`,
  );
  const settings = Object.entries(attributes).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  const name = [op, ...shapes, ...settings, ...(label === undefined ? [] : [`(${label})`])].join(" ");
  return { name, op, inputs: list, attributes: attributes as Attributes, c: 0, ...options };
}

/** Lengths that fill a vector register, an unrolled loop or a tile only in part, or just overflow it. */
export const oddSizes = [1, 3, 5, 7, 13, 127, 129] as const;
