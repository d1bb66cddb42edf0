/** Dropout, with random numbers that are a function of where they are used, not of what was drawn before. */

import { OptionError } from "../../core/errors.js";
import { uniformAt } from "../../core/random.js";
import { defineOp, type Op } from "../op.js";
import { checkRandomState } from "./randomState.js";
import { floatType } from "./unary.js";

/** The share of elements dropped, and which of the run's random streams decides. */
export type DropoutAttributes = { readonly rate: number; readonly stream: number };

/**
 * y_i = x_i / (1 - rate) where uniformAt(key0, key1, stream, epoch, step, i) >= rate, else 0; i counts over the whole
 * batch, row-major. `state` is int32 [4]: key0, key1, epoch, step. dx is the same op on dy.
 */
export const dropout: Op<"dropout", 2, DropoutAttributes> = defineOp({
  name: "dropout",
  inputs: 2,
  infer: ([x, state], { rate }) => {
    checkRandomState("dropout", state);
    if (!(rate >= 0 && rate < 1)) {
      throw new OptionError(`dropout: rate must be at least 0 and less than 1, received ${rate}.`);
    }
    return floatType("dropout", x);
  },
  gradient: ({ inputs: [, state], gradient, attributes }) => [dropout([gradient, state], attributes), null],
  reference: ({ inputs: [x, state], attributes: { rate, stream } }) => {
    const [key0, key1, epoch, step] = state.data as unknown as [number, number, number, number];
    return x.data.map((v, i) => (uniformAt(key0, key1, stream, epoch, step, i) >= rate ? v / (1 - rate) : 0));
  },
});
