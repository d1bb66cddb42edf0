/** The layer a model begins with. */

import { ShapeError } from "../../core/errors.js";
import { oneOf, optional, shapeOption, withDefault } from "../../core/options.js";
import { formatShape } from "../../core/shape.js";
import { type Dimensions, sameDimensions } from "../../graph/dimensions.js";
import { layerName } from "../define-layer.js";
import { defineFactory } from "../factory.js";
import { Layer } from "../layer.js";

/** The layer, which is the symbolic input at the same time. */
class InputLayer extends Layer {
  /** With the batch axis, null. */
  readonly shape: Dimensions;

  constructor(shape: readonly number[], ...given: ConstructorParameters<typeof Layer>) {
    super(...given);
    this.shape = [null, ...shape];
  }
}

/**
 * Says what one example looks like: `shape` without the batch axis, and `dtype` "float32" (default), "uint8" or
 * "int32". It computes nothing. Its `shape` is that of the symbolic input, with the batch axis.
 * @throws ShapeError when it is given something else.
 * @example layers.input({ shape: [28, 28, 1] }).shape; // [null, 28, 28, 1]
 */
export const input = defineFactory({
  className: "InputLayer",
  call: "input",
  // Not defineLayer: it makes nothing that there could be a penalty for.
  options: {
    shape: shapeOption(),
    dtype: withDefault(oneOf(["float32", "uint8", "int32"]), "float32"),
    name: optional(layerName()),
  },
  build({ shape, name: given }, config) {
    return new InputLayer(shape, "InputLayer", { name: given }, "input", config, {
      inputs: "one",
      outputShapes([inputShape], name) {
        const expected = [null, ...shape];
        if (sameDimensions(inputShape!, expected)) return [expected];
        const channel = inputShape!.length === shape.length && shape.at(-1) === 1;
        throw new ShapeError(
          `${name}: the model expects ${formatShape(expected)}, received ${formatShape(inputShape!)}.${channel ? " Add the channel axis with expandDims(-1)." : ""}`,
        );
      },
      weights: () => [],
      call: (xs) => xs,
    });
  },
});
