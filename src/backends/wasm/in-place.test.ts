import { describe, expect, it } from "vitest";
import { Builder } from "./builder.js";
import { chainsOf } from "./chain.js";
import { inPlace } from "./in-place.js";
import { planKept } from "./kept.js";
import { type Block, type Place, startOf } from "./place.js";
import { planArena } from "./plan.js";
import { schedule } from "./schedule.js";

const relu = { op: 6, n: 256 };
const sum = { op: 0, outer: 1, count: 256, inner: 1, outerBlock: 1, innerBlock: 1 };

/** Which of the named blocks lies where another lay, of calls made by hand. */
function placed(
  emit: (builder: Builder, block: (name: string, floats?: number) => Place) => void,
  chain = true,
): { firsts: Record<string, string>; bytes: number } {
  const builder = new Builder(1);
  builder.begin({ op: "op" });
  const blocks = new Map<string, Block>();
  const block = (name: string, floats = 256): Place => {
    const known = blocks.get(name) ?? { kind: "arena", bytes: 4 * floats };
    blocks.set(name, known);
    return startOf(known);
  };
  emit(builder, block);
  const order = schedule(builder.calls, undefined, chain ? chainsOf : undefined);
  const nameOf = (of: Block): string => [...blocks].find(([, known]) => known === of)![0];
  const firsts = inPlace(order, new Set(blocks.values()));
  return {
    firsts: Object.fromEntries([...firsts].map(([result, first]) => [nameOf(result), nameOf(first)])),
    bytes: planArena(order, planKept(order)).bytes,
  };
}

describe("a result lies where an operand lay", () => {
  it("that nothing needs any more, from link to link", () => {
    const { firsts, bytes } = placed((builder, block) => {
      builder.emit("unary", { x: block("a"), y: block("b"), ...relu });
      builder.emit("unary", { x: block("b"), y: block("c"), ...relu });
    });
    expect(firsts).toEqual({ b: "a", c: "a" });
    expect(bytes).toBe(1024);
  });

  it("not where it is read later", () => {
    const { firsts } = placed((builder, block) => {
      builder.emit("unary", { x: block("a"), y: block("b"), ...relu });
      builder.emit("unary", { x: block("b"), y: block("c"), ...relu });
      builder.emit("unary", { x: block("c"), y: block("d"), ...relu });
      builder.emit("copy", { x: block("d"), y: block("e"), n: 1024 });
      builder.emit("reduce", { x: block("e"), y: block("sum", 1), ...sum });
      builder.emit("reduce", { x: block("a"), y: block("sum", 1), ...sum });
    });
    expect(firsts).toEqual({ c: "b", d: "b", e: "b" });
  });

  it("not where another call of the stage has it in hand, whatever the order of the two", () => {
    for (const turn of [false, true]) {
      const { firsts } = placed((builder, block) => {
        const calls = [
          () => builder.emit("reduce", { x: block("a"), y: block("sum", 1), ...sum }),
          () => builder.emit("unary", { x: block("a"), y: block("b"), ...relu }),
        ];
        for (const call of turn ? calls.reverse() : calls) call();
      });
      expect(firsts).toEqual({});
    }
  });

  it("once: of two results one has it", () => {
    const { firsts } = placed((builder, block) => {
      const [learningRate, iterations] = [block("rate", 1), block("iterations", 1)];
      const state = { weights: block("w"), first: block("m"), second: block("v"), learningRate, iterations };
      const numbers = { oneMinusBeta1: 0.1, oneMinusBeta2: 0.1, epsilon: 1, n: 256 };
      builder.emit("adamUpdate", { ...state, ...numbers, gradient: block("g") });
    });
    expect(Object.values(firsts)).toEqual(["g"]);
  });

  it("not where it has another length", () => {
    const { firsts } = placed((builder, block) => {
      builder.emit("cast", { x: block("a"), y: block("b", 64), from: 0, to: 3, n: 256 });
    });
    expect(firsts).toEqual({});
  });
});
