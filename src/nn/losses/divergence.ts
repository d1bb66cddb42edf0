/** Losses of distributions: how much predictions say less than the labels. */

import { constant } from "../../graph/leaves.js";
import { add } from "../../graph/ops/add.js";
import { reduceSum } from "../../graph/ops/broadcastTo.js";
import { clip } from "../../graph/ops/clip.js";
import { divide } from "../../graph/ops/divide.js";
import { log } from "../../graph/ops/log.js";
import { multiply } from "../../graph/ops/multiply.js";
import { subtract } from "../../graph/ops/subtract.js";
import { alike, axisOf, defineLoss, epsilon, meanAlong } from "./loss.js";

/**
 * sum(y ln(y / p)) over the last axis for probabilities y and p, both clipped to [1e-7, 1].
 *
 * Kullback and Leibler, On information and sufficiency, Annals of Mathematical Statistics 22 (1951).
 * @example losses.klDivergence()
 */
export const klDivergence = defineLoss({
  className: "KLDivergence",
  call: "klDivergence",
  options: {},
  labels: "values",
  values(yTrue, yPred, _, name) {
    const [y, p] = alike(yTrue, yPred, name).map((x) => clip([x], { minimum: epsilon, maximum: 1 }));
    const along = { axes: [axisOf(-1, y!.shape, name)], keepDims: false };
    return reduceSum([multiply([y!, log([divide([y!, p!])])])], along);
  },
});

/**
 * mean(yPred - yTrue ln(yPred + 1e-7)): for counts yTrue and their expected numbers yPred.
 * @example losses.poisson()
 */
export const poisson = defineLoss({
  className: "Poisson",
  call: "poisson",
  options: {},
  labels: "values",
  values(yTrue, yPred, _, name) {
    const [labels, predictions] = alike(yTrue, yPred, name);
    const logarithms = log([add([predictions, constant(epsilon)])]);
    return meanAlong(subtract([predictions, multiply([labels, logarithms])]), name);
  },
});
