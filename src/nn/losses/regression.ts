/** Losses of values: how far predictions lie from them. */

import { positiveNumber, withDefault } from "../../core/options.js";
import { constant } from "../../graph/leaves.js";
import { absolute } from "../../graph/ops/absolute.js";
import { activation } from "../../graph/ops/activation.js";
import { add } from "../../graph/ops/add.js";
import { divide } from "../../graph/ops/divide.js";
import { greaterEqual } from "../../graph/ops/greaterEqual.js";
import { log } from "../../graph/ops/log.js";
import { maximum } from "../../graph/ops/maximum.js";
import { multiply } from "../../graph/ops/multiply.js";
import { select } from "../../graph/ops/select.js";
import { square } from "../../graph/ops/square.js";
import { subtract } from "../../graph/ops/subtract.js";
import type { Tensor } from "../../graph/tensor.js";
import { alike, defineLoss, epsilon, meanAlong } from "./loss.js";

/** A loss that is the mean over the last axis of a function of the labels and predictions, element by element. */
function ofElements(className: string, call: string, each: (yTrue: Tensor, yPred: Tensor) => Tensor) {
  return defineLoss({
    className,
    call,
    options: {},
    labels: "values",
    values: (yTrue, yPred, _, name) => meanAlong(each(...alike(yTrue, yPred, name)), name),
  });
}

/**
 * mean((yTrue - yPred)²).
 * @example losses.meanSquaredError()
 */
export const meanSquaredError = ofElements("MeanSquaredError", "meanSquaredError", (y, p) =>
  square([subtract([y, p])]),
);

/**
 * mean(|yTrue - yPred|).
 * @example losses.meanAbsoluteError()
 */
export const meanAbsoluteError = ofElements("MeanAbsoluteError", "meanAbsoluteError", (y, p) =>
  absolute([subtract([y, p])]),
);

/**
 * 100 mean(|yTrue - yPred| / |yTrue|), where |yTrue| counts as 1e-7 at least.
 * @example losses.meanAbsolutePercentageError()
 */
export const meanAbsolutePercentageError = ofElements(
  "MeanAbsolutePercentageError",
  "meanAbsolutePercentageError",
  (y, p) => {
    const share = divide([subtract([y, p]), maximum([absolute([y]), constant(epsilon)])]);
    return multiply([absolute([share]), constant(100)]);
  },
);

/** ln(1 + x), x counting as 1e-7 at least. */
function logOfOneMore(x: Tensor): Tensor {
  return log([add([maximum([x, constant(epsilon)]), constant(1)])]);
}

/**
 * mean((ln(1 + yTrue) - ln(1 + yPred))²), where either counts as 1e-7 at least.
 * @example losses.meanSquaredLogarithmicError()
 */
export const meanSquaredLogarithmicError = ofElements(
  "MeanSquaredLogarithmicError",
  "meanSquaredLogarithmicError",
  (y, p) => square([subtract([logOfOneMore(p), logOfOneMore(y)])]),
);

/**
 * mean(e² / 2 where |e| <= `delta`, else delta |e| - delta² / 2) for e = yPred - yTrue; delta is 1 by default.
 *
 * Huber, Robust estimation of a location parameter, Annals of Mathematical Statistics 35 (1964).
 * @example losses.huber({ delta: 0.5 })
 */
export const huber = defineLoss({
  className: "Huber",
  call: "huber",
  name: "huber_loss",
  options: { delta: withDefault(positiveNumber(), 1) },
  labels: "values",
  values(yTrue, yPred, { delta }, name) {
    const [labels, predictions] = alike(yTrue, yPred, name);
    const error = subtract([predictions, labels]);
    const size = absolute([error]);
    const near = multiply([square([error]), constant(0.5)]);
    const far = subtract([multiply([size, constant(delta)]), constant(delta ** 2 / 2)]);
    return meanAlong(select([greaterEqual([constant(delta), size]), near, far]), name);
  },
});

/**
 * mean(ln cosh(yPred - yTrue)): like e² / 2 for small errors, like |e| - ln 2 for large ones.
 * @example losses.logCosh()
 */
export const logCosh = ofElements("LogCosh", "logCosh", (y, p) => {
  // ln cosh e = |e| + ln(1 + e^(-2|e|)) - ln 2, in Keras's form, whose derivative is that of both sides at 0.
  const error = subtract([p, y]);
  const twice = activation([multiply([error, constant(-2)])], { formula: "softplus", parameters: [] });
  return subtract([add([error, twice]), constant(Math.LN2)]);
});
