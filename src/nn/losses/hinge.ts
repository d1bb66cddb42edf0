/** The loss of a maximum-margin classifier. */

import { constant } from "../../graph/leaves.js";
import { equal } from "../../graph/ops/equal.js";
import { maximum } from "../../graph/ops/maximum.js";
import { multiply } from "../../graph/ops/multiply.js";
import { select } from "../../graph/ops/select.js";
import { subtract } from "../../graph/ops/subtract.js";
import { alike, defineLoss, meanOfRows } from "./loss.js";

/**
 * mean(max(1 - yTrue yPred, 0)) for labels -1 and 1; a label 0 counts as -1, so labels 0 and 1 are fine too. (Keras
 * converts only if a whole batch is of zeros and ones; here a row's loss does not depend on other rows.)
 * @example losses.hinge()
 */
export const hinge = defineLoss({
  className: "Hinge",
  call: "hinge",
  options: {},
  labels: "values",
  rows(yTrue, yPred, _, name) {
    const [labels, predictions] = alike(yTrue, yPred, name);
    const signs = select([equal([labels, constant(0)]), constant(-1), labels]);
    const margin = subtract([constant(1), multiply([signs, predictions])]);
    return meanOfRows(maximum([margin, constant(0)]));
  },
});
