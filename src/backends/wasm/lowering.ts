/**
 * The contract of a lowering: how one op becomes calls of kernels. lowerings/ holds them, one family a file;
 * lowerings/index.ts is the table of all.
 */

import type { DType } from "../../core/dtype.js";
import { bytesPerElement } from "../../core/dtype.js";
import { type Dimensions, isBatched, sizePerRow } from "../../graph/dimensions.js";
import type { Tuple } from "../../graph/op.js";
import type { AttributesOf, OpName, ops } from "../../graph/ops/index.js";
import type { Builder } from "./builder.js";
import type { Size } from "./kernels.js";
import type { Place } from "./place.js";

/** A tensor in memory. */
export interface Operand {
  readonly place: Place;
  readonly shape: Dimensions;
  readonly dtype: DType;
  /** The numbers of a constant: one for all elements, or all of them. */
  readonly constant: readonly number[] | undefined;
}

/** What a lowering is given. */
export interface LoweringContext<O extends OpName> {
  readonly builder: Builder;
  readonly inputs: Tuple<Operand, (typeof ops)[O]["definition"]["inputs"]>;
  /** Where the result goes; of an effect, its first input. */
  readonly output: Operand;
  /** Every result of the op, the first included; undefined where nothing wants it. */
  readonly results: readonly (Operand | undefined)[];
  readonly attributes: AttributesOf<O>;
}

/** Emits the calls of one op. */
export type Lowering<O extends OpName> = (context: LoweringContext<O>) => void;

/** Elements of a tensor, as a kernel's size. */
export function elements(shape: Dimensions): Size {
  return isBatched(shape) ? { perRow: sizePerRow(shape) } : sizePerRow(shape);
}

/** Bytes of a tensor, as a kernel's size. */
export function byteSize({ shape, dtype }: Pick<Operand, "shape" | "dtype">): Size {
  const bytes = sizePerRow(shape) * bytesPerElement(dtype);
  return isBatched(shape) ? { perRow: bytes } : bytes;
}

/** The length of an axis, as a kernel's size. */
export function lengthOf(shape: Dimensions, axis: number): Size {
  return shape[axis] === null ? { perRow: 1 } : shape[axis]!;
}
