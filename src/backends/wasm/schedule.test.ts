import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StateError } from "../../core/errors.js";
import { Variable } from "../../graph/tensor.js";
import type { Call } from "./call.js";
import { planKept } from "./kept.js";
import type { Block } from "./place.js";
import { planArena } from "./plan.js";
import { schedule } from "./schedule.js";

function block(bytes = 128): Block {
  return { kind: "arena", bytes };
}

function state(name: string): Block {
  return { kind: "variable", variable: new Variable(name, [], "float32") };
}

function call(op: string, reads: Block[], writes: Block[], more: Partial<Call> = {}): Call {
  return {
    kernel: "gemm",
    values: {},
    op,
    reads: new Set(reads),
    writes: new Set(writes),
    effect: undefined,
    check: false,
    output: undefined,
    ...more,
  };
}

/** Stage by op. */
function stagesOf(calls: Call[]): Record<string, number> {
  const { calls: order, stages } = schedule(calls);
  return Object.fromEntries(order.map(({ op }, i) => [op, stages[i]!]));
}

describe("schedule", () => {
  it("orders read after write, write after read and write after write", () => {
    const [a, b] = [block(), block()];
    expect(stagesOf([call("w", [], [a]), call("r", [a], [b]), call("w2", [], [a]), call("w3", [], [a])])).toEqual({
      w: 0,
      r: 1,
      w2: 2,
      w3: 3,
    });
  });

  it("lets what is independent share a stage", () => {
    const [dy, dx, dw] = [block(), block(), block()];
    const stages = stagesOf([call("dy", [], [dy]), call("dx", [dy], [dx]), call("dw", [dy], [dw])]);
    expect(stages.dx).toBe(stages.dw);
  });

  it("writes a variable only after every reader, also those emitted later", () => {
    const w = state("w");
    const [y, late] = [block(), block()];
    const stages = stagesOf([
      call("forward", [w], [y]),
      call("update", [w, y], [w], { effect: 0 }),
      call("packed later", [w], [late]),
      call("used later", [late, y], [block()]),
    ]);
    expect(stages.update).toBeGreaterThan(stages.forward!);
    expect(stages.update).toBeGreaterThan(stages["packed later"]!);
  });

  it("keeps the order within an effect", () => {
    const w = state("w");
    expect(stagesOf([call("first", [], [w], { effect: 0 }), call("second", [w], [w], { effect: 0 })])).toEqual({
      first: 0,
      second: 1,
    });
  });

  it("stages effects behind an earlier check, but not those before it", () => {
    const [w, v, u] = [state("w"), state("v"), state("u")];
    const loss = block();
    const stages = stagesOf([
      call("loss", [], [loss]),
      call("before", [], [v], { effect: 0 }),
      call("check", [loss], [], { effect: 1, check: true }),
      call("behind", [], [w], { effect: 2 }),
      call("prepares", [], [block()], { effect: 2 }),
      call("behind too", [], [u], { effect: 3 }),
    ]);
    expect(stages).toMatchObject({ before: 0, check: 1, behind: 2, "behind too": 2, prepares: 0 });
  });

  it("packs weights just before they are used, but before they are overwritten", () => {
    const [w, v] = [state("w"), state("v")];
    const [packed, packedV, a, b] = [block(), block(), block(), block()];
    const stages = stagesOf([
      call("pack", [w], [packed]),
      call("pack v", [v], [packedV]),
      call("one", [], [a]),
      call("two", [a], [b]),
      call("product", [b, packed, packedV], [block()]),
      call("assign", [], [v], { effect: 0 }),
    ]);
    expect(stages.product).toBe(2);
    expect(stages.pack).toBe(1);
    expect(stages["pack v"]).toBe(0);
    expect(stages.assign).toBe(1);
  });

  it("refuses a circle", () => {
    const [w, v] = [state("w"), state("v")];
    const calls = [call("a", [v], [w], { effect: 0 }), call("b", [w], [v], { effect: 1 })];
    expect(() => schedule(calls)).toThrow(StateError);
  });

  it("puts the most expensive of a stage first", () => {
    const { calls } = schedule([call("small", [], [block()]), call("large", [], [block()])], ({ op }) => op.length % 4);
    expect(calls.map(({ op }) => op)).toEqual(["small", "large"]);
    const turned = schedule([call("aa", [], [block()]), call("aaa", [], [block()])], ({ op }) => op.length);
    expect(turned.calls.map(({ op }) => op)).toEqual(["aaa", "aa"]);
  });

  it("gives, with the plan, the same values as running in the order of emission", () => {
    // Each call writes 1 + the sum of what it reads + its number into its block; the arena is an array by offset.
    const program = fc.array(fc.record({ reads: fc.array(fc.nat(7), { maxLength: 3 }), write: fc.nat(7) }), {
      minLength: 1,
      maxLength: 25,
    });
    fc.assert(
      fc.property(program, (steps) => {
        const blocks = Array.from({ length: 8 }, (_, i) => block(64 * (i + 1)));
        // A block must be written before it is read.
        const known = new Set<number>();
        const calls = steps.map(({ reads, write }, i) => {
          const from = reads.filter((r) => known.has(r) && r !== write).map((r) => blocks[r]!);
          known.add(write);
          return call(`${i}`, from, [blocks[write]!]);
        });
        const run = (order: readonly Call[], at: (b: Block) => number): Map<string, number> => {
          const memory = new Map<number, number>();
          const results = new Map<string, number>();
          for (const { op, reads, writes } of order) {
            const value = [...reads].reduce((sum, b) => sum * 31 + memory.get(at(b))!, 1 + Number(op));
            results.set(op, value % 1_000_003);
            // A block fills all its bytes, so that overlapping ones would be noticed.
            for (const b of writes) {
              for (let o = 0; o < (b as { bytes: number }).bytes; o += 64) memory.set(at(b) + o, value % 1_000_003);
            }
          }
          return results;
        };
        const expected = run(calls, (b) => blocks.indexOf(b) * 10_000);
        const result = schedule(calls);
        const { offsets } = planArena(result, planKept(result));
        // Also backwards within a stage: nothing may depend on the order there.
        const backwards = result.calls
          .map((c, i) => ({ c, i, stage: result.stages[i]! }))
          .sort((p, q) => p.stage - q.stage || q.i - p.i)
          .map(({ c }) => c);
        for (const order of [result.calls, backwards]) expect(run(order, (b) => offsets.get(b)!)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });
});
