/**
 * The symbolic tensor: one value in a graph, known by the op that makes it, that op's inputs and its type. It holds no
 * numbers. Not here: how ops are defined (op.ts) and how a graph is walked (graph.ts).
 */

import type { DType } from "../core/dtype.js";
import type { Dimensions } from "./dimensions.js";

/** Shape and element type of a tensor. */
export interface TensorType {
  readonly shape: Dimensions;
  readonly dtype: DType;
}

/** Plain values an op is configured with; printed with the graph and compared by value. */
export type AttributeValue = number | boolean | string | null | readonly (number | null)[] | Variable;

/** The attributes of one use of an op. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/**
 * State that outlives a step: weights, optimizer slots, counters, metric sums. The object is its identity; which memory
 * holds it is the backend's business.
 */
export class Variable {
  constructor(
    readonly name: string,
    readonly shape: readonly number[],
    readonly dtype: DType,
  ) {}
}

/** One value in a graph. Made by ops and leaves only; immutable. */
export class Tensor implements TensorType {
  constructor(
    /** The op that makes it: a name of ops/index.ts, or of a leaf (input, table, variable, constant). */
    readonly op: string,
    readonly inputs: readonly Tensor[],
    readonly attributes: Attributes,
    readonly shape: Dimensions,
    readonly dtype: DType,
  ) {}
}
