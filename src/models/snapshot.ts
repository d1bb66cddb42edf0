/**
 * The way back from a step that went wrong: copies of all variables from a moment ago, and where in the fit that was.
 */

import type { TypedArray } from "../core/dtype.js";
import type { Variable } from "../graph/tensor.js";
import type { VariableStore } from "./variable-store.js";

/** A place in a fit: the epoch, and rows of it already trained on. */
export interface Place {
  readonly epoch: number;
  readonly row: number;
}

/** The least time between two snapshots within an epoch, in milliseconds. */
const interval = 250;

/** Copying may take this share of the time at most. */
const share = 0.02;

/** The newest copy of a store's variables. */
export class Snapshot {
  #values = new Map<Variable, TypedArray>();
  #place: Place = { epoch: 0, row: 0 };
  #taken = Number.NEGATIVE_INFINITY;
  #cost = 0;

  constructor(
    readonly store: VariableStore,
    readonly now: () => number = () => performance.now(),
  ) {}

  /** Where the copy was made. */
  get place(): Place {
    return this.#place;
  }

  /** Whether enough time has passed for another one. */
  get due(): boolean {
    return this.now() - this.#taken >= Math.max(interval, this.#cost / share);
  }

  /** Copies all variables. */
  async take(place: Place): Promise<void> {
    const start = this.now();
    const values = new Map<Variable, TypedArray>();
    for (const variable of this.store.buffers.keys()) values.set(variable, await this.store.read(variable));
    this.#values = values;
    this.#place = place;
    this.#taken = this.now();
    this.#cost = this.#taken - start;
  }

  /** Puts all variables back. */
  async restore(): Promise<void> {
    for (const [variable, values] of this.#values) await this.store.write(variable, values);
  }
}
