/** Functions of the user's own that are no activations, and dropout in training. */

import { describe, expect, it } from "vitest";
import { checkLayer } from "../../../test/support/checkLayer.js";
import { numbers } from "../../../test/support/evaluate.js";
import { ShapeError, StateError } from "../../core/errors.js";
import { sum } from "../../graph/compose.js";
import { constant, input as inputLeaf } from "../../graph/leaves.js";
import type { Layer } from "../layer.js";
import { layers } from "./index.js";

describe("a function of the user's own that is no activation", () => {
  const x = inputLeaf("x", [null, 2], "float32");

  it("is refused if it changes the shape", () => {
    const layer = layers.activation({ activation: (y) => sum(y, { axes: [1] }) });
    expect(() => layer.call(x, {}, undefined, "activation_2")).toThrow(
      new ShapeError(
        "activation_2: a tensor of [null, 2] expected, made [null]. A function of your own must make a tensor of that shape; an activation keeps its input's.",
      ),
    );
  });

  it("is refused if it makes no tensor", () => {
    const layer = layers.activation({ activation: () => 3 as never });
    expect(() => layer.call(x)).toThrow(/^activation: a tensor of \[null, 2\] expected, made 3\./);
  });
});

describe("dropout in training", () => {
  const values = new Float64Array(4000).fill(1);

  it("drops about its rate and keeps the expected sum", () => {
    const { values: kept } = checkLayer(layers.dropout({ rate: 0.25 }), {
      input: [5, 8],
      values: new Float64Array(40).fill(1),
      training: true,
    });
    for (const value of kept) expect([0, 1 / 0.75]).toContain(value);
  });

  it("has other numbers under another name or seed, and the same under the same", () => {
    const dropped = (layer: Layer, name: string): string => {
      const made = checkDropout(layer, name);
      return made.join("");
    };
    const plain = layers.dropout({ rate: 0.5 });
    expect(dropped(plain, "a")).toBe(dropped(plain, "a"));
    expect(dropped(plain, "a")).not.toBe(dropped(plain, "b"));
    expect(dropped(plain, "a")).not.toBe(dropped(layers.dropout({ rate: 0.5, seed: 1 }), "a"));
    expect(dropped(layers.dropout({ rate: 0.5, seed: 2 }), "a")).not.toBe(
      dropped(layers.dropout({ rate: 0.5, seed: 1 }), "a"),
    );
    const zeros = checkDropout(plain, "a").filter((value) => value === 0).length;
    // 4000 coins: six standard deviations are 190.
    expect(Math.abs(zeros - 2000)).toBeLessThan(190);
  });

  function checkDropout(layer: Layer, name: string): number[] {
    const x = inputLeaf("x", [null, 40], "float32");
    const randomState = constant([7, 0, 1, 2], [4], "int32");
    const y = layer.call(x, {}, { training: true, randomState }, name);
    return numbers(y, { rows: 100, inputs: new Map([[x, values]]) });
  }

  it("says so if there is no random state", () => {
    const x = inputLeaf("x", [null, 3], "float32");
    const call = () => layers.dropout({ rate: 0.5 }).call(x, {}, { training: true, randomState: null }, "dropout_3");
    expect(call).toThrow(StateError);
    expect(call).toThrow("dropout_3: training needs the run's random state.");
  });
});
