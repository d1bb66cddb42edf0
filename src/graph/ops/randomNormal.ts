/** Normal random numbers that are a function of where they are used, not of what was drawn before. */

import { OptionError } from "../../core/errors.js";
import { normalAt } from "../../core/random.js";
import { sizeOf } from "../../core/shape.js";
import { checkDimensions, type Dimensions } from "../dimensions.js";
import { defineOp, type Op } from "../op.js";
import { checkRandomState } from "./randomState.js";

/** The shape to fill, the distribution, and which of the run's random streams to take. */
export type RandomNormalAttributes = {
  readonly shape: Dimensions;
  readonly mean: number;
  readonly stddev: number;
  readonly stream: number;
};

/**
 * y_i = mean + stddev normalAt(key0, key1, stream, epoch, step, i), float32; i counts over the whole batch, row-major.
 * `state` is int32 [4]: key0, key1, epoch, step. It has no derivative.
 */
export const randomNormal: Op<"randomNormal", 1, RandomNormalAttributes> = defineOp({
  name: "randomNormal",
  inputs: 1,
  infer: ([state], { shape, mean, stddev }) => {
    checkRandomState("randomNormal", state);
    checkDimensions(shape, "randomNormal");
    if (!(Number.isFinite(mean) && Number.isFinite(stddev) && stddev >= 0)) {
      throw new OptionError(
        `randomNormal: a finite mean and a stddev of 0 or more expected, received ${mean} and ${stddev}.`,
      );
    }
    return { shape, dtype: "float32" };
  },
  reference: ({ inputs: [state], attributes: { mean, stddev, stream }, shape }) => {
    const [key0, key1, epoch, step] = state.data as unknown as [number, number, number, number];
    return Float64Array.from(
      { length: sizeOf(shape) },
      (_, i) => mean + stddev * normalAt(key0, key1, stream, epoch, step, i),
    );
  },
});
