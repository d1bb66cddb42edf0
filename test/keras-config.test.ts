/**
 * Models in Keras's own words: what Keras wrote is read, predicts and trains as in Keras, and is written again as it was.
 * The goldens and the formulas of weights, inputs and labels are those of test/goldens/make/keras-config.py, which has
 * Keras read what is left of its configurations when what fovea does not write is taken away.
 */

import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { DType } from "../src/core/dtype.js";
import { fromTyped } from "../src/core/ndarray-create.js";
import type { OptionTable } from "../src/core/options.js";
import { sizeOf } from "../src/core/shape.js";
import {
  constraints,
  FoveaError,
  initializers,
  layers,
  modelFromConfig,
  modelFromKerasConfig,
  type NDArray,
  OptionError,
  regularizers,
  sequential,
} from "../src/index.js";
import { readLayer, writeLayer } from "../src/models/keras-config/layer.js";
import { kerasLayers } from "../src/models/keras-config/layer-table.js";
import type { Json } from "../src/models/keras-config/path.js";
import { snakeCase } from "../src/nn/factory.js";
import { layerFromConfig } from "../src/nn/layers/index.js";
import { golden } from "./support/goldens.js";
import { allBackends, closeBackends } from "./support/run-graph.js";

interface Example {
  readonly config: Json;
  readonly weights: readonly (readonly number[])[];
  readonly predictions: readonly NDArray[];
  readonly losses?: readonly number[];
}

const goldens = golden<{
  readonly examples: Readonly<Record<string, Example>>;
  readonly file: { readonly config: Json; readonly weights: number; readonly predictions: readonly NDArray[] };
}>("keras-config");
const backends = allBackends();
const backend = backends[0]!.backend;
afterAll(() => closeBackends(backends));
const ROWS = 4;

function weight(shape: readonly number[], number: number): NDArray {
  const width = Math.sqrt(sizeOf(shape.slice(0, -1)));
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => {
    const fraction = ((i * 7919 + number * 104729 + 17) % 1000) / 1000;
    return shape.length < 2 ? 0.1 + fraction / 2 : ((fraction - 0.5) * 2) / width;
  });
  return fromTyped(data, shape, "float32");
}

function rows(shape: readonly number[], dtype: DType, number: number): NDArray {
  const length = ROWS * sizeOf(shape);
  const at = (i: number) => i * 37 + number * 11;
  const all = [ROWS, ...shape];
  if (dtype === "uint8")
    return fromTyped(
      Uint8Array.from({ length }, (_, i) => at(i) % 256),
      all,
      dtype,
    );
  if (dtype === "int32")
    return fromTyped(
      Int32Array.from({ length }, (_, i) => at(i) % 3),
      all,
      dtype,
    );
  return fromTyped(
    Float32Array.from({ length }, (_, i) => (at(i) % 201) / 100 - 1),
    all,
    "float32",
  );
}

function labels(shape: readonly number[], number: number): NDArray {
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 13 + number) % 7) / 7);
  return fromTyped(data, shape, "float32");
}

type Read = ReturnType<typeof modelFromKerasConfig>;

async function fill(model: Read): Promise<void> {
  await model.setWeights(model.network.weights.map(({ shape }, i) => weight(shape, i)));
}

function inputs(model: Read): NDArray[] {
  return model.network.inputs.map(({ shape, dtype }, i) => rows(shape.slice(1) as number[], dtype, i));
}

/** What a model predicts, as a list. */
async function predictions(model: Read): Promise<NDArray[]> {
  const predicted = await model.predict(inputs(model));
  return "shape" in predicted ? [predicted as NDArray] : Object.values(predicted);
}

