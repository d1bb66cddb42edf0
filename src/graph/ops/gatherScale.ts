/** Rows of a table of bytes, scaled to float32. Made by fusion only. */

import { defineOp, type Op } from "../op.js";
import { type ScaleAttributes, scaled } from "./castScale.js";
import { gathered, gatheredType } from "./gatherRows.js";
import { checkDType } from "./unary.js";

/** y[i, ...] = table[indices[i], ...] * scale + offset. */
export const gatherScale: Op<"gatherScale", 2, ScaleAttributes> = defineOp({
  name: "gatherScale",
  inputs: 2,
  infer: ([table, indices]) => {
    checkDType("gatherScale", table, ["uint8"], "the table");
    return { shape: gatheredType("gatherScale", table, indices).shape, dtype: "float32" };
  },
  reference: ({ inputs: [table, indices], attributes }) => scaled(gathered("gatherScale", table, indices), attributes),
});
