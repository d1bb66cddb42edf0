/** The hash, against Node's own. */

import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { sha256 } from "./sha256.js";

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 3)) % 256);
const expected = (part: Uint8Array) => createHash("sha256").update(part).digest("hex");

it("is what Node computes, for every length around a block's", () => {
  for (let length = 0; length <= 260; length++) expect(sha256(bytes(length))).toBe(expected(bytes(length)));
  expect(sha256(bytes(100_003))).toBe(expected(bytes(100_003)));
});

it("is the standard's own example", () => {
  expect(sha256(new TextEncoder().encode("abc"))).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

it("does not depend on where the bytes are cut", () => {
  const all = bytes(300);
  for (const a of [0, 1, 10, 63, 64, 65, 128, 200]) {
    for (const b of [0, 1, 53, 54, 64, 99]) {
      expect(sha256(all.subarray(0, a), all.subarray(a, a + b), all.subarray(a + b))).toBe(expected(all));
    }
  }
});
