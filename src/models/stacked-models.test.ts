/** Models as items of a sequential model: what Keras makes of the same, written down, saved and read again. */

import { describe, expect, it } from "vitest";
import { OptionError, ShapeError } from "../core/errors.js";
import { full } from "../core/ndarray-create.js";
import { layers, loadModel, model, modelFromConfig, modelFromKerasConfig, sequential } from "../index.js";

function parts() {
  const first = sequential([layers.input({ shape: [4] }), layers.dense({ units: 4 })], { seed: 1 });
  const x = layers.input({ shape: [4] });
  const second = model({ inputs: x, outputs: layers.dense({ units: 5 })(x), name: "fn" });
  return { first, second };
}

describe("a sequential model of models", () => {
  it("is layers one on the other, under the names that Keras gives", () => {
    const { first, second } = parts();
    const whole = sequential([layers.input({ shape: [4] }), first, second, layers.dense({ units: 2 })], { seed: 2 });
    expect(whole.weights.map(({ path }) => path)).toEqual([
      "sequential/dense/kernel",
      "sequential/dense/bias",
      "fn/dense/kernel",
      "fn/dense/bias",
      "dense/kernel",
      "dense/bias",
    ]);
    expect(whole.countParams()).toBe(57);
    expect(whole.getLayer("fn")).toBe(second.asLayer);
    const two = sequential([layers.input({ shape: [4] }), parts().first, parts().first]);
    expect(two.layers.length).toBe(3);
    expect(two.getLayer("sequential_1").countParams()).toBe(20);
  });

  it("may begin with one, whose input is then its own", async () => {
    const { first, second } = parts();
    const whole = sequential([first, second, layers.dense({ units: 2 })], { seed: 2 });
    expect(whole.inputShape).toEqual([null, 4]);
    expect(whole.outputShape).toEqual([null, 2]);
    const x = full([3, 4], 0.5);
    const inner = await second.predict(await first.predict(x));
    const [kernel, bias] = (await whole.getWeights()).slice(-2);
    const expected = inner.data[0]! * kernel!.at(0, 0)! + 0;
    expect(Number.isFinite(expected)).toBe(true);
    const head = sequential([layers.input({ shape: [5] }), layers.dense({ units: 2 })]);
    await head.setWeights([kernel!, bias!]);
    expect((await whole.predict(x)).toNested()).toEqual((await head.predict(inner)).toNested());
    const bytes = model({
      inputs: layers.input({ shape: [2], dtype: "uint8" }),
      outputs: layers.input({ shape: [2] }),
    } as never);
    expect(bytes).toBeDefined();
  });

  it("is written down and read again, in fovea's words, Keras's, and as a file", async () => {
    const { first, second } = parts();
    const whole = sequential([first, second, layers.dense({ units: 2 })], { seed: 2 });
    const again = modelFromConfig(JSON.parse(JSON.stringify(whole.toConfig())));
    expect(again.toConfig()).toEqual(whole.toConfig());
    expect(await again.getWeights()).toEqual(await sequentialAnew(whole));
    const words = JSON.stringify(whole.toKerasConfig());
    expect(JSON.stringify(modelFromKerasConfig(words).toKerasConfig())).toBe(words);
    const loaded = await loadModel(await whole.toBytes());
    expect(await loaded.getWeights()).toEqual(await whole.getWeights());
  });

  it("refuses what has several inputs or outputs, the same twice, and what does not fit", () => {
    const [a, b] = [layers.input({ shape: [4] }), layers.input({ shape: [3] })];
    const two = model({ inputs: [a, b], outputs: layers.concatenate()([a, b]), name: "two" });
    const branches = model({
      inputs: a,
      outputs: [layers.dense({ units: 2 })(a), layers.dense({ units: 3 })(a)],
      name: "branches",
    });
    expect(() => sequential([two, layers.dense({ units: 1 })])).toThrow(
      new OptionError('sequential: the first layer, the model "two", has 2 inputs.'),
    );
    expect(() => sequential([layers.input({ shape: [4] }), branches])).toThrow(
      new OptionError('sequential: layer "branches" must have one output, but has 2 outputs.'),
    );
    const { first, second } = parts();
    expect(() => sequential([first, first])).toThrow("item 1 is a model that is in the list already");
    expect(() => sequential([layers.input({ shape: [6] }), second])).toThrow(
      new ShapeError("fn: the inner model expects [null, 4], received [null, 6]."),
    );
    // @ts-expect-error neither a layer nor a model
    expect(() => sequential([layers.input({ shape: [6] }), "dense"])).toThrow('item 1 is not a layer but "dense"');
  });
});
