/**
 * The same module for a memory that is not shared: one flag of its memory import is cleared. Atomic instructions are
 * valid on such a memory too, and a single thread never waits.
 */

import { EngineError } from "../../core/errors.js";

const IMPORT_SECTION = 2;
const MEMORY = 2;
const SHARED = 2;

/** A copy of the module's bytes that imports an unshared memory. @throws EngineError if it imports no memory. */
export function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  let at = 8;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = copy[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < copy.length) {
    const section = copy[at++]!;
    const length = number();
    const end = at + length;
    if (section === IMPORT_SECTION) {
      for (let count = number(); count > 0; count--) {
        for (let names = 0; names < 2; names++) {
          const nameLength = number();
          at += nameLength;
        }
        const kind = copy[at++]!;
        if (kind === MEMORY) {
          copy[at] = copy[at]! & ~SHARED;
          return copy;
        }
        if (kind !== 0) break;
        number(); // the function's type
      }
    }
    at = end;
  }
  throw new EngineError("wasm: the module imports no memory before anything but functions.");
}
