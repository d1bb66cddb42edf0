/** The layer a model begins with. */

import { ShapeError } from "../../core/errors.js";
import { oneOf, shapeOption, withDefault } from "../../core/options.js";
import { formatShape } from "../../core/shape.js";
import { sameDimensions } from "../../graph/dimensions.js";
import { defineInput } from "../define-layer.js";

/**
 * Says what one example looks like: `shape` without the batch axis, and `dtype` "float32" (default), "uint8" or
 * "int32". It computes nothing.
 * @throws ShapeError when it is given something else.
 * @example layers.input({ shape: [28, 28, 1] })
 */
export const input = defineInput({
  className: "InputLayer",
  call: "input",
  options: { shape: shapeOption(), dtype: withDefault(oneOf(["float32", "uint8", "int32"]), "float32") },
  outputShape({ shape }, inputShape, name) {
    const expected = [null, ...shape];
    if (sameDimensions(inputShape, expected)) return expected;
    const channel = inputShape.length === shape.length && shape.at(-1) === 1;
    throw new ShapeError(
      `${name}: the model expects ${formatShape(expected)}, received ${formatShape(inputShape)}.${channel ? " Add the channel axis with expandDims(-1)." : ""}`,
    );
  },
  build: (x) => x,
});
