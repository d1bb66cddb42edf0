import { describe, expect, it } from "vitest";
import { type Graph, roots, topological, variablesOf } from "./graph.js";
import { input, read } from "./leaves.js";
import { add } from "./ops/add.js";
import { assign } from "./ops/assign.js";
import { exp } from "./ops/exp.js";
import { multiply } from "./ops/multiply.js";
import { type Tensor, Variable } from "./tensor.js";

const x = input("x", [null, 3], "float32");

describe("topological", () => {
  it("lists each tensor once, behind its inputs", () => {
    const a = exp([x]);
    const b = add([a, x]);
    const y = multiply([b, a]);
    const order = topological([y, a, y]);
    expect(new Set(order)).toEqual(new Set([x, a, b, y]));
    expect(order).toHaveLength(4);
    for (const tensor of order) {
      for (const one of tensor.inputs) expect(order.indexOf(one)).toBeLessThan(order.indexOf(tensor));
    }
  });

  it("gives the same order every time, the first end first", () => {
    const [a, b] = [exp([x]), exp([x])];
    expect(topological([a, b])).toEqual([x, a, b]);
    expect(topological([b, a])[1]).toBe(b);
  });

  it("takes a chain longer than the call stack, and a diamond of 2^60 paths", () => {
    let chain: Tensor = x;
    for (let i = 0; i < 50000; i++) chain = exp([chain]);
    expect(topological([chain])).toHaveLength(50001);
    let diamond: Tensor = x;
    for (let i = 0; i < 60; i++) diamond = add([diamond, diamond]);
    expect(topological([diamond])).toHaveLength(61);
  });
});

describe("a graph", () => {
  const [v, w, unused] = ["v", "w", "unused"].map((name) => new Variable(name, [3], "float32"));
  const effect = assign([read(w!), exp([read(v!)])]);
  const graph: Graph = { name: "g", outputs: { y: add([x, read(v!)]) }, effects: [effect] };

  it("ends in its effects, then its outputs", () => {
    expect(roots(graph)).toEqual([effect, graph.outputs.y]);
  });

  it("has the variables it reads and writes, each once", () => {
    expect(variablesOf(graph)).toEqual([w, v]);
    expect(variablesOf(graph)).not.toContain(unused);
  });
});
