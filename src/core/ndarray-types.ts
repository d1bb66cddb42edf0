/** The dtypes that an NDArray's arithmetic and reductions give, as types. Not the promotion itself: dtype.ts. */

import type { DType } from "./dtype.js";

/** The dtype of `x / number`. */
export type Divided<D extends DType> = D extends "float64" ? "float64" : "float32";

/** The dtype of `x + number`, `x - number`, `x * number`: whole numbers keep integers, others make them float32. */
export type WithNumber<D extends DType> = D extends "float32" | "float64" ? D : "int32" | "uint8" | "float32";

/** The dtype of sums, means and deviations along an axis. */
export type Summed<D extends DType> = D extends "float32" ? "float32" : "float64";

/** An option of the reductions. */
export interface KeepDims {
  /** Keep reduced axes with length 1. Default false. */
  readonly keepDims?: boolean | undefined;
}
