/** Models within models: what Keras predicts, writes and prints of the same; as items of a sequential model; and refusals. */

import { afterAll, describe, expect, it } from "vitest";
import { golden } from "../../test/support/goldens.js";
import { camelCase } from "../../test/support/keras-names.js";
import { allBackends, closeBackends } from "../../test/support/run-graph.js";
import { OptionError, ShapeError } from "../core/errors.js";
import type { NDArray } from "../core/ndarray.js";
import { array } from "../core/ndarray-create.js";
import { layers, loadModel, model, modelFromConfig, modelFromKerasConfig, sequential } from "../index.js";

interface NestedCase {
  readonly name: string;
  readonly json: object;
  readonly weights: readonly NDArray[];
  readonly x: NDArray;
  readonly y: NDArray;
  readonly summaries: readonly { readonly options: Readonly<Record<string, unknown>>; readonly text: string }[];
}

interface TrainableStep {
  readonly set: string | null;
  readonly to: boolean | null;
  readonly inner: {
    readonly model: boolean;
    readonly layers: readonly boolean[];
    readonly trained: readonly string[];
    readonly left: readonly string[];
  };
  readonly trainedOutside: number;
}

const { cases, trainable } = golden<{
  readonly cases: readonly NestedCase[];
  readonly trainable: readonly TrainableStep[];
}>("nested-models");

const backends = allBackends();
afterAll(() => closeBackends(backends));

/** What Keras writes and fovea leaves out, because it follows from the rest. */
function withoutBuilt(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, part: unknown) =>
      ["build_config", "compile_config"].includes(key) ? undefined : part,
    ),
  );
}

describe.each(cases.map((item) => [item.name, item] as const))("Keras's model %s", (_, item) => {
  it.each(backends)("is read, predicts the same, and is written as Keras wrote it: $name", async ({ backend }) => {
    const made = modelFromKerasConfig(item.json, { backend });
    expect(JSON.parse(JSON.stringify(made.toKerasConfig()))).toEqual(withoutBuilt(item.json));
    await made.setWeights([...item.weights]);
    const y = (await made.predict(item.x)) as NDArray;
    for (const [i, value] of item.y.data.entries()) {
      expect(Math.abs(y.data[i]! - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
    }
    const loaded = await loadModel(await made.toBytes(), { backend });
    expect(loaded.toKerasConfig()).toEqual(made.toKerasConfig());
    expect(await loaded.getWeights()).toEqual(await made.getWeights());
    made.free();
    loaded.free();
  });

  it.each(item.summaries.map(({ options, text }) => [JSON.stringify(options), options, text] as const))(
    "is printed with %s as Keras does",
    (_, options, text) => {
      const renamed: Record<string, string> = { lineLength: "width" };
      const own = Object.entries(options).map(([key, value]) => [renamed[camelCase(key)] ?? camelCase(key), value]);
      expect(modelFromKerasConfig(item.json).summary(Object.fromEntries(own))).toBe(text.trimEnd());
    },
  );
});

it("trainable of models and of layers within them make of each other what Keras says", () => {
  const made = [
    layers.dense({ units: 3, name: "first" }),
    layers.batchNormalization({ name: "normal" }),
    layers.dense({ units: 2, name: "last", trainable: false }),
  ];
  const inner = sequential([layers.input({ shape: [4] }), ...made], { name: "inner" });
  const x = layers.input({ shape: [4] });
  const outer = model({ inputs: x, outputs: layers.dense({ units: 1, name: "head" })(inner(x)), name: "outer" });
  const byName = new Map([inner, outer, ...made].map((one) => [one.name, one]));
  for (const { set, to, inner: expected, trainedOutside } of trainable) {
    if (set !== null) byName.get(set)!.trainable = to!;
    const paths = (list: typeof inner.weights) => list.map(({ variable }) => variable.name);
    expect({
      model: inner.trainable,
      layers: made.map((layer) => layer.trainable),
      trained: paths(inner.trainableWeights),
      left: paths(inner.nonTrainableWeights),
    }).toEqual(expected);
    expect(outer.trainableWeights.length).toBe(trainedOutside);
  }
});

describe("a sequential model of models", () => {
  function parts() {
    const first = sequential([layers.input({ shape: [4] }), layers.dense({ units: 4 })], { seed: 1 });
    const x = layers.input({ shape: [4] });
    const second = model({ inputs: x, outputs: layers.dense({ units: 5 })(x), name: "fn" });
    return { first, second };
  }

  it("is layers one on the other, under the names that Keras gives, and computes what they do", async () => {
    const { first, second } = parts();
    const whole = sequential([first, second, layers.dense({ units: 2 })], { seed: 2 });
    expect(whole.network.weights.map(({ path }) => path)).toEqual([
      "sequential/dense/kernel",
      "sequential/dense/bias",
      "fn/dense/kernel",
      "fn/dense/bias",
      "dense/kernel",
      "dense/bias",
    ]);
    expect(whole.countParams()).toBe(57);
    expect(whole.getLayer("fn")).toBe(second.asLayer);
    expect([whole.inputShape, whole.outputShape]).toEqual([
      [null, 4],
      [null, 2],
    ]);
    const x = array([[1, 2, 3, 4]]);
    const [kernel, bias] = (await whole.getWeights()).slice(-2);
    const head = sequential([layers.input({ shape: [5] }), layers.dense({ units: 2 })]);
    await head.setWeights([kernel!, bias!]);
    const inner = (await second.predict(await first.predict(x))) as NDArray;
    expect((await whole.predict(x)).toArray()).toEqual((await head.predict(inner)).toArray());
    const two = sequential([layers.input({ shape: [4] }), parts().first, parts().first]);
    expect(two.network.layers.map(({ name }) => name)).toEqual(["input_layer", "sequential", "sequential_1"]);
    const again = modelFromConfig(JSON.parse(JSON.stringify(whole.toConfig())));
    expect(again.toConfig()).toEqual(whole.toConfig());
  });

  it("takes the first model's dtype where that says what comes in", () => {
    const bytes = sequential([layers.input({ shape: [2, 2, 3], dtype: "uint8" }), layers.flatten()]);
    expect(sequential([bytes, layers.dense({ units: 1 })]).network.inputs[0]!.dtype).toBe("uint8");
  });

  it("refuses what has several inputs or outputs, the same twice, and what does not fit", () => {
    const [a, b] = [layers.input({ shape: [4] }), layers.input({ shape: [3] })];
    const two = model({ inputs: [a, b], outputs: layers.concatenate()([a, b]), name: "two" });
    const heads = [layers.dense({ units: 2 })(a), layers.dense({ units: 3 })(a)];
    const branches = model({ inputs: a, outputs: heads, name: "branches" });
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
