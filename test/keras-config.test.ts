/**
 * Models in Keras's own words: what Keras wrote is read, predicts and trains as in Keras, and is written again as it was.
 * test/goldens/make/keras-config.py has Keras read what is left of its configurations when what fovea does not write is
 * taken away. Beside it: keras-config-classes, every class; keras-config-refusals, -fuzz, what is refused.
 */

import { afterAll, describe, expect, it } from "vitest";
import { modelFromConfig, modelFromKerasConfig } from "../src/index.js";
import type { Json } from "../src/models/keras-config/path.js";
import {
  backend,
  changeable,
  expectClose,
  fill,
  goldens,
  inputs,
  labels,
  predictions,
  ROWS,
  weight,
} from "./support/keras-configs.js";
import { allBackends, closeBackends } from "./support/run-graph.js";

const backends = allBackends();
afterAll(() => closeBackends(backends));

const examples = Object.entries(goldens.examples);

describe("a configuration that Keras wrote", () => {
  it("comes in all kinds", () => {
    expect(examples.length).toBeGreaterThanOrEqual(30);
    expect(examples.filter(([, { losses }]) => losses !== undefined).length).toBeGreaterThanOrEqual(10);
  });

  it.each(examples)("is read and written again as it was: %s", (_, { config }) => {
    const model = modelFromKerasConfig(config, { backend });
    expect(model.toKerasConfig()).toEqual(config);
    expect(modelFromKerasConfig(JSON.stringify(config), { backend }).toKerasConfig()).toEqual(config);
  });

  it.each(examples)("is the same in fovea's own words: %s", (_, { config }) => {
    const own = JSON.parse(JSON.stringify(modelFromKerasConfig(config, { backend }).toConfig()));
    const again = modelFromConfig(own, { backend });
    expect(again.toConfig()).toEqual(own);
    expect(again.toKerasConfig()).toEqual(config);
  });

  it.each(examples)("gives a model of the same weights that predicts the same: %s", async (_, example) => {
    for (const one of backends) {
      const model = modelFromKerasConfig(example.config, { backend: one.backend });
      expect(model.network.weights.map(({ shape }) => shape)).toEqual(example.weights);
      await fill(model);
      expectClose(await predictions(model), example.predictions);
      expect((await model.getWeights()).map((array) => array.toArray())).toEqual(
        example.weights.map((shape, i) => weight(shape, i).toArray()),
      );
      model.free();
    }
  });

  it.each(examples.filter(([, { losses }]) => losses !== undefined))(
    "gives a model that trains the same: %s",
    async (_, example) => {
      for (const one of backends) {
        const model = modelFromKerasConfig(example.config, { backend: one.backend });
        await fill(model);
        model.compile({ loss: "mse", optimizer: { className: "SGD", config: { learningRate: 0.05 } } });
        const ys = example.predictions.map(({ shape }, i) => labels(shape, i));
        for (const expected of example.losses!) {
          const { history } = await model.fit(inputs(model), ys, { batchSize: ROWS, shuffle: false, verbose: 0 });
          expect(Math.abs(history.loss![0]! / expected - 1), one.name).toBeLessThan(1e-4);
        }
        model.free();
      }
    },
  );

  it("in a .keras file keeps a layer one that is in a model and in one within it", async () => {
    const { config, weights, predictions: expected } = goldens.file;
    const model = modelFromKerasConfig(config, { backend });
    expect(model.network.weights.length).toBe(weights);
    await fill(model);
    expectClose(await predictions(model), expected);
    const again = modelFromKerasConfig(model.toKerasConfig(), { backend });
    expect(again.network.weights.length).toBe(weights);
    expect(again.toKerasConfig()).toEqual(model.toKerasConfig());
    expect(modelFromConfig(model.toConfig(), { backend }).network.weights.length).toBe(weights);
  });
});

describe("a stack that Keras built late", () => {
  it.each(Object.entries(goldens.stacks))("predicts the same, with rows of any number: %s", async (_, example) => {
    const model = modelFromKerasConfig(example.config, { backend });
    expect(model.network.inputs[0]!.shape).toEqual([null, 5, 5, 1]);
    expect(model.network.weights.map(({ shape }) => shape)).toEqual(example.weights);
    await fill(model);
    expectClose(await predictions(model), example.predictions);
    const written = model.toKerasConfig() as unknown as { config: { build_input_shape: unknown; layers: Json[] } };
    const { build_input_shape, layers } = written.config;
    expect(build_input_shape).toEqual([null, 5, 5, 1]);
    expect(layers[0]).toMatchObject({ class_name: "InputLayer", config: { batch_shape: [null, 5, 5, 1] } });
    const kept = (example.config as { config: { layers: Json[] } }).config.layers;
    expect(layers.slice(1)).toEqual(kept.filter(({ class_name }) => class_name !== "InputLayer"));
    model.free();
  });

  it("says it where that shape is none, or another one than the input layer's", () => {
    const read = (name: keyof typeof goldens.stacks, shape: unknown) => () => {
      const config = structuredClone(goldens.stacks[name].config) as { config: Record<string, unknown> };
      config.config.build_input_shape = shape;
      return modelFromKerasConfig(config, { backend });
    };
    const at = "modelFromKerasConfig: config.build_input_shape";
    expect(read("without_input", 3)).toThrow(`${at}: a list expected, received 3`);
    expect(read("without_input", [null, null, 8, 1])).toThrow("build_input_shape.config.batch_shape: must be a shape");
    expect(read("without_input", [0, 5, 5, 1])).toThrow("[0, 5, 5, 1] is no batch_shape");
    expect(read("built_by_call", [null, 5, 6, 1])).toThrow(
      `${at}: the model begins with rows of [5, 5, 1], received [null, 5, 6, 1].`,
    );
    expect(read("built_by_call", null)().network.inputs[0]!.shape).toEqual([null, 5, 5, 1]);
    expect(read("built_by_call", [32, 5, 5, 1])().network.inputs[0]!.shape).toEqual([null, 5, 5, 1]);
  });
});

describe("of layers in frozen models", () => {
  const trained = (model: ReturnType<typeof modelFromKerasConfig>) => model.trainableWeights.map(({ name }) => name);

  it("those that are not frozen stay so, in Keras's words and in fovea's own", () => {
    const model = modelFromKerasConfig(goldens.examples.thawed_within!.config, { backend });
    expect(trained(model)).toHaveLength(4);
    expect(model.nonTrainableWeights).toHaveLength(4);
    expect(trained(modelFromKerasConfig(model.toKerasConfig(), { backend }))).toEqual(trained(model));
    expect(trained(modelFromConfig(model.toConfig(), { backend }))).toEqual(trained(model));
  });

  it("none is trained by itself where the whole model is frozen", () => {
    const config = changeable("thawed_within");
    config.config.trainable = false;
    const model = modelFromKerasConfig(config, { backend });
    expect(trained(model)).toEqual([]);
    expect(model.toKerasConfig()).toEqual(config);
  });
});
