/** Model files: what is saved comes back and goes on as it was; what is no whole model file is refused. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBackend } from "../src/backends/registry.js";
import { version } from "../src/core/version.js";
import { readSafetensors, type SafeTensor, writeSafetensors } from "../src/formats/safetensors.js";
import {
  array,
  type CompileOptions,
  FileError,
  FormatError,
  type Functional,
  fromTyped,
  layers,
  loadModel,
  losses,
  metrics,
  model,
  type NDArray,
  NumericError,
  optimizers,
  type Sequential,
  StateError,
  sequential,
} from "../src/index.js";

const backend = createBackend({ backend: "wasm", threads: 1 });
const folder = mkdtempSync(path.join(tmpdir(), "fovea-models-"));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await backend.close();
});

const x = fromTyped(
  Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)),
  [6, 4],
  "float32",
);
const y = array(Int32Array.of(0, 1, 2, 0, 1, 2));

function small(seed = 7): Sequential {
  const made = sequential(
    [
      layers.input({ shape: [4] }),
      layers.dense({ units: 5, activation: "tanh" }),
      layers.dropout({ rate: 0.25 }),
      layers.dense({ units: 3, activation: "softmax" }),
    ],
    { seed, backend, name: "small" },
  );
  made.compile({
    loss: losses.sparseCategoricalCrossentropy(),
    optimizer: optimizers.adam({ learningRate: 0.01 }),
    metrics: [metrics.sparseCategoricalAccuracy({ name: "acc" })],
  });
  return made;
}

function inner(): Functional<NDArray> {
  const from = layers.input({ shape: [6, 6, 1], dtype: "uint8" });
  const scaled = layers.rescaling({ scale: 1 / 255 })(from);
  const body = layers.conv2d({ filters: 2, kernelSize: 3 })(scaled);
  return model({ inputs: from, outputs: body, name: "body", backend }) as Functional<NDArray>;
}

/** A functional model of two inputs and outputs, with a frozen model in it. */
function large(): Functional {
  const picture = layers.input({ shape: [6, 6, 1], dtype: "uint8", name: "picture" });
  const number = layers.input({ shape: [2], name: "1" });
  const body = inner();
  body.trainable = false;
  const flat = layers.concatenate()([layers.flatten()(body(picture)), number]);
  const kind = layers.dense({ units: 3, activation: "softmax", name: "kind" })(flat);
  const size = layers.dense({ units: 1, name: "0" })(flat);
  return model({ inputs: [picture, number], outputs: [kind, size], seed: 3, backend }) as Functional;
}

const train = (made: Sequential | Functional, epochs: number) =>
  made.fit(x, y, { batchSize: 2, epochs, verbose: 0 }).then(({ history }) => history);

/** The optimizer's state as plain numbers. */
async function stateOf(made: Sequential | Functional): Promise<Record<string, unknown>> {
  const state = await made.getOptimizerState();
  return Object.fromEntries(Object.entries(state).map(([name, { shape, data }]) => [name, { shape, data: [...data] }]));
}

