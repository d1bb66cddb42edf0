/**
 * Which rows train and which validate. Not the splitting of arrays: a split is a number of rows.
 */

import { DataError } from "../core/errors.js";
import { inRange, readOption } from "../core/options.js";

const share = inRange(0, 1, { includeMax: false });

/**
 * The number of rows that train; the rows from there to the end validate. The rows are taken in their order, before
 * any shuffling: `floor(rows * (1 - validationSplit))`, as Keras does. A split of 0 leaves all rows to training.
 * Source: https://keras.io/api/models/model_training_apis/ (fit, `validation_split`).
 * @param rows - how many rows there are.
 * @param validationSplit - the share that validates, from 0 up to, not including, 1.
 * @throws OptionError where `validationSplit` is out of range; DataError where it leaves no row to one of the two.
 * @example
 * trainingRows(60000, 0.15);   // 51000
 */
export function trainingRows(rows: number, validationSplit: number): number {
  readOption("fit", "validationSplit", share, validationSplit);
  if (validationSplit === 0) return rows;
  const count = Math.floor(rows * (1 - validationSplit));
  if (count === 0 || count === rows) {
    throw new DataError(
      `fit: validationSplit ${validationSplit} of ${rows} row${rows === 1 ? "" : "s"} leaves ${count} to train and ${rows - count} to validate; expected at least 1 of each. Give more rows or another validationSplit.`,
    );
  }
  return count;
}
