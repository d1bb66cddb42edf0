/** Layers of several inputs against Keras: what they make and their gradients, on every backend; and what they refuse. */

import { afterAll, describe, expect, it } from "vitest";
import { checkLayer } from "../../../test/support/checkLayer.js";
import { golden } from "../../../test/support/goldens.js";
import { allBackends, closeBackends, relativeMiss, runGraph } from "../../../test/support/run-graph.js";
import { OptionError, ShapeError } from "../../core/errors.js";
import type { NDArray } from "../../core/ndarray.js";
import { sum } from "../../graph/compose.js";
import { gradient } from "../../graph/gradient.js";
import { input } from "../../graph/leaves.js";
import { multiply } from "../../graph/ops/multiply.js";
import { sequential } from "../../index.js";
import { layerFromConfig, layers } from "./index.js";

interface MergeCase {
  readonly className: string;
  readonly options: { readonly axis?: number };
  readonly xs: readonly NDArray[];
  readonly y: NDArray;
  readonly coefficients: NDArray;
  readonly gradients: readonly NDArray[];
}

const { cases } = golden<{ readonly cases: readonly MergeCase[] }>("merging");

const backends = allBackends();
afterAll(() => closeBackends(backends));

describe("layers of several inputs", () => {
  it.each(
    cases.map((item) => [`${item.className} of ${item.xs.map(({ shape }) => `[${shape}]`).join(", ")}`, item] as const),
  )("%s", async (_, { className, options, xs, y, coefficients, gradients }) => {
    const layer = layerFromConfig({ className, config: options });
    const tensors = xs.map(({ shape }, i) => input(`x${i}`, [null, ...shape.slice(1)], "float32"));
    const made = layer.call(tensors);
    expect(made.shape).toEqual([null, ...y.shape.slice(1)]);
    const weights = input("coefficients", made.shape, "float32");
    const rows = y.shape[0]!;
    const leaves = new Map([
      ...tensors.map((tensor, i) => [tensor, xs[i]!] as const),
      [weights, coefficients] as const,
    ]);
    const by = gradient(sum(multiply([made, weights])), tensors);
    const outputs = { y: made, ...Object.fromEntries(by.map((tensor, i) => [`gradient ${i}`, tensor])) };
    for (const { name, backend } of backends) {
      const found = await runGraph(backend, outputs, leaves, rows);
      expect(relativeMiss(found.y!, y.data), `${name}: y`).toBeLessThan(1e-6);
      gradients.forEach(({ data }, i) => {
        expect(relativeMiss(found[`gradient ${i}`]!, data), `${name}: gradient ${i}`).toBeLessThan(1e-6);
      });
    }
    checkLayer(layer, { input: xs[0]!.shape, others: xs.slice(1).map(({ shape }) => shape) });
  });

  it("refuse what is no list, shapes that do not fit, and the batch axis", () => {
    const [a, b, c] = [[4], [4], [5]].map((shape) => layers.input({ shape }));
    expect(() => layers.add()(a!)).toThrow(
      new OptionError("add: a list of inputs expected, as in add()([a, b]), received one alone."),
    );
    expect(() => layers.concatenate({ name: "both" })(a!)).toThrow(
      "both: a list of inputs expected, as in concatenate()",
    );
    expect(() => sequential([a!, layers.maximum()])).toThrow("maximum: a list of inputs expected");
    expect(() => layers.subtract()([a!])).toThrow(
      new ShapeError("subtract: a list of two inputs expected, received 1."),
    );
    expect(() => layers.subtract()([a!, b!, a!])).toThrow("subtract: a list of two inputs expected, received 3.");
    expect(() => layers.multiply({ name: "gate" })([a!, c!])).toThrow(
      "gate: shapes [4] and [5] do not broadcast together.",
    );
    expect(() => layers.concatenate({ axis: 0 })([a!, b!])).toThrow("concatenate: axis 0 of [null, 4] is the batch");
    const picture = layers.input({ shape: [2, 3, 4] });
    const taller = layers.input({ shape: [5, 3, 4] });
    expect(() => layers.concatenate()([picture, taller])).toThrow(
      "concatenate: shapes that differ in axis 3 alone expected, received [null, 2, 3, 4] and [null, 5, 3, 4].",
    );
  });
});