describe("a model file", () => {
  it("holds the model, its names, seed and words, and how it was compiled", async () => {
    const made = small();
    await train(made, 2);
    made.classNames = ["cat", "dog", "owl"];
    made.preprocessing = { size: [2, 2], scale: 1 / 255, note: "by hand" };
    const loaded = await loadModel(await made.toBytes(), { backend });
    expect(loaded.toConfig()).toEqual(made.toConfig());
    expect(loaded.seed).toBe(7);
    expect(loaded.name).toBe("small");
    expect(loaded.classNames).toEqual(["cat", "dog", "owl"]);
    expect(loaded.preprocessing).toEqual({ size: [2, 2], scale: 1 / 255, note: "by hand" });
    expect(await loaded.getWeights()).toEqual(await made.getWeights());
    expect(await loaded.predict(x)).toEqual(await made.predict(x));
    expect(await loaded.evaluate(x, y, { verbose: 0 })).toEqual(await made.evaluate(x, y, { verbose: 0 }));
    expect(await loaded.getLearningRate()).toBeCloseTo(0.01, 8);
    expect(await loaded.toBytes()).toEqual(await made.toBytes());
  });

  it("with the optimizer's state goes on as training would have", async () => {
    const made = small();
    await train(made, 2);
    await made.setLearningRate(0.005);
    const loaded = await loadModel(await made.toBytes({ includeOptimizer: true }), { backend });
    expect(await stateOf(loaded)).toEqual(await stateOf(made));
    expect(await loaded.getLearningRate()).toBe(await made.getLearningRate());
    expect(await train(loaded, 2)).toEqual(await train(made, 2));
    expect(await loaded.getWeights()).toEqual(await made.getWeights());
    const without = await loadModel(await made.toBytes(), { backend });
    expect(await train(without, 1)).not.toEqual(await train(made, 1));
  });

  it("holds functional models of several inputs and outputs, and models within", async () => {
    const made = large();
    made.compile({
      loss: { kind: "sparse_categorical_crossentropy", 0: "mse" },
      optimizer: "sgd",
      lossWeights: [1, 0.5],
    });
    const loaded = (await loadModel(await made.toBytes(), { backend })) as Functional;
    expect(loaded.toKerasConfig()).toEqual(made.toKerasConfig());
    expect(await loaded.getWeights()).toEqual(await made.getWeights());
    const given = {
      picture: fromTyped(
        Uint8Array.from({ length: 72 }, (_, i) => i * 3),
        [2, 6, 6, 1],
        "uint8",
      ),
      1: array([
        [1, 2],
        [3, 4],
      ]),
    };
    expect(await loaded.predict(given)).toEqual(await made.predict(given));
    const labels = { kind: array(Int32Array.of(0, 2)), 0: array([[1], [2]]) };
    const trained = (one: Functional) =>
      one.fit(given, labels, { epochs: 2, verbose: 0 }).then(({ history }) => history);
    expect(await trained(loaded)).toEqual(await trained(made));
    expect(loaded.compileOptions).toEqual(made.compileOptions);
  });

  it("of a loss of one's own holds everything but how it was compiled", async () => {
    const made = small();
    made.compile({ loss: (_: never, yPred: never) => yPred, optimizer: "sgd" });
    const loaded = await loadModel(await made.toBytes(), { backend });
    expect(loaded.compileOptions).toBeUndefined();
    await expect(loaded.evaluate(x, y)).rejects.toThrow("compile the model first");
    await expect(made.toBytes({ includeOptimizer: true })).rejects.toThrow(
      "save: includeOptimizer needs options of compile to go with it, but the model was compiled with functions",
    );
  });

  it("is written to a path or a file: URL, whole, and read from there", async () => {
    const made = small();
    for (const place of [path.join(folder, "a.safetensors"), pathToFileURL(path.join(folder, "b.safetensors"))]) {
      await made.save(place);
      const loaded = await loadModel(place, { backend });
      expect(await loaded.getWeights()).toEqual(await made.getWeights());
    }
    expect(readdirSync(folder).sort()).toEqual(["a.safetensors", "b.safetensors"]);
    expect(readFileSync(path.join(folder, "a.safetensors")).equals(Buffer.from(await made.toBytes()))).toBe(true);
    await expect(made.save(path.join(folder, "none", "a"))).rejects.toThrow(FileError);
    await expect(loadModel(path.join(folder, "c.safetensors"))).rejects.toThrow(FileError);
    await expect(made.save("")).rejects.toThrow("save: a path or a file: URL expected");
    await expect(loadModel(3 as never)).rejects.toThrow("loadModel: source must be a path, a URL or bytes");
  });

  it("is one of weights too, with and without the optimizer's state", async () => {
    const made = small();
    const other = small(8);
    await other.loadWeights(await made.toBytes({ includeOptimizer: true }));
    expect(await other.getWeights()).toEqual(await made.getWeights());
  });

  it("is read on the reference from what the engine wrote, and the other way round", async () => {
    const engine = createBackend({ backend: "reference" });
    const made = large();
    const loaded = await loadModel(await made.toBytes(), { backend: engine });
    expect(await loaded.getWeights()).toEqual(await made.getWeights());
    const again = await loadModel(await loaded.toBytes(), { backend });
    expect(await again.getWeights()).toEqual(await made.getWeights());
    await engine.close();
  });

  it("holds small stand-ins where inputs and outputs are large", async () => {
    const from = layers.input({ shape: [64, 64, 3], dtype: "uint8" });
    const made = model({ inputs: from, outputs: layers.rescaling({ scale: 0.5 })(from), backend });
    const bytes = await made.toBytes();
    expect(bytes.length).toBeLessThan(20_000);
    const { inputs, outputs } = goldenOf(bytes);
    expect([inputs[0]!.map(({ length }) => length), outputs[0]!.map(({ length }) => length)]).toEqual([
      [251, 251, 251],
      [256, 256, 256],
    ]);
    expect(outputs[0]![1]![10]).toBe(inputs[0]![1]![480 % 251]! / 2);
    await loadModel(bytes, { backend });
  });

  it("can hold a model that predicts no numbers", async () => {
    const made = small();
    const weights = await made.getWeights();
    weights[0] = fromTyped(new Float32Array(20).fill(Number.NaN), [4, 5], "float32");
    await made.setWeights(weights);
    const bytes = await made.toBytes();
    expect(goldenOf(bytes).outputs[0]![0]![0]).toBe("NaN");
    await loadModel(bytes, { backend });
  });

  it("is written from a callback while the model trains, but not while its weights change", async () => {
    const made = small();
    let saved: Uint8Array | undefined;
    const callback = {
      async onEpochEnd() {
        saved = await made.toBytes({ includeOptimizer: true });
      },
    };
    await made.fit(x, y, { batchSize: 2, epochs: 2, verbose: 0, callbacks: [callback] });
    expect(await (await loadModel(saved!, { backend })).getWeights()).toEqual(await made.getWeights());
    let calls = 0;
    const getWeights = made.getWeights.bind(made);
    made.getWeights = async () => {
      const weights = await getWeights();
      weights[1]!.data[0] = calls++;
      return weights;
    };
    await expect(made.toBytes()).rejects.toThrow(StateError);
  });

  it("is refused where names and words do not go with the model", async () => {
    const made = small();
    made.classNames = ["cat", "dog"];
    await expect(made.toBytes()).rejects.toThrow("save: classNames has 2 names, but the model's output 3 numbers");
    made.classNames = [1, 2, 3] as never;
    await expect(made.toBytes()).rejects.toThrow("save: classNames must be a list of texts");
    made.classNames = undefined;
    made.preprocessing = { scale: Number.NaN };
    await expect(made.toBytes()).rejects.toThrow("save: preprocessing must be an object of plain JSON");
    await expect(made.toBytes({ includeOptimiser: true } as never)).rejects.toThrow('did you mean "includeOptimizer"?');
    const fresh = sequential([layers.input({ shape: [4] }), layers.dense({ units: 1 })], { backend });
    await expect(fresh.toBytes({ includeOptimizer: true })).rejects.toThrow("but the model was not compiled");
    fresh.classNames = ["no", "yes"];
    expect((await loadModel(await fresh.toBytes(), { backend })).classNames).toEqual(["no", "yes"]);
  });

  it("names the version of package.json", () => {
    const text = readFileSync(path.join(import.meta.dirname, "..", "package.json"), "utf8");
    expect(version).toBe((JSON.parse(text) as { version: string }).version);
  });
});

