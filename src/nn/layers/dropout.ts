/** Layers that leave out values at random while training. */

import { StateError } from "../../core/errors.js";
import { inRange, nonNegativeInteger, optional } from "../../core/options.js";
import { hashStream } from "../../core/random.js";
import { dropout as dropoutOp } from "../../graph/ops/dropout.js";
import { defineLayer } from "../define-layer.js";
import { toFloat } from "../to-float.js";

/**
 * While training, each value becomes 0 with probability `rate` and is divided by 1 - rate otherwise, so that the
 * expected sum stays; elsewhere y = x. `rate` is from 0 up to, not including, 1. Which values: a function of fit's seed,
 * the layer's name, epoch, step and place; `seed` gives this layer numbers of its own beyond its name.
 *
 * Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, JMLR 15 (2014).
 * @example layers.dropout({ rate: 0.5 })
 */
export const dropout = defineLayer({
  className: "Dropout",
  call: "dropout",
  options: { rate: inRange(0, 1, { includeMax: false }), seed: optional(nonNegativeInteger()) },
  build(x, { options: { rate, seed }, context, name }) {
    if (!context.training || rate === 0) return toFloat(x);
    if (context.randomState === null) throw new StateError(`${name}: training needs the run's random state.`);
    const stream = hashStream(name, seed === undefined ? "dropout" : `dropout ${seed}`);
    return dropoutOp([toFloat(x), context.randomState], { rate, stream });
  },
});
