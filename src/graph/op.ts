/**
 * How an op is defined: its name, what it makes of its inputs' types, its gradient in terms of other ops, and its plain
 * loop in float64. One op is one file in ops/; ops/index.ts is the table of them all. Not here: kernels, which belong
 * to the backends.
 */

import type { Shape } from "../core/shape.js";
import { type Attributes, Tensor, type TensorType } from "./tensor.js";

/** What stands for the op of a tensor that is a further result of its only input. */
const PART = "part";

/** Whether a tensor is a further result of an op: its input is the first. */
export function isPart(tensor: Tensor): boolean {
  return tensor.op === PART;
}

/** A tuple of `N` values of type `T`. */
export type Tuple<T, N extends number, R extends readonly T[] = []> = R["length"] extends N
  ? R
  : Tuple<T, N, readonly [...R, T]>;

/** A concrete value as the reference computes it: every dtype in float64, row-major. */
export interface Value {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** What a gradient rule is given. */
export interface GradientContext<N extends number, A extends Attributes> {
  readonly inputs: Tuple<Tensor, N>;
  readonly output: Tensor;
  /** The derivative of the loss by the output, of the output's shape. */
  readonly gradient: Tensor;
  readonly attributes: A;
}

/** What the plain loop is given. */
export interface ReferenceContext<N extends number, A extends Attributes> {
  readonly inputs: Tuple<Value, N>;
  readonly attributes: A;
  /** The concrete shape to fill. */
  readonly shape: Shape;
  /** Rows of this step. */
  readonly rows: number;
}

/** One result of an op: its type, and its plain loop in float64. */
export interface ResultDefinition<N extends number, A extends Attributes> {
  /**
   * The type of the result.
   * @throws ShapeError or DataError that names expected and received.
   */
  infer(inputs: Tuple<TensorType, N>, attributes: A): TensorType;
  /** The plain loop in float64: returns the result's data. */
  reference(context: ReferenceContext<N, A>): Float64Array;
}

/** The definition of an op with `N` inputs and attributes `A`. */
export interface OpDefinition<Name extends string, N extends number, A extends Attributes> {
  readonly name: Name;
  readonly inputs: N;
  /** Inputs (all of them variables) that the op overwrites; such an op is an effect and makes no value. */
  readonly writes?: readonly number[];
  /**
   * The type of the result.
   * @throws ShapeError or DataError that names expected and received.
   */
  infer(inputs: Tuple<TensorType, N>, attributes: A): TensorType;
  /**
   * Results beside the first, where one walk over memory gives several. Calling the op makes its first result; `part`
   * takes the others from that. Only the first has a gradient.
   */
  readonly others?: readonly ResultDefinition<N, A>[];
  /** The derivative of the loss by each input, `null` where it has none. Absent: the op has no gradient at all. */
  gradient?(context: GradientContext<N, A>): readonly (Tensor | null)[];
  /**
   * The plain loop in float64: returns the result's data. An effect returns nothing and writes into its inputs' data.
   */
  reference(context: ReferenceContext<N, A>): Float64Array | undefined;
}

/** An op: call it with its inputs (and attributes, where it has any) to make a tensor. */
export interface Op<Name extends string = string, N extends number = number, A extends Attributes = Attributes> {
  (inputs: Tuple<Tensor, N>, ...attributes: keyof A extends never ? [] : [A]): Tensor;
  readonly definition: OpDefinition<Name, N, A>;
  /** Result number `index` (1 and on) of the use of this op that `first` is. */
  part(first: Tensor, index: number): Tensor;
}

/** An op without attributes. */
export type NoAttributes = Readonly<Record<never, never>>;

/**
 * Defines an op.
 * @example
 * const square = defineOp({ name: "square", inputs: 1, infer: ([x]) => x,
 *   gradient: ({ inputs: [x], gradient }) => [multiply([gradient, multiply([constant(2), x])])],
 *   reference: ({ inputs: [x] }) => x.data.map((v) => v * v) });
 */
export function defineOp<const Name extends string, const N extends number, A extends Attributes = NoAttributes>(
  definition: OpDefinition<Name, N, A>,
): Op<Name, N, A> {
  const make = (inputs: Tuple<Tensor, N>, attributes: A = {} as A): Tensor => {
    const { shape, dtype } = definition.infer(inputs as Tuple<TensorType, N>, attributes);
    return new Tensor(definition.name, inputs as readonly Tensor[], attributes, shape, dtype);
  };
  const part = (first: Tensor, index: number): Tensor => {
    const other = definition.others![index - 1]!;
    const { shape, dtype } = other.infer(first.inputs as unknown as Tuple<TensorType, N>, first.attributes as A);
    return new Tensor(PART, [first], { index }, shape, dtype);
  };
  return Object.assign(make, { definition, part }) as Op<Name, N, A>;
}
