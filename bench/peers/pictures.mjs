/** The pictures that a request names, read in Node. */

import { closeSync, openSync, readSync } from "node:fs";

/**
 * @typedef {{ readonly file: string, readonly offset: number }} Part bytes of a file from an offset on
 * @typedef {{ readonly images: Part, readonly labels: Part, readonly rows: number, readonly shape: readonly number[] }} DataSpec
 */

/**
 * @param {DataSpec} data
 * @returns {{ images: Uint8Array<ArrayBuffer>, labels: Uint8Array<ArrayBuffer> }}
 */
export function readPictures({ images, labels, rows, shape }) {
  const size = shape.reduce((product, length) => product * length, 1);
  return { images: bytesOf(images, rows * size), labels: bytesOf(labels, rows) };
}

/**
 * @param {Part} part
 * @param {number} length
 */
function bytesOf({ file, offset }, length) {
  const bytes = new Uint8Array(length);
  const handle = openSync(file, "r");
  try {
    if (readSync(handle, bytes, 0, length, offset) !== length) throw new Error(`${file} is too short`);
  } finally {
    closeSync(handle);
  }
  return bytes;
}
