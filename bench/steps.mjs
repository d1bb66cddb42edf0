/** A network on some threads: milliseconds of a training step and of an inference, as `fit` and `predict` run them. */

import { createBackend, layers, losses, metrics, optimizers, sequential } from "../dist/index.js";
import { forwardFlops, recipes, stepFlops } from "./networks.mjs";

/** Pictures a step. */
export const batch = 128;

/** One network in an engine of its own. */
export class Contender {
  #backend;
  #model;
  #images;
  #labels;
  #steps = 2;

  /**
   * @param {keyof typeof recipes} net
   * @param {number} threads
   * @param {import("../dist/index.js").ImageDataset} data
   */
  constructor(net, threads, data) {
    this.net = net;
    this.threads = threads;
    this.#backend = createBackend({ threads });
    this.#model = sequential(recipes[net].layers(layers), { seed: 1, backend: this.#backend });
    this.#model.compile({
      loss: losses.sparseCategoricalCrossentropy(),
      optimizer: optimizers.adam(),
      metrics: [metrics.sparseCategoricalAccuracy({ name: "acc" })],
    });
    this.#images = data.train.images.expandDims(-1);
    this.#labels = data.train.labels;
    this.stepFlops = stepFlops(this.#model, batch);
    this.forwardFlops = forwardFlops(this.#model, batch);
  }

  get backend() {
    return this.#backend;
  }

  /** Runs what a sample runs until it takes about `milliseconds`, and warms everything up by that. @param {number} milliseconds */
  async prepare(milliseconds) {
    for (let i = 0; i < 3; i++) {
      const step = await this.step();
      this.#steps = Math.max(2, Math.min(400, Math.round(milliseconds / step)));
    }
    await this.inference();
  }

  /** Milliseconds of one training step, averaged over an epoch of a few. */
  async step() {
    const rows = this.#steps * batch;
    const [x, y] = [this.#images.slice([0, rows]), this.#labels.slice([0, rows])];
    let start = 0;
    let end = 0;
    // The hooks leave out bringing the data to the engine, which happens once a fit.
    const clock = {
      onEpochBegin: () => {
        start = performance.now();
      },
      onEpochEnd: () => {
        end = performance.now();
      },
    };
    await this.#model.fit(x, y, { batchSize: batch, epochs: 1, verbose: 0, callbacks: [clock] });
    return (end - start) / this.#steps;
  }

  /** Milliseconds of predicting one batch, averaged over a few. */
  async inference() {
    const rows = this.#steps * batch;
    const x = this.#images.slice([0, rows]);
    const start = performance.now();
    await this.#model.predict(x, { batchSize: batch });
    return (performance.now() - start) / this.#steps;
  }

  async close() {
    this.#model.free();
    await this.#backend.close();
  }
}
