/** What runs in the page of a peer that is a library in Chromium: makes, samples and drops. Its other half is peer.mjs. */

/** @type {Map<number, import("../serve.mjs").Measured>} */
const made = new Map();

/** @param {string} library a folder of peers/ with a model.mjs */
function load(library) {
  return import(`../${library}/model.mjs`);
}

/**
 * @param {string} library
 * @param {number} threads
 */
export async function hello(library, threads) {
  if (!crossOriginIsolated) throw new Error("the page is not isolated");
  return (await load(library)).hello(threads);
}

/**
 * @param {string} library
 * @param {any} request
 * @param {number} threads
 */
export async function make(library, request, threads) {
  const pictures = request.data === undefined ? undefined : await fetchPictures(request.data);
  const measured = await (await load(library)).make(request, pictures, threads);
  made.set(request.id, measured);
  return measured.facts ?? {};
}

/**
 * @param {number} id
 * @param {string} measure
 * @param {number} count
 */
export async function sample(id, measure, count) {
  return { milliseconds: await /** @type {import("../serve.mjs").Measured} */ (made.get(id)).sample(measure, count) };
}

/** @param {number} id */
export async function drop(id) {
  await made.get(id)?.drop();
  made.delete(id);
  return {};
}

/** @param {import("../pictures.mjs").DataSpec} data whose files are addresses here */
async function fetchPictures({ images, labels, rows, shape }) {
  const size = shape.reduce((product, length) => product * length, 1);
  const bytes = async (
    /** @type {import("../pictures.mjs").Part} */ { file, offset },
    /** @type {number} */ length,
  ) => {
    const response = await fetch(file);
    if (!response.ok) throw new Error(`${file}: ${response.status}`);
    return new Uint8Array(await response.arrayBuffer(), offset, length);
  };
  return { images: await bytes(images, rows * size), labels: await bytes(labels, rows) };
}
