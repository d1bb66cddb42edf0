/** What a fit leaves behind: the numbers of every epoch. */

import type { FitParams, Logs } from "./callback.js";

/** The record of a fit, as Keras's History. */
export class History {
  /** One number an epoch for each metric: `history.val_acc[2]` is that of the third epoch trained. */
  readonly history: Record<string, number[]> = {};
  /** The epochs trained, counted from 0. */
  readonly epoch: number[] = [];

  constructor(readonly params: FitParams) {}

  /** Adds an epoch. */
  record(epoch: number, logs: Logs): void {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) {
      this.history[name] ??= [];
      this.history[name].push(value);
    }
  }
}
