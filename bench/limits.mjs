/** The machine's limit through a run: the probe on each number of threads, one sample a round. */

import { Probe } from "./probe.mjs";

/** Milliseconds that a sample takes. */
const probeTime = 50;

/** GFLOP/s of independent microkernels, one sample a round. */
export class Limits {
  /** @type {Map<number, Probe>} */
  #probes;
  /** By threads. @type {Record<string, number[]>} */
  speeds = {};

  /**
   * @param {readonly number[]} threads
   * @param {string} simd
   */
  constructor(threads, simd) {
    const name = simd === "baseline" ? "baseline" : "relaxed";
    this.#probes = new Map(threads.map((count) => [count, new Probe(count, name)]));
  }

  /** @param {number} threads */
  async sample(threads) {
    const probe = this.#probes.get(threads);
    if (probe === undefined) throw new Error(`no probe on ${threads} threads`);
    this.speeds[threads] = [...(this.speeds[threads] ?? []), await probe.measure(probeTime)];
  }

  async close() {
    for (const probe of this.#probes.values()) await probe.close();
  }
}
