import { describe, expect, it } from "vitest";
import { expectSameValues, opsOf } from "../../../test/support/graph-values.js";
import type { Graph } from "../graph.js";
import { constant, input, read } from "../leaves.js";
import { add } from "../ops/add.js";
import { assign } from "../ops/assign.js";
import { clip } from "../ops/clip.js";
import { dropout } from "../ops/dropout.js";
import { exp } from "../ops/exp.js";
import { increment } from "../ops/increment.js";
import { type Tensor, Variable } from "../tensor.js";
import { mergeEqual } from "./mergeEqual.js";

const x = input("x", [null, 3], "float32");
const state = new Variable("state", [4], "int32");
const graphOf = (...tensors: Tensor[]): Graph => ({
  name: "g",
  outputs: Object.fromEntries(tensors.map((tensor, i) => [`y${i}`, tensor])),
  effects: [],
});

describe("mergeEqual", () => {
  it("merges equal tensors and those that become equal by it", () => {
    const twin = input("x", [null, 3], "float32");
    const graph = graphOf(add([exp([x]), constant(1)]), add([exp([twin]), constant(1)]));
    const merged = mergeEqual(graph);
    expect(opsOf(merged)).toEqual({ input: 1, exp: 1, constant: 1, add: 1 });
    expect(merged.outputs.y0).toBe(merged.outputs.y1);
    expectSameValues(merged, graph);
  });

  it("keeps apart what differs in anything", () => {
    const [v, w] = [new Variable("v", [3], "float32"), new Variable("v", [3], "float32")];
    const graph = graphOf(
      constant(0),
      constant(-0),
      constant(0, [], "int32"),
      constant(0, [1]),
      constant([1, 2], [2]),
      constant([1, 2], [2, 1]),
      constant(Number.NaN),
      clip([x], { minimum: 0, maximum: 1 }),
      clip([x], { minimum: 0, maximum: 2 }),
      add([x, constant(1)]),
      add([constant(1), x]),
      read(v),
      read(w),
      input("y", [null, 3], "float32"),
      x,
    );
    const { outputs } = mergeEqual(graph);
    expect(new Set(Object.values(outputs)).size).toBe(15);
  });

  it("takes two dropouts of one stream for one value, of two streams for two", () => {
    const drop = (stream: number) => dropout([x, read(state)], { rate: 0.5, stream });
    expect(opsOf(mergeEqual(graphOf(drop(1), drop(1), drop(2)))).dropout).toBe(2);
  });

  it("does not compare long constants, and does not mistake them", () => {
    const list = Array.from({ length: 1000 }, (_, i) => i);
    const one = constant(list, [1000]);
    const { outputs } = mergeEqual(graphOf(one, one, constant([...list], [1000])));
    expect(new Set(Object.values(outputs)).size).toBe(2);
  });

  it("leaves every effect, even two that are the same", () => {
    const v = new Variable("v", [], "float32");
    const effects = [
      assign([read(v), exp([read(v)])]),
      increment([read(state)], { index: 3, by: 1 }),
      increment([read(state)], { index: 3, by: 1 }),
    ];
    const merged = mergeEqual({ name: "g", outputs: {}, effects });
    expect(merged.effects.map(({ op }) => op)).toEqual(["assign", "increment", "increment"]);
    expect(opsOf(merged)).toMatchObject({ variable: 2, increment: 2 });
  });
});
