/** Bytes scaled to float32. Made by fusion only. */

import { defineOp, type Op } from "../op.js";
import { checkDType } from "./unary.js";

/** What bytes are multiplied by, and what is added then. */
export type ScaleAttributes = { readonly scale: number; readonly offset: number };

/** y = x * scale + offset. */
export const castScale: Op<"castScale", 1, ScaleAttributes> = defineOp({
  name: "castScale",
  inputs: 1,
  infer: ([x]) => {
    checkDType("castScale", x, ["uint8"]);
    return { shape: x.shape, dtype: "float32" };
  },
  reference: ({ inputs: [x], attributes }) => scaled(x.data, attributes),
});

/** The formula. */
export function scaled(data: Float64Array, { scale, offset }: ScaleAttributes): Float64Array {
  return data.map((v) => v * scale + offset);
}
