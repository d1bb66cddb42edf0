/** A change of element type. */

import type { DType } from "../../core/dtype.js";
import { defineOp, type Op } from "../op.js";
import { checkDType } from "./unary.js";

/** float64 belongs to accumulators alone. */
const castable: readonly DType[] = ["float32", "int32", "uint8", "bool"];

/**
 * y = x in another dtype. To int32: truncated towards 0, the nearest int32 beyond its range, 0 for NaN. To uint8: the
 * low 8 bits of that. To bool: x != 0. From bool: 0 or 1. The derivative goes from float32 to float32 only.
 */
export const cast: Op<"cast", 1, { readonly dtype: DType }> = defineOp({
  name: "cast",
  inputs: 1,
  infer: ([x], { dtype }) => {
    checkDType("cast", x, castable);
    checkDType("cast", { shape: [], dtype }, castable, "the dtype to cast to");
    return { shape: x.shape, dtype };
  },
  gradient: ({ inputs: [x], gradient, attributes: { dtype } }) => [
    x.dtype === "float32" && dtype === "float32" ? gradient : null,
  ],
  reference: ({ inputs: [x], attributes: { dtype } }) => {
    if (dtype === "float32") return x.data;
    if (dtype === "bool") return x.data.map((v) => (v !== 0 ? 1 : 0));
    return x.data.map((v) => (dtype === "uint8" ? toInt32(v) & 255 : toInt32(v)));
  },
});

/** Truncates and saturates, as WebAssembly's i32.trunc_sat does. */
function toInt32(v: number): number {
  return Number.isNaN(v) ? 0 : Math.trunc(Math.min(Math.max(v, -(2 ** 31)), 2 ** 31 - 1));
}
