/** The same elements in another shape; the batch axis stays the batch axis. */

import { ShapeError } from "../../core/errors.js";
import { formatShape } from "../../core/shape.js";
import { type Dimensions, isBatched, sizePerRow } from "../dimensions.js";
import { defineOp, type Op } from "../op.js";

/** y = x with shape `shape`, of as many elements (a row); only a batched tensor can stay one. */
export const reshape: Op<"reshape", 1, { readonly shape: Dimensions }> = defineOp({
  name: "reshape",
  inputs: 1,
  infer: ([x], { shape }) => {
    if (isBatched(x.shape) !== isBatched(shape) || sizePerRow(x.shape) !== sizePerRow(shape)) {
      throw new ShapeError(`reshape: ${formatShape(x.shape)} cannot become ${formatShape(shape)}; the sizes differ.`);
    }
    return { shape, dtype: x.dtype };
  },
  gradient: ({ inputs: [x], gradient }) => [reshape([gradient], { shape: x.shape })],
  reference: ({ inputs: [x] }) => x.data,
});
