/**
 * What of Keras's configurations cannot be read is refused, with the path to it. Whatever else may be in one:
 * keras-config-fuzz.test.ts. What cannot be written: keras-config-writing.test.ts.
 */

import { describe, expect, it } from "vitest";
import { modelFromKerasConfig, OptionError } from "../src/index.js";
import type { Json } from "../src/models/keras-config/path.js";
import { backend, type Changeable, changeable, goldens } from "./support/keras-configs.js";

/** The message for a changed configuration of an example. */
function refusalOf(example: string, change: (config: Changeable) => unknown): string {
  const config = changeable(example);
  change(config);
  try {
    modelFromKerasConfig(config, { backend });
  } catch (error) {
    expect(error).toBeInstanceOf(OptionError);
    return (error as Error).message;
  }
  return "it is read";
}

/** What is wrong, the example, the change that makes it so, and the message. */
type Case = readonly [string, string, (config: Changeable) => unknown, string];

/** What a layer is first called on. */
function tensorOf(layer: Changeable["config"]["layers"][number]): { config: Record<string, unknown> } {
  return layer.inbound_nodes[0]!.args[0] as { config: Record<string, unknown> };
}

describe("what cannot be read is refused", () => {
  const [one, two] = ["config.layers[1]", "config.layers[2]"];
  const cases: readonly Case[] = [
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
      "numbers of a policy that is not only a name",
      "dense",
      ({ config }) =>
        (config.layers[1]!.config.dtype = { class_name: "QuantizedDTypePolicy", config: { name: "float32" } }),
      `${one}.config.dtype: unknown policy of numbers "QuantizedDTypePolicy"; known: DTypePolicy, FloatDTypePolicy.`,
    ],
    [
      "a policy for each layer",
      "dense",
      ({ config }) =>
        (config.layers[1]!.config.dtype = {
          class_name: "DTypePolicy",
          config: { name: "float32", source_name: null },
        }),
      `${one}.config.dtype.config: unknown key "source_name"`,
    ],
    [
      "a model of other numbers",
      "dense",
      ({ config }) => ((config as unknown as Record<string, unknown>).dtype = "bfloat16"),
      'config.dtype: layers compute in "float32" here, received "bfloat16"',
    ],
    ...[0, -1, 1.5, "4", true].map(
      (size): Case => [
        `a batch of ${JSON.stringify(size)}`,
        "dense",
        ({ config }) => (config.layers[0]!.config.batch_shape = [size, 4]),
        "config.layers[0].config.batch_shape: [",
      ],
    ),
    ...["", "a/b"].map(
      (name): Case => [
        `a layer of name "${name}"`,
        "dense",
        ({ config }) => (config.layers[1]!.config.name = name),
        `${one}.config.name: a name that is not empty and has no "/" expected, received "${name}".`,
      ],
    ),
    [
      "a layer of two names",
      "functional",
      ({ config }) => (config.layers[1]!.config.name = "constructor"),
      `${one}.name: the layer is named "constructor" in its config, and "dense_1" here.`,
    ],
    [
      "a layer that is nobody's own",
      "functional",
      ({ config }) => (config.layers[1]!.shared_object_id = "7"),
      `${one}.shared_object_id: a whole number expected, received "7".`,
    ],
    [
      "an input layer that is called",
      "functional",
      ({ config }) => (config.layers[0]!.inbound_nodes = config.layers[1]!.inbound_nodes),
      "config.layers[0].inbound_nodes: an input layer begins a model; it is called on nothing.",
    ],
    [
      "more about a tensor than Keras says",
      "functional",
      ({ config }) => Object.assign(tensorOf(config.layers[1]!), { constructor: 3 }),
      `${one}.inbound_nodes[0].args[0]: unknown key "constructor"; known: config.`,
    ],
    [
      "a call before a model's first",
      "deep_within",
      ({ config }) => Object.assign(config.output_layers as unknown[], [config.layers[1]!.name, 0, 0]),
      'config.output_layers: calls of a functional model, such as "functional_2", are counted from 1 here.',
    ],
    [
      "a call of a layer that is not there",
      "functional",
      ({ config }) => (tensorOf(config.layers[1]!).config.keras_history = ["toString", 0, 0]),
      'model: call 0 of layer "dense_1": unknown layer "toString"; known: input_layer, dense_1, dense.',
    ],
    [
      "a call on an output that is not there",
      "functional",
      ({ config }) => (tensorOf(config.layers[1]!).config.keras_history = ["input_layer", 0, 7]),
      'model: call 0 of layer "dense_1": layer "input_layer" has no output 7 of call 0.',
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
      `${one}.inbound_nodes[0].kwargs: layers are called on their inputs alone here, received "training".`,
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
    expect(refusalOf(example, change)).toContain(message);
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
});
