import { describe, expect, it } from "vitest";
import { OptionError, ShapeError } from "../core/errors.js";
import { layers, model, modelFromConfig, sequential, sequentialFromConfig } from "../index.js";
import type { LayerConfig, Place } from "./model-config.js";

interface Changeable {
  className: unknown;
  trainable?: unknown;
  config: {
    name: unknown;
    seed: unknown;
    layers: { className: unknown; config: Record<string, unknown>; calls?: unknown; shared?: unknown }[];
    inputs: unknown;
    outputs: unknown;
  };
}

/** x -> twice -> twice and once -> add, with a layer that is not trained. */
function diamond() {
  const x = layers.input({ shape: [3], name: "x" });
  const twice = layers.dense({ units: 3, name: "twice" });
  const once = layers.dense({ units: 3, name: "once" });
  once.trainable = false;
  const h = twice(x);
  return model({ inputs: [x], outputs: layers.add({ name: "add" })([twice(h), once(h)]), seed: 5, name: "diamond" });
}

function changed(change: (config: Changeable) => void): unknown {
  const config = structuredClone(diamond().toConfig()) as unknown as Changeable;
  change(config);
  return config;
}

describe("the configuration of a functional model", () => {
  it("says what every layer is called on", () => {
    const { className, config } = diamond().toConfig();
    const entries = (config.layers as readonly LayerConfig[]).map(({ config: { name }, calls, trainable }) => ({
      name,
      calls,
      trainable,
    }));
    expect({ className, ...config, layers: entries }).toEqual({
      className: "Functional",
      name: "diamond",
      seed: 5,
      layers: [
        { name: "x", calls: [] },
        { name: "twice", calls: [[["x", 0, 0]], [["twice", 0, 0]]] },
        { name: "once", calls: [[["twice", 0, 0]]], trainable: false },
        {
          name: "add",
          calls: [
            [
              ["twice", 1, 0],
              ["once", 0, 0],
            ],
          ],
        },
      ],
      inputs: [["x", 0, 0]],
      outputs: ["add", 0, 0],
    });
  });

  it("gives the same model, in whatever order its layers are", async () => {
    const made = diamond();
    made.trainable = false;
    const config = made.toConfig();
    expect(config.trainable).toBe(false);
    const again = modelFromConfig(JSON.parse(JSON.stringify(config)));
    expect(again.toConfig()).toEqual(config);
    expect(await again.getWeights()).toEqual(await made.getWeights());
    const turned = modelFromConfig(changed((given) => given.config.layers.reverse()));
    expect(turned.toConfig()).toEqual(diamond().toConfig());
    expect(modelFromConfig(config, { seed: 8 }).seed).toBe(5);
  });

  it("can hold thousands of layers, the last one first", () => {
    const entries = Array.from({ length: 3000 }, (_, i) => ({
      className: "ReLU",
      config: { name: `r${i}` },
      calls: [[[i === 0 ? "x" : `r${i - 1}`, 0, 0] satisfies Place]],
    }));
    const input = { className: "InputLayer", config: { name: "x", shape: [2] } };
    const config = {
      name: "deep",
      layers: [...entries.reverse(), input],
      inputs: ["x", 0, 0],
      outputs: ["r2999", 0, 0],
    };
    expect(modelFromConfig({ className: "Functional", config }).layers.length).toBe(3001);
  });

  it.each<[string, (config: Changeable) => void, string]>([
    [
      "another kind of model",
      (config) => (config.className = "Model"),
      'className must be one of "Sequential", "Functional"',
    ],
    [
      "a model that is trainable by more than nothing",
      (config) => (config.trainable = true),
      "trainable must be false, or not there",
    ],
    ["no layers", ({ config }) => (config.layers = 3 as never), "layers must be a list, received 3"],
    [
      "a layer that is none",
      ({ config }) => (config.layers[1] = null as never),
      "layers[1]: modelFromConfig: options must be an object",
    ],
    [
      "an unknown layer",
      ({ config }) => (config.layers[1]!.className = "Dens"),
      'layers[1] ("twice"): unknown layer "Dens"; did you mean "dense"?',
    ],
    [
      "a bad option",
      ({ config }) => (config.layers[1]!.config.units = -1),
      'layers[1] ("twice"): dense: units must be',
    ],
    ["a layer without a name", ({ config }) => delete config.layers[1]!.config.name, "model: a layer has no name"],
    [
      "two layers of one name",
      ({ config }) => (config.layers[2]!.config.name = "twice"),
      'model: two layers have the name "twice"',
    ],
    [
      "a call that is none",
      ({ config }) => (config.layers[1]!.calls = [["x", 0, 0]]),
      'layers[1] ("twice"): modelFromConfig: calls[0] must be a list of places',
    ],
    [
      "a call of nothing",
      ({ config }) => (config.layers[1]!.calls = [[]]),
      "twice: one input expected, received a list of 0",
    ],
    [
      "a call on too much",
      ({ config }) =>
        (config.layers[2]!.calls = [
          [
            ["x", 0, 0],
            ["x", 0, 0],
          ],
        ]),
      "once: one input expected, received a list of 2",
    ],
    [
      "an input that is called",
      ({ config }) => (config.layers[0]!.calls = [[["twice", 0, 0]], [["twice", 0, 0]]]),
      "an input layer begins a model; it is called on nothing",
    ],
    [
      "a call that is not there",
      ({ config }) => (config.layers[2]!.calls = [[["twice", 7, 0]]]),
      'layer "twice" has no output 0 of call 7',
    ],
    [
      "an output that is not there",
      ({ config }) => (config.layers[2]!.calls = [[["twice", 0, 1]]]),
      'layer "twice" has no output 1 of call 0',
    ],
    [
      "a layer that is not there",
      ({ config }) => (config.layers[2]!.calls = [[["twise", 0, 0]]]),
      'unknown layer "twise"; did you mean "twice"?',
    ],
    [
      "calls that need each other",
      ({ config }) => (config.layers[1]!.calls = [[["once", 0, 0]]]),
      "needs itself, by way of others",
    ],
    ["a layer that no output needs", ({ config }) => (config.outputs = ["once", 0, 0]), 'no output needs layer "add"'],
    [
      "an input that is no input layer",
      ({ config }) => (config.inputs = ["once", 0, 0]),
      "an input must be made by layers.input",
    ],
    [
      "outputs that are no places",
      ({ config }) => (config.outputs = [["add", 0]]),
      "outputs must be a place [layer, call, output], or a list of them",
    ],
    [
      "layers of one number and several classes",
      ({ config }) => {
        config.layers[1]!.shared = 1;
        config.layers[3]!.shared = 1;
      },
      'layers[3] ("add"): shared 1 is of class Dense elsewhere, and Add here',
    ],
  ])("is refused with %s", (_, change, message) => {
    const read = () => modelFromConfig(changed(change));
    expect(read).toThrow(OptionError);
    expect(read).toThrow(message);
  });

  it("is refused where layers do not fit, with which one", () => {
    const read = () => modelFromConfig(changed(({ config }) => (config.layers[2]!.config.units = 4)));
    expect(read).toThrow(ShapeError);
    expect(read).toThrow("add");
  });

  it("is none of a sequential model, nor the other way round", () => {
    const made = sequential([layers.input({ shape: [3] }), layers.dense({ units: 2 })], { seed: 3 });
    expect(modelFromConfig(made.toConfig()).toConfig()).toEqual(made.toConfig());
    expect(() => sequentialFromConfig(diamond().toConfig())).toThrow(
      "this is a functional model; read it with modelFromConfig",
    );
  });
});
