import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { philox4x32 } from "./philox.js";

type Counter = [number, number, number, number];
type Key = [number, number];

function words(counter: Counter, key: Key): number[] {
  const out = new Uint32Array(4);
  philox4x32(counter, key, out);
  return [...out];
}

describe("philox4x32", () => {
  // The known answers that Random123 publishes for philox4x32-10.
  it.each([
    [[0, 0, 0, 0], [0, 0], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
    [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], "408f276d 41c83b0e a20bc7c6 6d5451fd"],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], "d16cfe09 94fdcceb 5001e420 24126ea1"],
  ] as [Counter, Key, string][])("matches the known answer for %j %j", (counter, key, expected) => {
    const text = words(counter, key).map((word) => word.toString(16).padStart(8, "0"));
    expect(text.join(" ")).toBe(expected);
  });

  it("agrees with the definition in exact integers", () => {
    const mask = 0xffffffffn;
    const exact = (counter: Counter, key: Key): number[] => {
      let [a, b, c, d] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
      let [k, l] = key.map(BigInt) as [bigint, bigint];
      for (let round = 0; round < 10; round++) {
        const p = 0xd2511f53n * a;
        const q = 0xcd9e8d57n * c;
        [a, b, c, d] = [(q >> 32n) ^ b ^ k, q & mask, (p >> 32n) ^ d ^ l, p & mask];
        k = (k + 0x9e3779b9n) & mask;
        l = (l + 0xbb67ae85n) & mask;
      }
      return [a, b, c, d].map(Number);
    };
    const word = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), fc.tuple(word, word), (counter, key) => {
        expect(words(counter, key)).toEqual(exact(counter, key));
      }),
    );
  });

  it("changes about half of the bits when one bit of the counter changes", () => {
    let changed = 0;
    const zero = words([0, 0, 0, 0], [7, 0]);
    for (let bit = 0; bit < 128; bit++) {
      const counter: Counter = [0, 0, 0, 0];
      counter[bit >>> 5] = (1 << (bit & 31)) >>> 0;
      const other = words(counter, [7, 0]);
      for (let i = 0; i < 4; i++) changed += (zero[i]! ^ other[i]!).toString(2).replace(/[^1]/g, "").length;
    }
    expect(changed / (128 * 128)).toBeGreaterThan(0.4);
    expect(changed / (128 * 128)).toBeLessThan(0.6);
  });
});
