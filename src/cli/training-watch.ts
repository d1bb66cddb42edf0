/** Where a training is, and how long its steps take: for the last line of a stopped run and for the report. */

import type { Callback, FitParams } from "../index.js";
import { breathe } from "./interruption.js";

/** A callback that keeps the place and the pace of a fit. */
export class TrainingWatch implements Callback {
  #params: FitParams | undefined;
  #epoch = 0;
  #steps = 0;
  #mark = 0;
  #first: Stretch | undefined;
  readonly #others: Stretch = { steps: 0, milliseconds: 0 };

  setParams(params: FitParams): void {
    this.#params = params;
  }

  onEpochBegin(epoch: number): void {
    this.#epoch = epoch;
    this.#steps = 0;
    this.#mark = performance.now();
  }

  async onTrainProgress(steps: number): Promise<void> {
    const stretch = { steps: steps - this.#steps, milliseconds: performance.now() - this.#mark };
    if (this.#first === undefined) this.#first = stretch;
    else {
      this.#others.steps += stretch.steps;
      this.#others.milliseconds += stretch.milliseconds;
    }
    this.#steps = steps;
    await breathe();
    this.#mark = performance.now();
  }

  /** `epoch 2, step 117 of 399`; undefined before the first step. */
  get place(): string | undefined {
    if (this.#params === undefined || this.#first === undefined) return undefined;
    return `epoch ${this.#epoch + 1}, step ${this.#steps} of ${this.#params.steps}`;
  }

  /**
   * The mean time of a training step, without validation. The first return from the engine has compiling and warming up
   * in it, and counts only where there was no other.
   */
  get msPerStep(): number {
    const { steps, milliseconds } = this.#others.steps > 0 ? this.#others : (this.#first ?? this.#others);
    return milliseconds / steps;
  }
}

interface Stretch {
  steps: number;
  milliseconds: number;
}
