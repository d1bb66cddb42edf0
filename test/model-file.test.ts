/** Model files: what is saved comes back and goes on as it was. What is refused: model-file-refusals.test.ts. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { createBackend } from "../src/backends/registry.js";
import { version } from "../src/core/version.js";
import {
  array,
  type CompileOptions,
  FileError,
  type Functional,
  fromTyped,
  layers,
  loadModel,
  model,
  StateError,
  sequential,
} from "../src/index.js";
import { goldenOf, large, small, stateOf, train, x, y } from "./support/saved-models.js";

const backend = createBackend({ backend: "wasm", threads: 1 });
const folder = mkdtempSync(path.join(tmpdir(), "fovea-models-"));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await backend.close();
});

describe("a model file", () => {
  it("holds the model, its names, seed and words, and how it was compiled", async () => {
    const made = small(backend);
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

  it("holds words as deep as it can be read, and none deeper", async () => {
    const made = small(backend);
    const lists = (levels: number) => JSON.parse("[".repeat(levels) + "]".repeat(levels)) as unknown;
    made.preprocessing = { deep: lists(99) };
    expect((await loadModel(await made.toBytes(), { backend })).preprocessing).toEqual({ deep: lists(99) });
    made.preprocessing = { deep: lists(100) };
    await expect(made.toBytes()).rejects.toThrow("save: preprocessing must be an object of plain JSON");
  });

  it("with the optimizer's state goes on as training would have", async () => {
    const made = small(backend);
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
    const made = large(backend);
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
    const made = small(backend);
    made.compile({ loss: (_: never, yPred: never) => yPred, optimizer: "sgd" });
    const loaded = await loadModel(await made.toBytes(), { backend });
    expect(loaded.compileOptions).toBeUndefined();
    await expect(loaded.evaluate(x, y)).rejects.toThrow("compile the model first");
    await expect(made.toBytes({ includeOptimizer: true })).rejects.toThrow(
      "save: includeOptimizer needs options of compile to go with it, but the model was compiled with functions",
    );
  });

  it("is written to a path or a file: URL, whole, and read from there", async () => {
    const made = small(backend);
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
    const made = small(backend);
    const other = small(backend, 8);
    await other.loadWeights(await made.toBytes({ includeOptimizer: true }));
    expect(await other.getWeights()).toEqual(await made.getWeights());
  });

  it("is read on the reference from what the engine wrote, and the other way round", async () => {
    const engine = createBackend({ backend: "reference" });
    const made = large(backend);
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
    const made = small(backend);
    const weights = await made.getWeights();
    weights[0] = fromTyped(new Float32Array(20).fill(Number.NaN), [4, 5], "float32");
    await made.setWeights(weights);
    const bytes = await made.toBytes();
    expect(goldenOf(bytes).outputs[0]![0]![0]).toBe("NaN");
    await loadModel(bytes, { backend });
  });

  it("is written from a callback while the model trains, but not while its weights change", async () => {
    const made = small(backend);
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
    const made = small(backend);
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
    const made = small(backend);
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
    const other = small(backend, 8);
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

it("takes the options of compile as they are", () => {
  const options: CompileOptions = { loss: { className: "MeanSquaredError", config: {} }, optimizer: "sgd" };
  const made = small(backend);
  made.compile(options);
  expect(made.compileOptions).toBe(options);
});