describe("the state of an optimizer", () => {
  it("is given by name and taken back, all or nothing", async () => {
    const made = small();
    await train(made, 1);
    const state = await made.getOptimizerState();
    expect(Object.keys(state)).toEqual([
      "adam/iterations",
      "adam/learning_rate",
      ...["dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"].flatMap((weight) => [
        `adam/${weight}/momentum`,
        `adam/${weight}/velocity`,
      ]),
    ]);
    expect(state["adam/iterations"]!.item()).toBe(3);
    const other = small(8);
    await other.setOptimizerState(state);
    expect(await stateOf(other)).toEqual(await stateOf(made));
    const { "adam/iterations": _, ...less } = state;
    await expect(other.setOptimizerState(less)).rejects.toThrow('setOptimizerState: "adam/iterations" is missing');
    await expect(other.setOptimizerState({ ...state, adam: x })).rejects.toThrow('unknown state "adam"');
    await expect(other.setOptimizerState({ ...state, "adam/dense/bias/momentum": x })).rejects.toThrow(
      "adam/dense/bias/momentum should have shape [5], received [6, 4]",
    );
    await expect(other.setOptimizerState(null as never)).rejects.toThrow("arrays by name expected, received null");
    expect(await stateOf(other)).toEqual(await stateOf(made));
  });
});

