/** How many rows the batch of this step has. */

import { ShapeError } from "../../core/errors.js";
import { formatShape } from "../../core/shape.js";
import { isBatched } from "../dimensions.js";
import { defineOp } from "../op.js";

/** y = the rows of x in this step, as a float32 scalar: what a mean over the batch divides by. */
export const rowCount = defineOp({
  name: "rowCount",
  inputs: 1,
  infer: ([x]) => {
    if (!isBatched(x.shape)) {
      throw new ShapeError(`rowCount: a batched tensor [null, ...] expected, received ${formatShape(x.shape)}.`);
    }
    return { shape: [], dtype: "float32" };
  },
  gradient: () => [null],
  reference: ({ rows }) => Float64Array.of(rows),
});
