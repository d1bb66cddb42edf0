/** Rows of a table, by their numbers. */

import { DataError, ShapeError } from "../../core/errors.js";
import { formatShape } from "../../core/shape.js";
import { defineOp, type Value } from "../op.js";
import type { TensorType } from "../tensor.js";
import { checkDType } from "./unary.js";

/** y[i, ...] = table[indices[i], ...]; indices int32, the result of the table's dtype. It has no derivative. */
export const gatherRows = defineOp({
  name: "gatherRows",
  inputs: 2,
  infer: ([table, indices]) => gatheredType("gatherRows", table, indices),
  reference: ({ inputs: [table, indices] }) => gathered("gatherRows", table, indices),
});

/**
 * The type of rows gathered from a table.
 * @throws ShapeError or DataError naming the op.
 */
export function gatheredType(name: string, table: TensorType, indices: TensorType): TensorType {
  checkDType(name, indices, ["int32"], "indices");
  if (table.shape.length < 1 || indices.shape.length !== 1) {
    throw new ShapeError(
      `${name}: a table of at least one axis and indices of exactly one expected, received ${formatShape(table.shape)} and ${formatShape(indices.shape)}.`,
    );
  }
  return { shape: [indices.shape[0]!, ...table.shape.slice(1)], dtype: table.dtype };
}

/** The rows themselves. */
export function gathered(name: string, table: Value, indices: Value): Float64Array {
  const rows = table.shape[0]!;
  const width = rows === 0 ? 0 : table.data.length / rows;
  const result = new Float64Array(indices.data.length * width);
  indices.data.forEach((index, i) => {
    if (!(index >= 0 && index < rows)) {
      throw new DataError(`${name}: row ${index} does not exist in a table of ${rows} rows.`);
    }
    result.set(table.data.subarray(index * width, (index + 1) * width), i * width);
  });
  return result;
}
