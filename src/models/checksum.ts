/**
 * The checksum of a model file, by which a file that was altered is told from one that was written so: SHA-256 of the whole
 * file, with zeros in place of the checksum itself. It is in the metadata, as `sha256`. It guards against damage, not
 * against somebody who makes a file on purpose: they can make its checksum too.
 */

import { FormatError } from "../core/errors.js";
import { sha256 } from "../core/sha256.js";
import { type SafeTensor, type SafeTensors, writeSafetensors } from "../formats/safetensors.js";

const KEY = "sha256";
const NONE = "0".repeat(64);

/** The bytes of a file with its checksum. */
export function writeSealed(
  tensors: Readonly<Record<string, SafeTensor>>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  // First, so that it is found without a long search.
  const bytes = writeSafetensors(tensors, { [KEY]: NONE, ...metadata });
  bytes.set(new TextEncoder().encode(sha256(bytes)), placeOf(bytes, NONE));
  return bytes;
}

/** Whether there is a checksum among the metadata. */
export function hasSeal(metadata: Readonly<Record<string, string>>): boolean {
  return Object.hasOwn(metadata, KEY);
}

/** @throws FormatError if the bytes, which were read as `file`, are not those that the checksum was made of. */
export function checkSeal(bytes: Uint8Array, { metadata }: SafeTensors, name: string): void {
  const given = hasSeal(metadata) ? metadata[KEY] : undefined;
  if (given === undefined) {
    throw new FormatError(
      `${name}: expected a checksum as ${KEY}, found none: the file was altered after it was written.`,
    );
  }
  const at = placeOf(bytes, given);
  if (/^[0-9a-f]{64}$/.test(given) && at >= 0) {
    const zeros = new TextEncoder().encode(NONE);
    if (sha256(bytes.subarray(0, at), zeros, bytes.subarray(at + zeros.length)) === given) return;
  }
  throw new FormatError(
    `${name}: its checksum is not that of its content: the file was altered or damaged after it was written. Take a whole copy of it.`,
  );
}

/** Where the checksum is in a file, or -1: as this file writes it, and no text within another, where quotes are escaped. */
function placeOf(bytes: Uint8Array, checksum: string): number {
  const wanted = `"${KEY}":"${checksum}"`;
  const codes = new TextEncoder().encode(wanted);
  const end = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  for (let at = 8; at + codes.length <= end; at++) {
    if (codes.every((code, i) => bytes[at + i] === code)) return at + KEY.length + 4;
  }
  return -1;
}
