import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { windowAxis } from "./window.js";

describe("windowAxis", () => {
  it.each([
    // size, kernel, stride: how many windows, and zeros before, as Keras has it
    [28, 3, 1, 28, 1],
    [28, 3, 2, 14, 0],
    [5, 3, 2, 3, 1],
    [13, 2, 2, 7, 0],
    [7, 5, 3, 3, 2],
    [4, 2, 1, 4, 0],
    [4, 1, 3, 2, 0],
    [1, 5, 1, 1, 2],
  ])("same: %d long, kernel %d, stride %d", (size, kernel, stride, output, before) => {
    expect(windowAxis(size, kernel, stride, "same")).toEqual({ output, before });
  });

  it.each([
    [28, 3, 1, 26],
    [28, 2, 2, 14],
    [13, 2, 2, 6],
    [5, 5, 3, 1],
    [4, 5, 1, 0],
  ])("valid: %d long, kernel %d, stride %d", (size, kernel, stride, output) => {
    expect(windowAxis(size, kernel, stride, "valid")).toEqual({ output, before: 0 });
  });

  it("lets every window of same padding see a real pixel, and pads evenly", () => {
    const lengths = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(lengths, lengths, lengths, (size, kernel, stride) => {
        const { output, before } = windowAxis(size, kernel, stride, "same");
        expect(output).toBe(Math.ceil(size / stride));
        const after = Math.max((output - 1) * stride + kernel - size - before, 0);
        expect([0, 1]).toContain(after - before);
        for (let o = 0; o < output; o++) {
          const start = o * stride - before;
          expect(start < size && start + kernel > 0).toBe(true);
        }
      }),
    );
  });
});
