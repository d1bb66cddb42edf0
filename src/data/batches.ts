/**
 * Cutting rows into batches: which rows a step takes. Not the shuffling, which is an order of rows, and not the
 * gathering of their values, which is the engine's.
 */

import { positiveInteger, readOption } from "../core/options.js";

/** One batch: the rows from `start` up to, not including, `end`. Only the last one can be smaller than the others. */
export interface Batch {
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The number of batches, which is the number of steps an epoch takes: `ceil(rows / batchSize)`. The last batch holds
 * the remainder, as in Keras.
 * @throws OptionError where `batchSize` is not a whole number, 1 or more; `op` is who asks.
 * @example
 * batchCount(51000, 128);   // 399
 */
export function batchCount(rows: number, batchSize: number, op = "batches"): number {
  return Math.ceil(rows / readOption(op, "batchSize", positiveInteger(), batchSize));
}

/**
 * The batches in order.
 * @throws OptionError where `batchSize` is not a whole number, 1 or more; `op` is who asks.
 * @example
 * [...batches(5, 2)];   // rows 0 to 2, 2 to 4, 4 to 5
 */
export function* batches(rows: number, batchSize: number, op = "batches"): Generator<Batch, void, undefined> {
  const count = batchCount(rows, batchSize, op);
  for (let index = 0; index < count; index++) {
    const start = index * batchSize;
    yield { index, start, end: Math.min(start + batchSize, rows) };
  }
}
