import { describe, expect, it } from "vitest";
import { handmade } from "../../../test/support/handmade-program.js";
import { WasmProgram } from "./program.js";

/** A program of one product of 100 x 100 x 100 for each call: 2 million operations. */
function program(calls: number): WasmProgram {
  const lowered = handmade("products", (builder) => {
    for (let i = 0; i < calls; i++) {
      const [a, b, c] = [builder.scratch(40_000), builder.scratch(40_000), builder.scratch(40_000)];
      const sizes = { m: 100, n: 100, k: 100, aStride: 100, cStride: 100, mBlock: 64, nBlock: 64, kBlock: 100 };
      builder.emit("gemm", { a, b, c, ...sizes });
    }
  });
  return new WasmProgram({ closed: false, drop: () => undefined }, lowered, new Map(), 0);
}

describe("a program", () => {
  it("asks for a thread for every million operations, at most as many as there are", () => {
    expect(program(0).threadsFor(1, 8, 1e6)).toBe(1);
    expect(program(1).threadsFor(1, 8, 1e6)).toBe(2);
    expect(program(3).threadsFor(1, 8, 1e6)).toBe(6);
    expect(program(9).threadsFor(1, 8, 1e6)).toBe(8);
  });

  it("takes single steps first, then as many as last 40 ms, growing by at most four times", () => {
    const own = program(1);
    const taken: number[] = [];
    for (let i = 0; i < 7; i++) {
      taken.push(own.stepsAhead(10));
      // 0.5 ms a step.
      own.took(own.stepsAhead(10), 10, own.stepsAhead(10) * 0.5);
    }
    expect(taken).toEqual([1, 1, 1, 4, 16, 64, 80]);
    // Steps of ten times the rows take longer; a slow one is noticed at once.
    expect(own.stepsAhead(100)).toBe(8);
    own.took(8, 100, 800);
    expect(own.stepsAhead(100)).toBe(1);
  });
});
