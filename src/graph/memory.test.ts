import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OptionError } from "../core/errors.js";
import { type Block, planMemory } from "./memory.js";

const blocks = fc.array(
  fc
    .record({ bytes: fc.integer({ min: 0, max: 1000 }), from: fc.integer({ min: 0, max: 20 }), length: fc.nat(10) })
    .map(({ bytes, from, length }): Block => ({ bytes, from, to: from + length })),
  { maxLength: 40 },
);
const alignments = fc.constantFrom(1, 4, 16, 100, 128);
const aligned = (bytes: number, alignment: number): number => Math.ceil(bytes / alignment) * alignment;

describe("planMemory", () => {
  it("never lets two blocks that live in one stage share a byte", () => {
    fc.assert(
      fc.property(blocks, alignments, (list, alignment) => {
        const { offsets, total } = planMemory(list, alignment);
        list.forEach((a, i) => {
          expect(offsets[i]! % alignment).toBe(0);
          expect(offsets[i]! + a.bytes).toBeLessThanOrEqual(total);
          list.slice(0, i).forEach((b, j) => {
            const together = a.from <= b.to && b.from <= a.to;
            const apart = offsets[i]! + a.bytes <= offsets[j]! || offsets[j]! + b.bytes <= offsets[i]!;
            if (together && a.bytes > 0 && b.bytes > 0) expect(apart).toBe(true);
          });
        });
      }),
    );
  });

  it("takes no more than all blocks side by side, and no less than the fullest stage", () => {
    fc.assert(
      fc.property(blocks, alignments, (list, alignment) => {
        const { total } = planMemory(list, alignment);
        const sizes = list.map(({ bytes }) => aligned(bytes, alignment));
        expect(total).toBeLessThanOrEqual(sizes.reduce((sum, size) => sum + size, 0));
        for (let stage = 0; stage <= 30; stage++) {
          const live = sizes.filter((_, i) => list[i]!.from <= stage && stage <= list[i]!.to);
          expect(total).toBeGreaterThanOrEqual(live.reduce((sum, size) => sum + size, 0));
        }
      }),
    );
  });

  it("reuses what is free: a chain needs two blocks, a pyramid of lives the sum", () => {
    const chain = Array.from({ length: 10 }, (_, i) => ({ bytes: 100, from: i, to: i + 1 }));
    expect(planMemory(chain, 1).total).toBe(200);
    const pyramid = Array.from({ length: 4 }, (_, i) => ({ bytes: 10 * (4 - i), from: i, to: 10 - i }));
    expect(planMemory(pyramid, 1).total).toBe(100);
  });

  it("takes the smallest gap that is large enough", () => {
    const list = [
      { bytes: 40, from: 0, to: 0 },
      { bytes: 30, from: 0, to: 9 },
      { bytes: 20, from: 0, to: 0 },
      { bytes: 15, from: 0, to: 9 },
      { bytes: 12, from: 5, to: 5 },
    ];
    expect(planMemory(list, 1)).toEqual({ offsets: [0, 40, 70, 90, 70], total: 105 });
  });

  it("takes no blocks, and empty ones", () => {
    expect(planMemory([], 64)).toEqual({ offsets: [], total: 0 });
    expect(planMemory([{ bytes: 0, from: 0, to: 5 }], 64)).toEqual({ offsets: [0], total: 0 });
  });

  it.each([
    [[{ bytes: -1, from: 0, to: 0 }], 1, "-1 bytes"],
    [[{ bytes: 1.5, from: 0, to: 0 }], 1, "1.5 bytes"],
    [[{ bytes: 1, from: 2, to: 1 }], 1, "from 2 to 1"],
    [[{ bytes: 1, from: 0, to: Number.NaN }], 1, "NaN"],
    [[], 0, "alignment"],
  ])("refuses %j with alignment %d", (list, alignment, message) => {
    expect(() => planMemory(list, alignment)).toThrow(OptionError);
    expect(() => planMemory(list, alignment)).toThrow(message);
  });
});
