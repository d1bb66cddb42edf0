/** How large the counts among the options of metrics can be: memory and work grow with them. Not the options themselves. */

import { integer, type RequiredCheck } from "../../core/options.js";

/** The most classes, outputs or regressors. */
export const mostClasses = 1_000_000;

/** The most thresholds. */
export const mostThresholds = 100_000;

/** The most thresholds of all labels together, where each label is counted by itself. */
export const mostCounts = 2 ** 24;

/** A number of classes, or of the greatest of them. */
export function classCount(): RequiredCheck<number> {
  return integer({ min: 1, max: mostClasses });
}

/** The number of one class. */
export function classNumber(): RequiredCheck<number> {
  return integer({ min: 0, max: mostClasses - 1 });
}
