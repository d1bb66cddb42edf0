/** A network of fovea and what is timed of it, the same in Node and in a page. Not here: the protocol, and reading files. */

import {
  createBackend,
  describeEngine,
  fromTyped,
  layers,
  losses,
  metrics,
  model,
  optimizers,
} from "../../../dist/index.js";

/** @typedef {{ readonly images: import("../../../dist/index.js").NDArray, readonly labels: import("../../../dist/index.js").NDArray }} Pictures */

/**
 * @param {Uint8Array} images
 * @param {Uint8Array} labels
 * @param {readonly number[]} shape of one picture
 * @returns {Pictures}
 */
export function picturesOf(images, labels, shape) {
  return { images: fromTyped(images, [labels.length, ...shape]), labels: fromTyped(labels) };
}

/**
 * A network of a list in bench/networks.mjs, not compiled yet.
 * @param {{ readonly input: readonly number[], readonly layers: readonly LayerSpec[] }} network
 * @param {{ readonly backend?: import("../../../dist/index.js").Backend }} [options]
 */
export function networkOf({ input, layers: specs }, options = {}) {
  const inputs = layers.input({ shape: input });
  return model({ inputs, outputs: chained(inputs, specs), seed: 1, ...options });
}

/** @typedef {import("../../networks.mjs").LayerSpec} LayerSpec */

/**
 * @param {any} x
 * @param {readonly LayerSpec[]} specs
 * @returns {any}
 */
function chained(x, specs) {
  return specs.reduce((y, spec) => {
    if (spec.layer === "residual") return layers.add()([chained(y, spec.body), chained(y, spec.shortcut)]);
    const { layer, ...options } = spec;
    const make = /** @type {(options: object) => (x: any) => any} */ (layers[layer]);
    return make(options)(y);
  }, x);
}

/** What a page says of it. @param {number} threads */
export async function hello(threads) {
  const { simd } = await describeEngine();
  return { versions: { simd }, threads };
}

/**
 * What a page makes.
 * @param {any} request
 * @param {{ images: Uint8Array, labels: Uint8Array } | undefined} pictures
 * @param {number} threads
 */
export async function make(request, pictures, threads) {
  if (pictures === undefined) throw new Error("only networks are measured in a page");
  return new FoveaModel(request, picturesOf(pictures.images, pictures.labels, request.data.shape), threads);
}

/** One network in an engine of its own. */
export class FoveaModel {
  #backend;
  #model;
  #request;
  #pictures;
  /** Milliseconds it took to make the last training program of its graph. */
  #lowered = 0;

  /**
   * @param {{ input: readonly number[], layers: readonly import("../../networks.mjs").LayerSpec[], batch: number }} request
   * @param {Pictures} pictures
   * @param {number | undefined} threads
   */
  constructor(request, pictures, threads) {
    this.#request = request;
    this.#pictures = pictures;
    this.#backend = this.#watched(createBackend(threads === undefined ? {} : { threads }));
    this.#model = this.#made();
    this.facts = { parameters: this.#model.countParams() };
  }

  /**
   * Milliseconds that `count` of something take together.
   * @param {string} measure
   * @param {number} count
   */
  sample(measure, count) {
    if (measure === "step") return this.#steps(count);
    if (measure === "fit") return this.#fit(count);
    if (measure === "inference") return this.#inference(count);
    if (measure === "single") return this.#single(count);
    if (measure === "lower") return this.#lower();
    throw new Error(`no such measure: ${measure}`);
  }

  async drop() {
    this.#model.free();
    await this.#backend.close();
  }

  #made() {
    const network = networkOf(this.#request, { backend: this.#backend });
    network.compile({
      loss: losses.sparseCategoricalCrossentropy(),
      optimizer: optimizers.adam(),
      metrics: [metrics.sparseCategoricalAccuracy({ name: "acc" })],
    });
    return network;
  }

  /**
   * A backend that notes how long it takes to lower a graph.
   * @param {import("../../../dist/index.js").Backend} backend
   */
  #watched(backend) {
    return new Proxy(backend, {
      get: (target, name) => {
        const member = /** @type {any} */ (target)[name];
        if (name !== "lower") return typeof member === "function" ? member.bind(target) : member;
        return async (/** @type {any[]} */ ...parts) => {
          const start = performance.now();
          const program = await member.apply(target, parts);
          if (parts[0].name === "train") this.#lowered = performance.now() - start;
          return program;
        };
      },
    });
  }

  /** @param {number} rows */
  #first(rows) {
    const { images, labels } = this.#pictures;
    return { x: images.slice([0, rows]), y: labels.slice([0, rows]) };
  }

  /**
   * Training steps as fit runs them, without the copy of the data to the engine that happens once a fit.
   * @param {number} count
   */
  async #steps(count) {
    const { batch } = this.#request;
    const { x, y } = this.#first(count * batch);
    let start = 0;
    let end = 0;
    const clock = {
      onEpochBegin: () => {
        start = performance.now();
      },
      onEpochEnd: () => {
        end = performance.now();
      },
    };
    await this.#model.fit(x, y, { batchSize: batch, epochs: 1, verbose: 0, callbacks: [clock] });
    return end - start;
  }

  /**
   * The same with everything that a call of fit does.
   * @param {number} count
   */
  async #fit(count) {
    const { batch } = this.#request;
    const { x, y } = this.#first(count * batch);
    const start = performance.now();
    await this.#model.fit(x, y, { batchSize: batch, epochs: 1, verbose: 0 });
    return performance.now() - start;
  }

  /** @param {number} count */
  async #inference(count) {
    const { batch } = this.#request;
    const { x } = this.#first(count * batch);
    const start = performance.now();
    await this.#model.predict(x, { batchSize: batch });
    return performance.now() - start;
  }

  /**
   * One picture a call.
   * @param {number} count
   */
  async #single(count) {
    const pictures = Array.from({ length: Math.min(count, 64) }, (_, i) => this.#pictures.images.slice([i, i + 1]));
    const start = performance.now();
    for (let i = 0; i < count; i++) await this.#model.predict(/** @type {any} */ (pictures[i % pictures.length]));
    return performance.now() - start;
  }

  /** From the graph of a training step to a program, for a model that has none yet. */
  async #lower() {
    const { batch } = this.#request;
    const { x, y } = this.#first(batch);
    const model = this.#made();
    await model.fit(x, y, { batchSize: batch, epochs: 1, verbose: 0 });
    model.free();
    return this.#lowered;
  }
}