interface Golden {
  readonly inputs: number[][][];
  readonly outputs: (number | string)[][][] & number[][][];
}

function goldenOf(bytes: Uint8Array): Golden {
  return JSON.parse(readSafetensors(bytes).metadata.golden!) as Golden;
}

describe("what is no model file is refused", () => {
  let good: Uint8Array;
  let tensors: Record<string, SafeTensor>;
  let metadata: Record<string, string>;
  beforeAll(async () => {
    good = await small().toBytes({ includeOptimizer: true });
    const read = readSafetensors(good);
    tensors = Object.fromEntries(read.tensors);
    metadata = read.metadata;
  });

  const refused = async (bytes: Uint8Array, message: string | RegExp) => {
    await expect(loadModel(bytes, { backend })).rejects.toThrow(FormatError);
    await expect(loadModel(bytes, { backend })).rejects.toThrow(message);
  };
  const withMetadata = (changes: Readonly<Record<string, string | undefined>>) =>
    writeSafetensors(
      tensors,
      Object.fromEntries(
        Object.entries({ ...metadata, ...changes }).filter(
          (entry): entry is [string, string] => entry[1] !== undefined,
        ),
      ),
    );

  it("of weights alone, of something else, of a later fovea", async () => {
    await refused(await small().encodeWeights(), "It holds weights alone");
    await refused(withMetadata({ format: "pt" }), 'expected the format "fovea-model", found "pt"');
    await refused(withMetadata({ format: undefined }), "found undefined");
    await refused(
      withMetadata({ format_version: "2" }),
      'expected "1" (this is a file of fovea 0.1.0) as format_version',
    );
    await refused(new Uint8Array(100), "safetensors");
  });

  it.each([
    ["config", undefined, "expected a configuration as config"],
    ["config", "{", "its layers cannot be made: modelFromKerasConfig: the configuration: JSON expected"],
    ["config", `${"[".repeat(1e6)}${"]".repeat(1e6)}`, "its layers cannot be made"],
    ["config", `${'{"config":'.repeat(1e5)}1${"}".repeat(1e5)}`, "its layers cannot be made"],
    ["seed", "-1", "expected a whole number as seed"],
    ["seed", "9007199254740993", "expected a whole number as seed"],
    ["class_names", "[1]", "expected a list of texts as class_names"],
    ["class_names", "[", "expected JSON as class_names"],
    ["preprocessing", "[]", "expected an object as preprocessing"],
    ["golden", undefined, "expected 3 golden inputs for each of [null, 4], found undefined"],
    ["golden", "{}", "expected 3 golden inputs for each of [null, 4]"],
    ["golden", '{"inputs":[[[1,2,3,4],[1,2,3,4],[1,2,3]]]}', "expected 3 golden inputs for each of [null, 4]"],
    ["golden", '{"inputs":[[[1,2,3,4],[1,2,3,4],[1,2,3,4]]]}', "expected 3 golden outputs for each of [null, 3]"],
    ["compile", "3", "it cannot be compiled"],
    ["compile", '{"loss":"msee","optimizer":"sgd"}', 'it cannot be compiled: compile: unknown loss "msee"'],
    ["compile", undefined, "the state of its optimizer cannot be read"],
  ])("by its metadata: %s %.60s", async (key, value, message) => {
    await refused(withMetadata({ [key]: value }), message);
  });

  it("of another model's tensors", async () => {
    const kernel = tensors["dense/kernel"]!;
    const { "dense/kernel": _, ...less } = tensors;
    await refused(writeSafetensors(less, metadata), 'no tensor "dense/kernel"');
    await refused(writeSafetensors({ ...tensors, more: kernel }, metadata), 'the model has no weight "more"');
    const turned = { ...tensors, "dense/kernel": { ...kernel, shape: [5, 4] } as SafeTensor };
    await refused(writeSafetensors(turned, metadata), '"dense/kernel" should be float32 [4, 5], found float32 [5, 4]');
    const named = { ...tensors, "/optimizer/more": kernel };
    await refused(
      writeSafetensors(named, metadata),
      'the state of its optimizer cannot be read: setOptimizerState: unknown state "more"',
    );
  });

  it("that predicts otherwise: a weight or a golden pair that was altered", async () => {
    const kernel = tensors["dense_1/kernel"]!;
    const data = Float32Array.from(kernel.data as Float32Array, (value, i) => (i === 4 ? value + 0.1 : value));
    const altered = { ...tensors, "dense_1/kernel": { ...kernel, data } as SafeTensor };
    await refused(
      writeSafetensors(altered, metadata),
      /predicts otherwise here than where it was saved: golden pair 1, output "dense_1": expected 0\.\d+, found 0\.\d+/,
    );
    const golden = goldenOf(good);
    golden.outputs[0]![2]![1]! += 0.01;
    await refused(withMetadata({ golden: JSON.stringify(golden) }), "golden pair 3");
    golden.outputs[0]![2]![1] = "NaN" as never;
    await refused(withMetadata({ golden: JSON.stringify(golden) }), "expected NaN, found 0.");
  });

  it("whose numbers would not fit into memory", async () => {
    const config = JSON.parse(metadata.config!) as { config: { layers: { config: Record<string, unknown> }[] } };
    const [first] = config.config.layers;
    const flat = { module: "keras.layers", class_name: "Flatten", config: { name: "flat" }, registered_name: null };
    for (const length of [2 ** 30, 2 ** 53 - 1]) {
      first!.config.batch_shape = [null, length];
      const text = JSON.stringify({
        ...config,
        config: { ...config.config, layers: [first, flat], build_input_shape: null },
      });
      const bytes = writeSafetensors({}, { ...metadata, config: text, compile: "null" });
      await refused(bytes, /its layers would make \d|cannot be compiled/);
      const { compile: _, ...rest } = metadata;
      await refused(
        writeSafetensors({}, { ...rest, config: text }),
        "numbers of one example, of which 134217728 can be tried",
      );
      config.config.layers[1]!.config.units = length;
      first!.config.batch_shape = [null, 4];
      await refused(withMetadata({ config: JSON.stringify(config) }), '"dense/kernel" should be float32 [4, ');
    }
  });

  it("cut at any byte", async () => {
    const places = [...Array(20).keys(), ...Array.from({ length: 60 }, (_, i) => Math.floor((i * good.length) / 60))];
    for (const length of places) {
      await expect(loadModel(good.subarray(0, length), { backend })).rejects.toThrow(FormatError);
    }
  });

  it("or changed anywhere: a model, or an error that says so", async () => {
    const header = Number(new DataView(good.buffer, good.byteOffset, 8).getBigUint64(0, true)) + 8;
    const place = fc.oneof(fc.nat(header - 1), fc.nat(good.length - 1));
    const bytes = fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 3 }).map((edits) => {
      const changed = good.slice();
      for (const [at, value] of edits) changed[at] = value;
      return changed;
    });
    const texts = fc
      .tuple(fc.constantFrom(...Object.keys(metadata)), fc.nat(), fc.jsonValue({ maxDepth: 2 }))
      .map(([key, at, value]) => withMetadata({ [key]: altered(metadata[key]!, at, value) }));
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, texts), async (changed) => {
        try {
          (await loadModel(changed, { backend })).free();
        } catch (error) {
          // Numbers that stopped being ones are the weights' own; everything else is the file's.
          if (!(error instanceof NumericError)) expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 400 },
    );
  });
});

/** JSON with one of its values replaced; text that is none, as it is. */
function altered(text: string, at: number, value: unknown): string {
  try {
    let left = at % (text.match(/[,:[]/g)?.length ?? 1);
    return JSON.stringify(JSON.parse(text, (_, old: unknown) => (left-- === 0 ? value : old))) ?? "null";
  } catch {
    return JSON.stringify(value);
  }
}

it("takes the options of compile as they are", () => {
  const options: CompileOptions = { loss: { className: "MeanSquaredError", config: {} }, optimizer: "sgd" };
  const made = small();
  made.compile(options);
  expect(made.compileOptions).toBe(options);
});
