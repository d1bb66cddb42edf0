/** The layer that brings pixels into the range a network learns well in. */

import { ShapeError } from "../../core/errors.js";
import { custom, either, finite, type RequiredCheck, withDefault } from "../../core/options.js";
import { formatShape } from "../../core/shape.js";
import type { Dimensions } from "../../graph/dimensions.js";
import { constant } from "../../graph/leaves.js";
import { add } from "../../graph/ops/add.js";
import { multiply } from "../../graph/ops/multiply.js";
import type { Tensor } from "../../graph/tensor.js";
import { defineLayer } from "../define-layer.js";
import { toFloat } from "../to-float.js";

/** One number for all, or one for each channel. */
type Numbers = number | readonly number[];

function numbers(): RequiredCheck<Numbers, Numbers> {
  const each = custom<readonly number[]>(
    "a list of them, one for each channel",
    (value) =>
      Array.isArray(value) && value.length > 0 && value.every((one) => Number.isFinite(one))
        ? [...(value as readonly number[])]
        : undefined,
    { refuses: [[], ["1"], [Number.NaN], [[1]]] },
  );
  return either(finite(), each);
}

function checkChannels(what: string, given: Numbers, inputShape: Dimensions, name: string): void {
  if (typeof given === "number") return;
  const channels = inputShape.length > 1 ? inputShape.at(-1)! : 0;
  if (given.length === channels || (given.length === 1 && channels > 0)) return;
  throw new ShapeError(
    `${name}: ${what} [${given.length}] has ${given.length} numbers, but the last axis of ${formatShape(inputShape)} has ${channels}.`,
  );
}

function leaf(given: Numbers): Tensor {
  return typeof given === "number" ? constant(given) : constant([...given], [given.length], "float32");
}

/**
 * y = x * scale + offset, in float32; `offset` is 0 by default. Either may be a list of a number for each channel. Takes
 * bytes as they are: pictures can stay uint8 up to here.
 * @throws ShapeError where a list has not as many numbers as the last axis.
 * @example layers.rescaling({ scale: 1 / 255 })
 */
export const rescaling = defineLayer({
  className: "Rescaling",
  call: "rescaling",
  options: { scale: numbers(), offset: withDefault(numbers(), 0) },
  outputShape({ scale, offset }, inputShape, name) {
    checkChannels("scale", scale, inputShape, name);
    checkChannels("offset", offset, inputShape, name);
    return inputShape;
  },
  build(x, { options: { scale, offset } }) {
    const scaled = multiply([toFloat(x), leaf(scale)]);
    return offset === 0 ? scaled : add([scaled, leaf(offset)]);
  },
});
