import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StateError } from "../../core/errors.js";
import { Allocator, roundUp } from "./allocator.js";
import { ALIGNMENT } from "./layout.js";

const START = 1024;
const END = START + 64 * ALIGNMENT;

describe("Allocator", () => {
  it("never overlaps, aligns, counts, and is one free stretch again when all is given back", () => {
    const action = fc.oneof(
      fc.record({ take: fc.integer({ min: 0, max: 12 * ALIGNMENT }) }),
      fc.record({ release: fc.nat(100) }),
      fc.record({ grow: fc.integer({ min: 0, max: 5 * ALIGNMENT }) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 120 }), (actions) => {
        const allocator = new Allocator(START, END);
        const live: { address: number; bytes: number }[] = [];
        let end = END;
        for (const step of actions) {
          if ("grow" in step) {
            end += step.grow;
            allocator.extend(end);
          } else if ("take" in step) {
            const missing = allocator.missing(step.take);
            const span = allocator.take(step.take);
            expect(span === undefined).toBe(missing > 0);
            if (span === undefined) continue;
            expect(span.address % ALIGNMENT).toBe(0);
            expect(span.bytes).toBe(roundUp(step.take));
            expect(span.address).toBeGreaterThanOrEqual(START);
            expect(span.address + span.bytes).toBeLessThanOrEqual(end);
            for (const other of live) {
              expect(span.address + span.bytes <= other.address || other.address + other.bytes <= span.address).toBe(
                true,
              );
            }
            live.push(span);
          } else if (live.length > 0) {
            const [span] = live.splice(step.release % live.length, 1);
            allocator.release(span!.address);
          }
          expect(allocator.used).toBe(live.reduce((sum, span) => sum + span.bytes, 0));
        }
        for (const span of live) allocator.release(span.address);
        const whole = allocator.limit - START;
        expect(allocator.missing(whole)).toBe(0);
        expect(allocator.take(whole)?.address).toBe(START);
      }),
      { numRuns: 300 },
    );
  });

  it("after growing by what was missing, the block can be had", () => {
    const allocator = new Allocator(START, END);
    allocator.take(60 * ALIGNMENT);
    expect(allocator.missing(10 * ALIGNMENT)).toBe(6 * ALIGNMENT);
    allocator.extend(END + 6 * ALIGNMENT);
    expect(allocator.take(10 * ALIGNMENT)).toBeDefined();
  });

  it("knows which bytes were never used", () => {
    const allocator = new Allocator(START, END);
    const a = allocator.take(ALIGNMENT)!;
    expect(a.cleanFrom).toBe(a.address);
    allocator.release(a.address);
    const b = allocator.take(3 * ALIGNMENT)!;
    expect(b.address).toBe(a.address);
    expect(b.cleanFrom).toBe(a.address + ALIGNMENT);
    allocator.release(b.address);
    const c = allocator.take(2 * ALIGNMENT)!;
    expect(c.cleanFrom).toBe(c.address + c.bytes);
  });

  it("keeps addresses above 2^31 positive", () => {
    const allocator = new Allocator(START, 2 ** 32);
    const first = allocator.take(3 * 2 ** 30)!;
    const second = allocator.take(2 ** 29)!;
    expect(second.address).toBe(first.address + first.bytes);
    allocator.release(second.address);
    allocator.release(first.address);
    expect(allocator.take(2 ** 32 - 2 * START)).toBeDefined();
  });

  it("refuses to give a block back twice", () => {
    const allocator = new Allocator(START, END);
    const { address } = allocator.take(1)!;
    allocator.release(address);
    expect(() => allocator.release(address)).toThrow(StateError);
  });
});
