/** How many steps to hand to the engine at once, so that progress, abort and callbacks come about every 50 ms. */

/** The time between two returns from the engine that is aimed at, in milliseconds. */
const aim = 50;

/** The most steps at once, however short they are. */
const most = 64;

/** Counts steps by the time they took. */
export class Pace {
  #steps = 1;
  #single: boolean;

  /** @param single One step at once, always: callbacks watch every batch. */
  constructor(
    readonly batch: number,
    single = false,
  ) {
    this.#single = single;
  }

  /** The most rows any one job takes. */
  get mostRows(): number {
    return (this.#single ? 1 : most) * this.batch;
  }

  /** Rows of the next job. */
  get rows(): number {
    return this.#steps * this.batch;
  }

  /** The last job took `milliseconds` for `steps` steps. */
  took(milliseconds: number, steps: number): void {
    if (this.#single) return;
    const perStep = Math.max(milliseconds / steps, 1e-3);
    // At most twice as many as before: the first steps of a program are not typical.
    this.#steps = Math.max(1, Math.min(most, this.#steps * 2, Math.floor(aim / perStep)));
  }
}
