/** Losses of values: how far predictions lie from them. */

import { absolute } from "../../graph/ops/absolute.js";
import { square } from "../../graph/ops/square.js";
import { subtract } from "../../graph/ops/subtract.js";
import { alike, defineLoss, meanOfRows } from "./loss.js";

/**
 * mean((yTrue - yPred)²).
 * @example losses.meanSquaredError()
 */
export const meanSquaredError = defineLoss({
  className: "MeanSquaredError",
  call: "meanSquaredError",
  options: {},
  labels: "values",
  rows: (yTrue, yPred, _, name) => meanOfRows(square([subtract(alike(yTrue, yPred, name))])),
});

/**
 * mean(|yTrue - yPred|).
 * @example losses.meanAbsoluteError()
 */
export const meanAbsoluteError = defineLoss({
  className: "MeanAbsoluteError",
  call: "meanAbsoluteError",
  options: {},
  labels: "values",
  rows: (yTrue, yPred, _, name) => meanOfRows(absolute([subtract(alike(yTrue, yPred, name))])),
});
