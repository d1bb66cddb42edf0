/** Reads model files in a page, from bytes and from URLs, and says what the models predict. */
import { createBackend, fromTyped, loadModel } from "/dist/index.js";

/**
 * What the model in a file predicts, and the file that it is saved to again.
 * @param {string} url
 * @param {"url" | "bytes"} how what loadModel is given
 * @param {Record<string, { data: number[], shape: number[], dtype: "uint8" | "float32" }>} inputs by the inputs' names
 * @param {{ threads: number, module: "relaxed" | "baseline" }} engine
 */
export async function predict(url, how, inputs, engine) {
  const backend = createBackend(engine);
  const model = await loadModel(how === "url" ? url : await bytesOf(url), { backend });
  const given = Object.entries(inputs).map(([name, { data, shape, dtype }]) => {
    const numbers = dtype === "uint8" ? Uint8Array.from(data) : Float32Array.from(data);
    return [name, fromTyped(numbers, shape, dtype)];
  });
  const predicted = await model.predict(Object.fromEntries(given));
  const saved = await model.toBytes();
  model.free();
  await backend.close();
  return {
    predicted: Object.fromEntries(Object.entries(predicted).map(([name, { data }]) => [name, [...data]])),
    saved: [...saved],
  };
}

/** @param {string} url */
async function bytesOf(url) {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

/**
 * What loadModel says of a file, and where a place is given of its bytes with the one there changed.
 * @param {string} url
 * @param {number} [at]
 */
export async function refusal(url, at) {
  /** @type {string | Uint8Array} */
  let source = url;
  if (at !== undefined) {
    source = await bytesOf(url);
    source[at] ^= 1;
  }
  return await loadModel(source).then(
    () => "it is read",
    (error) => String(error),
  );
}
