/** TensorFlow.js on its wasm backend: loaded in a page, or handed over loaded (peer.mjs, in Node). */

/** A library that cannot do something: the other half knows it by its name. */
class Unsupported extends Error {
  /** @override */
  name = "Unsupported";
}

/** @type {any} */
let tf;

/**
 * Takes a library that is loaded, with its backend started.
 * @param {unknown} library
 */
export function use(library) {
  tf = library;
}

/**
 * Loads the library, which puts itself into `globalThis.tf`, and starts its backend.
 * @param {number} threads
 */
export async function hello(threads) {
  // It never takes more than half of the cores there are, whatever it is asked for.
  Object.defineProperty(navigator, "hardwareConcurrency", { value: 2 * threads });
  const folder = "/packages/@tensorflow";
  for (const file of [
    "tfjs-core/dist/tf-core",
    "tfjs-layers/dist/tf-layers",
    "tfjs-backend-wasm/dist/tf-backend-wasm",
  ]) {
    await script(`${folder}/${file}.min.js`);
  }
  tf = /** @type {any} */ (globalThis).tf;
  tf.wasm.setWasmPaths(`${folder}/tfjs-backend-wasm/dist/`);
  tf.wasm.setThreadsCount(threads);
  await tf.setBackend("wasm");
  await tf.ready();
  const simd = await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT");
  return { versions: { tfjs: tf.version_core, simd: String(simd) }, threads: tf.wasm.getThreadsCount() };
}

/** @param {string} address */
function script(address) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = address;
    element.onload = resolve;
    element.onerror = () => reject(new Error(`${address} cannot be loaded`));
    document.head.append(element);
  });
}

/**
 * @param {any} request
 * @param {{ images: Uint8Array, labels: Uint8Array } | undefined} pictures
 */
export async function make(request, pictures) {
  if (request.kind === "kernel") return product(request);
  if (pictures === undefined) throw new Error("no pictures");
  return network(request, pictures);
}

/**
 * @param {any} request
 * @param {{ images: Uint8Array, labels: Uint8Array }} pictures
 */
function network({ input, layers, batch }, { images, labels }) {
  const model = tf.sequential();
  layers.forEach(
    (/** @type {import("../../networks.mjs").LayerSpec} */ { layer, ...options }, /** @type {number} */ i) => {
      if (layer === "residual") throw new Unsupported("residuals are not built here");
      model.add(tf.layers[layer]({ ...options, ...(i === 0 ? { inputShape: input } : {}) }));
    },
  );
  model.compile({ optimizer: tf.train.adam(1e-3), loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  const size = input.reduce((/** @type {number} */ product, /** @type {number} */ length) => product * length, 1);
  const part = (/** @type {number} */ at, /** @type {number} */ rows) => ({
    x: tf.tensor(Float32Array.from(images.subarray(at * size, (at + rows) * size)), [rows, ...input]),
    y: tf.tensor(Float32Array.from(labels.subarray(at, at + rows)), [rows, 1]),
  });
  const batches = [0, 1, 2, 3].filter((i) => (i + 1) * batch <= labels.length).map((i) => part(i * batch, batch));
  const singles = Array.from({ length: 16 }, (_, i) => part(i, 1));
  const predict = async (/** @type {any} */ x) => {
    const output = model.predict(x);
    await output.data();
    output.dispose();
  };
  return {
    facts: { parameters: model.countParams() },
    sample: (/** @type {string} */ measure, /** @type {number} */ count) => {
      if (measure === "step") {
        const trainable = !layers.some((/** @type {{ layer: string }} */ { layer }) => layer === "conv2d");
        if (!trainable) throw new Unsupported("the wasm backend has no gradient of a convolution");
        return timed(count, (i) => model.trainOnBatch(batches[i % batches.length]?.x, batches[i % batches.length]?.y));
      }
      if (measure === "inference") return timed(count, (i) => predict(batches[i % batches.length]?.x));
      if (measure === "single") return timed(count, (i) => predict(singles[i % singles.length]?.x));
      throw new Unsupported(`${measure} is not measured`);
    },
    drop: () => {
      for (const { x, y } of [...batches, ...singles]) tf.dispose([x, y]);
      model.dispose();
    },
  };
}

/** @param {any} request */
function product({ op, m, k, n, transposeA }) {
  if (op !== "matmul") throw new Unsupported("convolutions alone are not measured");
  const a = tf.randomUniform(transposeA ? [k, m] : [m, k]);
  const b = tf.randomUniform([k, n]);
  return {
    sample: (/** @type {string} */ _measure, /** @type {number} */ count) =>
      timed(count, async () => {
        const c = tf.matMul(a, b, transposeA);
        await c.data();
        c.dispose();
      }),
    drop: () => tf.dispose([a, b]),
  };
}

/**
 * @param {number} count
 * @param {(i: number) => Promise<unknown>} work
 */
async function timed(count, work) {
  const start = performance.now();
  for (let i = 0; i < count; i++) await work(i);
  return performance.now() - start;
}
