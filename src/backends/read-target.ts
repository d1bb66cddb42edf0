/** Where what is read of a buffer goes: the caller's array or a new one. Shared by the backends. */

import { arrayType, type DType, type TypedArray } from "../core/dtype.js";
import { DataError } from "../core/errors.js";

/**
 * `into`, or a new array of `length`.
 * @throws DataError if `into` is not one for the dtype, or too short.
 */
export function readTarget(dtype: DType, length: number, into: TypedArray | undefined): TypedArray {
  if (into === undefined) return new arrayType[dtype](length);
  if (into instanceof arrayType[dtype] && into.length >= length) return into;
  const name = (into as object)?.constructor?.name ?? String(into);
  throw new DataError(
    `read: a ${arrayType[dtype].name} of at least ${length} elements expected, received a ${name} of ${(into as TypedArray).length}.`,
  );
}