function expectClose(found: readonly NDArray[], expected: readonly NDArray[], what = "reference"): void {
  expect(found.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
  found.forEach(({ data }, k) => {
    data.forEach((value, i) => {
      expect(Math.abs(value - expected[k]!.data[i]!), what).toBeLessThan(1e-5);
    });
  });
}

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
      expectClose(await predictions(model), example.predictions, one.name);
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

it("a stack without input layer, as build or a first call leaves it, begins with the shape it was built for", async () => {
  const { config, weights, predictions: expected } = goldens.examples.cnn!;
  const built = structuredClone(config) as unknown as Changeable & { config: { build_input_shape: unknown } };
  built.config.layers.shift();
  built.config.build_input_shape = [32, 8, 8, 1];
  const model = modelFromKerasConfig(built, { backend });
  expect(model.network.inputs[0]!.shape).toEqual([null, 8, 8, 1]);
  expect(model.network.weights.map(({ shape }) => shape)).toEqual(weights);
  await fill(model);
  expectClose(await predictions(model), expected);
  built.config.build_input_shape = 3;
  expect(() => modelFromKerasConfig(built)).toThrow("config.build_input_shape: a list expected, received 3");
  built.config.build_input_shape = [null, null, 8, 1];
  expect(() => modelFromKerasConfig(built)).toThrow("build_input_shape.config.batch_shape: must be a shape");
});

interface Class {
  readonly class_name: string;
  readonly config: Json;
}

const classes =
  golden<Readonly<Record<"layers" | "initializers" | "regularizers" | "constraints", readonly Class[]>>>(
    "keras-classes",
  );

/** A dense layer in Keras's words, whose initializer has the class and options of `value`. */
function denseWith(option: string, value: unknown): Json {
  const config = structuredClone(goldens.examples.dense!.config) as { config: { layers: { config: Json }[] } };
  const layer = config.config.layers[1]!;
  layer.config = { ...layer.config, [option]: value };
  return config as unknown as Json;
}

describe("every class of fovea", () => {
  // All but lambda: what it does is a function, which Keras writes as Python's bytecode.
  const writable = (Object.keys(layers) as (keyof typeof layers)[]).filter((name) => name !== "lambda");
  it.each(writable)("layers.%s reads and writes all that Keras writes", (name) => {
    const { className } = layers[name];
    const entry = `layers.${name} needs an entry in src/models/keras-config/layer-table.ts`;
    expect(kerasLayers[name], entry).toBeDefined();
    const keras = classes.layers.find(({ class_name }) => class_name === className);
    expect(keras, `${className} is not in test/goldens/make/keras-config.py`).toBeDefined();
    const read = readLayer(className, keras!.config, "");
    const layer = layerFromConfig({ className, config: { ...read.config, name: read.name } });
    expect(writeLayer({ ...read, config: layer.config }), entry).toEqual(keras!.config);
  });

  it.each(Object.keys(layers) as (keyof typeof layers)[])("layers.%s has no entry for what it has itself", (name) => {
    const table: OptionTable = layers[name].table;
    const options = Object.keys(table);
    const { further = {}, options: own = {} } = kerasLayers[name];
    const always = options.filter((option) => table[option]!.presence !== "optional");
    const names = always.map((option) => own[option]?.name ?? snakeCase(option));
    expect(Object.keys(further).filter((option) => names.includes(option))).toEqual([]);
    expect(Object.keys(own).filter((option) => !options.includes(option))).toEqual([]);
  });

  it.each([
    ...Object.values(initializers).map(({ className }) => ["initializers", className] as const),
    ...Object.values(regularizers).map(({ className }) => ["regularizers", className] as const),
    ...Object.values(constraints).map(({ className }) => ["constraints", className] as const),
  ])("%s: %s likewise", (kind, className) => {
    const keras = classes[kind].find(({ class_name }) => class_name === className);
    expect(keras, `${className} is not in test/goldens/keras-classes.json`).toBeDefined();
    const config = denseWith(`kernel_${kind.slice(0, -1)}`, keras);
    expect(modelFromKerasConfig(config, { backend }).toKerasConfig()).toEqual(config);
  });

  it("of Keras that fovea has not is refused by its name", () => {
    const known = Object.values(layers).map(({ className }) => className as string);
    const others = classes.layers.filter(({ class_name }) => !known.includes(class_name));
    expect(others.length).toBeGreaterThan(0);
    for (const layer of others) {
      const config = structuredClone(goldens.examples.dense!.config) as { config: { layers: unknown[] } };
      config.config.layers[1] = layer;
      expect(() => modelFromKerasConfig(config)).toThrow(`config.layers[1]: unknown layer "${layer.class_name}"`);
    }
  });
});

/** The message for a changed configuration of an example. */
function refusalOf(example: string, change: (config: never) => void): string {
  const config = structuredClone(goldens.examples[example]!.config);
  change(config as never);
  try {
    modelFromKerasConfig(config, { backend });
  } catch (error) {
    expect(error).toBeInstanceOf(OptionError);
    return (error as Error).message;
  }
  return "it is read";
}

/** An example's configuration as far as the changes here go into it. */
interface Changeable {
  class_name: unknown;
  module: unknown;
  config: {
    name: unknown;
    input_layers: unknown;
    output_layers: unknown;
    layers: {
      class_name: unknown;
      module: unknown;
      registered_name: unknown;
      config: Record<string, unknown>;
      inbound_nodes: { args: unknown[]; kwargs: Record<string, unknown> }[];
    }[];
  };
}

describe("what cannot be read is refused", () => {
  const [one, two] = ["config.layers[1]", "config.layers[2]"];
  const cases: readonly (readonly [string, string, (config: Changeable) => void, string])[] = [
    [
      "an unknown layer",
      "dense",
      ({ config }) => (config.layers[1]!.class_name = "Densee"),
      `${one}: unknown layer "Densee"; did you mean "Dense"?`,
    ],
    [
      "a layer of one's own",
      "dense",
      ({ config }) => (config.layers[1]!.registered_name = "mine>Dense"),
      `${one}: "Dense" is a class of one's own ("mine>Dense")`,
    ],
    [
      "a module of one's own",
      "dense",
      ({ config }) => (config.layers[1]!.module = "mine"),
      `${one}: "Dense" is a class of one's own ("mine")`,
    ],
    [
      "an operation",
      "dense",
      ({ config }) => (config.layers[1]!.module = "keras.src.ops.numpy"),
      `${one}: "Dense" is an operation, not a layer`,
    ],
    [
      "an unknown option",
      "dense",
      ({ config }) => (config.layers[1]!.config.unitz = 3),
      `${one}.config: unknown option "unitz"; did you mean "units"?`,
    ],
    [
      "a value out of range",
      "dense",
      ({ config }) => (config.layers[1]!.config.units = 0),
      `${one}.config.units: must be a whole number, 1 or more, received 0.`,
    ],
    [
      "a regularizer",
      "dense",
      ({ config }) => (config.layers[1]!.config.quantization_config = {}),
      `${one}.config.quantization_config: fovea has no quantization_config; only null`,
    ],
    [
      "channels first",
      "cnn",
      ({ config }) => (config.layers[2]!.config.data_format = "channels_first"),
      `${two}.config.data_format: fovea has no data_format; only "channels_last"`,
    ],
    [
      "an unknown activation",
      "dense",
      ({ config }) => (config.layers[1]!.config.activation = "hard_sigmoit"),
      `${one}.config.activation: unknown activation "hard_sigmoit"; did you mean "hard_sigmoid"?`,
    ],
    [
      "a layer as activation",
      "dense",
      ({ config }) => (config.layers[1]!.config.activation = { class_name: "PRelu", config: {} }),
      `${one}.config.activation: unknown layer as an activation "PRelu"; did you mean "ReLU"?`,
    ],
    [
      "an unknown initializer",
      "dense",
      ({ config }) =>
        (config.layers[1]!.config.kernel_initializer = {
          module: "keras.initializers",
          class_name: "GlorotUniforn",
          config: {},
          registered_name: null,
        }),
      `${one}.config.kernel_initializer: unknown initializer "GlorotUniforn"; did you mean "GlorotUniform"?`,
    ],
    [
      "an initializer's option",
      "dense",
      ({ config }) =>
        (config.layers[1]!.config.kernel_initializer = {
          module: "keras.initializers",
          class_name: "GlorotUniform",
          config: { seed: null, input_axes: [1] },
          registered_name: null,
        }),
      `${one}.config.kernel_initializer.config.input_axes: fovea has no input_axes`,
    ],
    [
      "half numbers",
      "dense",
      ({ config }) => (config.layers[1]!.config.dtype = "mixed_float16"),
      `${one}.config.dtype: layers compute in "float32" here, received "mixed_float16"`,
    ],
    [
      "an input of other numbers",
      "dense",
      ({ config }) => (config.layers[0]!.config.dtype = "float64"),
      'config.layers[0].config.dtype: must be one of "float32", "uint8", "int32", received "float64"',
    ],
    [
      "rows of open shape",
      "dense",
      ({ config }) => (config.layers[0]!.config.batch_shape = [null, null]),
      "config.layers[0].config.batch_shape: must be a shape",
    ],
    ["another kind of model", "dense", (config) => (config.class_name = "Model"), 'class_name: unknown model "Model"'],
    [
      "Keras 2",
      "dense",
      (config) => ((config as unknown as Json as Record<string, unknown>).keras_version = "2.15.0"),
      "it is one of Keras 2",
    ],
    [
      "no input layer",
      "dense",
      ({ config }) => {
        config.layers.shift();
        (config as unknown as Record<string, unknown>).build_input_shape = null;
      },
      "sequential: the first layer must be layers.input({ shape })",
    ],
    [
      "a call with arguments",
      "functional",
      ({ config }) => (config.layers[1]!.inbound_nodes[0]!.kwargs.training = true),
      `${one}.inbound_nodes[0].kwargs.training: layers are called on their inputs alone here.`,
    ],
    [
      "several arguments",
      "functional",
      ({ config }) => config.layers[1]!.inbound_nodes[0]!.args.push(3),
      `${one}.inbound_nodes[0].args: a layer's inputs expected as its only argument`,
    ],
    [
      "inputs by name",
      "functional",
      ({ config }) => (config.input_layers = { a: ["input_layer", 0, 0] }),
      "config.input_layers: a record of inputs or outputs by name is not there",
    ],
    [
      "an output that is not there",
      "functional",
      ({ config }) => (config.output_layers = ["dense_1", 1, 0]),
      'layer "dense_1" has no output 0 of call 1',
    ],
    [
      "an output of a layer that is not there",
      "functional",
      ({ config }) => (config.output_layers = ["dense_2", 0, 0]),
      'unknown layer "dense_2"; did you mean "dense',
    ],
    [
      "layers that need each other",
      "functional",
      ({ config }) =>
        (config.layers[1]!.inbound_nodes = config.layers[2]!.inbound_nodes.map((node) =>
          JSON.parse(JSON.stringify(node).replace('"dense"', '"dense_1"')),
        )),
      "needs itself, by way of others",
    ],
    [
      "two layers of one name",
      "functional",
      ({ config }) => void config.layers.push(config.layers[1]!),
      'two layers have the name "dense_1"',
    ],
  ];

  it.each(cases)("%s", (_, example, change, message) => {
    expect(refusalOf(example, change as (config: never) => void)).toContain(message);
  });

  it("text that is no JSON, and what is no configuration", () => {
    expect(() => modelFromKerasConfig("{")).toThrow("modelFromKerasConfig: the configuration: JSON expected");
    for (const value of [null, 3, [], "[]", "null", undefined]) {
      expect(() => modelFromKerasConfig(value)).toThrow("the configuration: an object expected");
    }
  });

  it("models within each other without end", () => {
    let config = goldens.examples.dense!.config;
    for (let depth = 0; depth < 200; depth++) {
      const layers = (goldens.examples.dense!.config as unknown as Changeable).config.layers;
      config = { ...config, config: { ...(config.config as Json), layers: [layers[0], config] } };
    }
    expect(() => modelFromKerasConfig(config)).toThrow("more than 100 models within each other");
  });

  it("whatever is changed in a configuration, by an error of a known kind or not at all", () => {
    const values = fc.jsonValue({ maxDepth: 3 });
    const texts = fc.constantFrom(...Object.values(goldens.examples).map(({ config }) => JSON.stringify(config)));
    fc.assert(
      fc.property(texts, fc.nat(), values, (text, at, value) => {
        let left = at % (text.match(/":/g)?.length ?? 1);
        const changed = JSON.parse(text, (_, old) => (left-- === 0 ? value : old));
        try {
          modelFromKerasConfig(changed, { backend }).toKerasConfig();
        } catch (error) {
          if (!(error instanceof FoveaError)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("what cannot be written is refused", () => {
  const withActivation = (activation: unknown) =>
    sequential([layers.input({ shape: [4] }), layers.dense({ units: 2, activation: activation as "relu" })], {
      backend,
    });

  it("a function of one's own", () => {
    expect(() => withActivation((x: never) => x).toKerasConfig()).toThrow("activation is a function of your own");
  });

  it("lambda, and reading it too", () => {
    const lambda = layers.lambda({ function: (x) => x });
    expect(() => sequential([layers.input({ shape: [4] }), lambda], { backend }).toKerasConfig()).toThrow(
      "function is a function of your own",
    );
    expect(() => readLayer("Lambda", { name: "lambda", function: { class_name: "__lambda__" } }, "")).toThrow(
      OptionError,
    );
  });

  it("an option that Keras forgets", () => {
    const gain = { className: "identity", config: { gain: 2 } };
    const made = layers.dense({ units: 2, kernelInitializer: gain });
    expect(() => sequential([layers.input({ shape: [4] }), made], { backend }).toKerasConfig()).toThrow(
      'dense: Keras does not write gain of the initializer "identity", so it must be the default.',
    );
  });

  it("an activation with options that Keras has no words for", () => {
    const celu = { className: "celu", config: { alpha: 0.5 } };
    expect(() => withActivation(celu).toKerasConfig()).toThrow(
      'dense: Keras has no words for the activation "celu" with options of its own',
    );
    const relu = { className: "relu", config: { maxValue: 2 } };
    const written = withActivation(relu).toKerasConfig();
    expect(modelFromKerasConfig(written, { backend }).toConfig().config.layers[1]!.config.activation).toEqual({
      className: "relu",
      config: { maxValue: 2 },
    });
  });
});
