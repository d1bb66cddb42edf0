/**
 * Training on MNIST's digits, the same in a page and in Node: the library and the data are handed in. The page's part,
 * which loads both and watches that the page stays awake meanwhile, is mnist.js.
 */

/**
 * @param {typeof import("fovea")} fovea
 * @param {import("fovea").ImageDataset["train"]} digits
 * @param {{
 *   network: "mlp" | "cnn" | "deep cnn",
 *   limit: number,
 *   epochs: number,
 *   engine?: { threads: number, module: "relaxed" | "baseline" },
 * }} options limit: the first so many pictures; engine: one of its own, and not the page's or the process's
 */
export async function trainOnDigits({ layers, sequential, createBackend }, digits, { network, limit, epochs, engine }) {
  const backend = engine && createBackend(engine);
  const body = {
    mlp: () => [
      layers.flatten(),
      layers.dense({ units: 512, activation: "relu" }),
      layers.dense({ units: 256, activation: "relu" }),
      layers.dense({ units: 128, activation: "relu" }),
      layers.dropout({ rate: 0.5 }),
    ],
    cnn: () => [
      layers.conv2d({ filters: 16, kernelSize: [3, 3], activation: "relu" }),
      layers.maxPooling2d({ poolSize: [2, 2] }),
      layers.conv2d({ filters: 32, kernelSize: [3, 3], activation: "relu" }),
      layers.flatten(),
    ],
    // The notebook's, whose steps take half a second.
    "deep cnn": () => [
      layers.conv2d({ filters: 64, kernelSize: [3, 3], activation: "relu" }),
      layers.conv2d({ filters: 64, kernelSize: [3, 3], activation: "relu" }),
      layers.maxPooling2d({ poolSize: [2, 2] }),
      layers.conv2d({ filters: 128, kernelSize: [3, 3], activation: "relu" }),
      layers.conv2d({ filters: 128, kernelSize: [3, 3], activation: "relu" }),
      layers.globalAveragePooling2d(),
    ],
  };
  const model = sequential(
    [
      layers.input({ shape: [28, 28, 1] }),
      layers.rescaling({ scale: 1 / 255 }),
      ...body[network](),
      layers.dense({ units: 10, activation: "softmax" }),
    ],
    { seed: 7, ...(backend && { backend }) },
  );
  model.compile({ loss: "sparse_categorical_crossentropy", optimizer: "adam", metrics: ["accuracy"] });
  const images = digits.images.slice([0, limit]).expandDims(-1);
  const labels = digits.labels.slice([0, limit]);
  const history = await model.fit(images, labels, { batchSize: 128, epochs, validationSplit: 0.15, verbose: 0 });
  const predictions = await model.predict(images.slice([0, 100]));
  const weights = await model.getWeights();
  model.free();
  await backend?.close();
  return {
    history: history.history,
    predicted: [...predictions.data],
    weights: await Promise.all(weights.map(digest)),
  };
}

/**
 * SHA-256 of an array's bytes in words: half a million weights are compared to the last bit, but not sent.
 * @param {import("fovea").NDArray} array
 */
async function digest({ shape, data }) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", /** @type {Float32Array<ArrayBuffer>} */ (data)));
  return `[${shape.join(", ")}] ${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
