/** Every regularizer and constraint against Keras, on every backend: penalties, their gradients, and bounded weights. */

import { afterAll, describe, expect, it } from "vitest";
import type { NDArray } from "../src/core/ndarray.js";
import { gradient } from "../src/graph/gradient.js";
import { read } from "../src/graph/leaves.js";
import { Variable } from "../src/graph/tensor.js";
import { constraintOption, constraints } from "../src/nn/constraints/index.js";
import { regularizerOption, regularizers, weightPenalty } from "../src/nn/regularizers/index.js";
import { golden } from "./support/goldens.js";
import { inCamelCase } from "./support/keras-names.js";
import { allBackends, closeBackends, relativeMiss, runGraph } from "./support/run-graph.js";

interface Use {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly x: NDArray;
}

const golden_ = golden<{
  penalties: readonly (Use & { readonly penalty: number; readonly gradient: NDArray })[];
  named: readonly { readonly name: string; readonly x: NDArray; readonly penalty: number }[];
  constraints: readonly (Use & { readonly y: NDArray })[];
}>("weights");

const backends = allBackends();
afterAll(() => closeBackends(backends));

const titled = <T extends Use>(items: readonly T[]): [string, T][] =>
  items.map((item, i) => [`${i}: ${item.name} ${JSON.stringify(item.options)} of [${item.x.shape.join(", ")}]`, item]);

const weightLike = ({ shape }: NDArray) => read(new Variable("w", shape, "float32"));

describe("regularizers", () => {
  it.each(titled(golden_.penalties))("%s", async (_, { name, options, x, penalty, gradient: slopes }) => {
    const regularizer = regularizerOption().read({ className: name, config: inCamelCase(options) })!;
    const w = weightLike(x);
    const loss = weightPenalty(regularizer, w, "w");
    const outputs = { loss, gradient: gradient(loss, [w])[0]! };
    for (const { name: backend, backend: engine } of backends) {
      const found = await runGraph(engine, outputs, new Map([[w, x]]), 1);
      expect(relativeMiss(found.loss!, [penalty]), `${backend}: penalty`).toBeLessThan(1e-5);
      expect(relativeMiss(found.gradient!, slopes.data), `${backend}: gradient`).toBeLessThan(1e-5);
    }
  });

  it.each(golden_.named)("$name by name", async ({ name, x, penalty }) => {
    const w = weightLike(x);
    const loss = weightPenalty(regularizerOption().read(name)!, w, "w");
    const found = await runGraph(backends[0]!.backend, { loss }, new Map([[w, x]]), 1);
    expect(relativeMiss(found.loss!, [penalty])).toBeLessThan(1e-6);
  });
});

describe("constraints", () => {
  it.each(titled(golden_.constraints))("%s", async (_, { name, options, x, y }) => {
    const constraint = constraintOption().read({ className: name, config: inCamelCase(options) })!;
    const w = weightLike(x);
    const outputs = { y: constraint.call(w, "w") };
    for (const { name: backend, backend: engine } of backends) {
      const found = await runGraph(engine, outputs, new Map([[w, x]]), 1);
      expect(relativeMiss(found.y!, y.data), backend).toBeLessThan(1e-5);
    }
  });
});

it("all of them are there", () => {
  const classes = (room: object) =>
    Object.values(room as Record<string, { className: string }>).map(({ className }) => className);
  const covered = (items: readonly Use[]) => [...new Set(items.map(({ name }) => name))].sort();
  expect(covered(golden_.penalties)).toEqual(classes(regularizers).sort());
  expect(covered(golden_.constraints)).toEqual(classes(constraints).sort());
});
