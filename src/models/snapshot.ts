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

/** The least time between two snapshots, in milliseconds. */
const interval = 250;

/** Copying may take this share of the time at most. */
const share = 0.02;

/** The newest copy of a store's variables. */
export class Snapshot {
  #values = new Map<Variable, TypedArray>();
  #place: Place = { epoch: 0, row: 0 };
  #rates: { readonly place: Place; readonly value: number }[] = [];
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

  /** The learning rates set since, and where. */
  get rates(): readonly { readonly place: Place; readonly value: number }[] {
    return this.#rates;
  }

  /** From this place on training goes on with another learning rate. */
  note(place: Place, value: number): void {
    this.#rates.push({ place, value });
  }

  /** Whether enough time has passed for another one. */
  get due(): boolean {
    return this.now() - this.#taken >= Math.max(interval, this.#cost / share);
  }

  /** Copies all variables. */
  async take(place: Place): Promise<void> {
    const start = this.now();
    const variables = [...this.store.buffers.keys()];
    // Into the arrays of the last one: if that fails midway the fit does too, and nothing goes back to it.
    const copies = await Promise.all(
      variables.map((variable) => this.store.read(variable, this.#values.get(variable))),
    );
    this.#values = new Map(variables.map((variable, i) => [variable, copies[i]!]));
    this.#place = place;
    this.#rates = [];
    this.#taken = this.now();
    this.#cost = this.#taken - start;
  }

  /** Puts all variables back. */
  async restore(): Promise<void> {
    for (const [variable, values] of this.#values) await this.store.write(variable, values);
  }
}
