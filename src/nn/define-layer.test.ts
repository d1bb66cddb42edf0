/** Layers that users define: checked options, weights, gradients, and what is said where they are wrong. */

import { describe, expect, it } from "vitest";
import { checkLayer } from "../../test/support/checkLayer.js";
import { OptionError, ShapeError } from "../core/errors.js";
import * as checks from "../core/option-checks.js";
import { input } from "../graph/leaves.js";
import { defineLayer } from "./define-layer.js";
import { initializers } from "./initializers/index.js";
import { Layer } from "./layer.js";
import { ops } from "./ops.js";

const line = defineLayer({
  className: "Line",
  call: "line",
  options: { low: checks.withDefault(checks.finite(), 0), high: checks.finite(), kind: checks.oneOf(["a", "b"]) },
  check({ low, high }) {
    if (low >= high) throw new OptionError(`line: low must be less than high, received ${low} and ${high}.`);
  },
  weights: (_, inputShape) => [
    { name: "slope", shape: [inputShape.at(-1)!], initializer: initializers.ones(), trainable: true },
  ],
  build: (x, { options: { low, high }, weights }) => ops.clip(ops.multiply(x, weights.slope!), low, high),
});

describe("a layer of one's own", () => {
  it("has its options, a name, weights and gradients", () => {
    const layer = line({ high: 5, low: -5, kind: "a", name: "first" });
    expect(layer).toBeInstanceOf(Layer);
    expect(layer.config).toEqual({ low: -5, high: 5, kind: "a", name: "first" });
    expect(layer.weightSpecs([null, 3]).map(({ name, shape }) => [name, shape])).toEqual([["slope", [3]]]);
    const given = { input: [2, 3], values: [1, 2, 3, 4, -3, -2], weights: { slope: [1, 0.5, -1] } };
    // Only the rooms that know a class can make it from a config.
    const { values } = checkLayer(layer, { ...given, written: false });
    expect(values).toEqual([1, 1, -3, 4, -1.5, 2]);
  });

  it("refuses options by its own table, in code and in types", () => {
    // @ts-expect-error none of the kinds
    expect(() => line({ high: 1, kind: "c" })).toThrow('line: kind must be one of "a", "b", received "c"');
    // @ts-expect-error high is required
    expect(() => line({ kind: "a" })).toThrow("line: high is missing; it must be a finite number.");
    // @ts-expect-error no such option
    expect(() => line({ high: 1, kind: "a", hihg: 1 })).toThrow('line: unknown option "hihg"; did you mean "high"?');
    expect(() => line({ high: 1, low: 1, kind: "a" })).toThrow("line: low must be less than high, received 1 and 1.");
    expect(() => line({ high: 1, kind: "a", name: "a/b" })).toThrow(
      'line: name must be a non-empty string without "/"',
    );
  });

  it("that makes another shape than it promises is refused with both", () => {
    const wrong = defineLayer({
      className: "Wrong",
      call: "wrong",
      options: {},
      outputShape: () => [null, 7],
      build: (x) => x,
    });
    expect(() => wrong().call(input("x", [null, 3], "float32"))).toThrow(
      new ShapeError(
        "wrong: a tensor of [null, 7] expected, made [null, 3]. A function of your own must make a tensor of that shape; an activation keeps its input's.",
      ),
    );
  });
});
