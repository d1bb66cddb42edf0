/** Whole models on the WASM engine: the same numbers however it runs, what failures leave behind, and memory. */

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Worker } from "node:worker_threads";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { WasmBackend } from "../src/backends/wasm/wasm-backend.js";
import {
  array,
  type Backend,
  createBackend,
  datasets,
  EngineError,
  type ImageDataset,
  layers,
  NumericError,
  optimizers,
  type Sequential,
  StateError,
  sequential,
} from "../src/index.js";

let data: ImageDataset;
beforeAll(async () => {
  data = await datasets.mnist.load();
});

const engines: Backend[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});

function engine(options: Parameters<typeof createBackend>[0]): Backend {
  const made = createBackend(options);
  engines.push(made);
  return made;
}

/** A small network of the notebook's kind, with everything that is random in it. */
function network(backend: Backend, seed = 5): Sequential {
  const model = sequential(
    [
      layers.input({ shape: [28, 28, 1] }),
      layers.rescaling({ scale: 1 / 255 }),
      layers.conv2d({ filters: 10, kernelSize: 3, strides: 2, activation: "relu" }),
      layers.conv2d({ filters: 13, kernelSize: 3, padding: "same", activation: "relu" }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dropout({ rate: 0.3 }),
      layers.dense({ units: 33, activation: "relu" }),
      layers.dense({ units: 10, activation: "softmax" }),
    ],
    { seed, backend },
  );
  model.compile({ loss: "sparse_categorical_crossentropy", optimizer: "adam", metrics: ["accuracy"] });
  return model;
}

const pictures = (count: number) => data.train.images.slice([0, count]).expandDims(-1);
const labels = (count: number) => data.train.labels.slice([0, count]);

async function weightsOf(model: Sequential): Promise<number[][]> {
  return (await model.getWeights()).map((weight) => [...weight.data]);
}

async function trained(backend: Backend): Promise<{ weights: number[][]; history: Record<string, number[]> }> {
  const model = network(backend);
  const options = { batchSize: 64, epochs: 2, validationSplit: 0.2, verbose: 0 } as const;
  const { history } = await model.fit(pictures(700), labels(700), options);
  return { weights: await weightsOf(model), history };
}

describe("training on the engine", () => {
  it("gives the same weights and history to the bit for 1, 2 and 3 threads, resident and streamed", async () => {
    const one = await trained(engine({ threads: 1 }));
    expect(one.history.loss![1]!).toBeLessThan(one.history.loss![0]!);
    expect(await trained(engine({ threads: 2 }))).toEqual(one);
    expect(await trained(engine({ threads: 3 }))).toEqual(one);
    const backend = engine({ threads: 2 });
    const inputs: string[] = [];
    const full: Backend = {
      name: backend.name,
      allocate: (...given) => backend.allocate(...given),
      write: (...given) => backend.write(...given),
      read: (...given) => backend.read(...given),
      free: (...given) => backend.free(...given),
      lower: (...given) => backend.lower(...given),
      run: (program, job) => {
        inputs.push(`${program.name} ${Object.keys(job.inputs ?? {})}`);
        return backend.run(program, job);
      },
      release: (program) => backend.release(program),
      close: () => backend.close(),
      // No room for the data: they have to be streamed.
      describe: async () => {
        const description = await backend.describe();
        return { ...description, memory: { ...description.memory, limit: description.memory.used } };
      },
    };
    expect(await trained(full)).toEqual(one);
    expect(new Set(inputs)).toEqual(new Set(["train x,y", "evaluate x,y"]));
  });

  it("of several models at once gives each what it has alone, whatever befalls the others", async () => {
    const small = (backend: Backend, learningRate: number) => {
      const model = sequential(
        [
          layers.input({ shape: [28, 28, 1] }),
          layers.rescaling({ scale: 1 / 255 }),
          layers.flatten(),
          layers.dense({ units: 12, activation: "relu" }),
          layers.dropout({ rate: 0.2 }),
          layers.dense({ units: 10, activation: "softmax" }),
        ],
        { seed: 9, backend },
      );
      model.compile({
        loss: "sparse_categorical_crossentropy",
        optimizer: optimizers.sgd({ learningRate, momentum: 0.9 }),
      });
      return model;
    };
    const fitted = async (model: Sequential) => {
      const { history } = await model.fit(pictures(700), labels(700), { batchSize: 48, epochs: 3, verbose: 0 });
      const predicted = [...(await model.predict(pictures(50))).data];
      return { history, predicted, weights: await weightsOf(model) };
    };
    const alone = engine({ threads: 1 });
    const [large, little] = [await trained(alone), await fitted(small(alone, 0.05))];
    for (const threads of [2, 3]) {
      const backend = engine({ threads });
      const passing = async () => {
        for (let i = 0; i < 10; i++) {
          using model = network(backend, i);
          await model.predict(pictures(7 + i));
        }
      };
      const [one, other, again, failure] = await Promise.all([
        trained(backend),
        fitted(small(backend, 0.05)),
        fitted(small(backend, 0.05)),
        fitted(small(backend, 1e30)).catch((error: unknown) => error),
        passing(),
      ]);
      expect(one).toEqual(large);
      expect(other).toEqual(little);
      expect(again).toEqual(little);
      expect(failure).toBeInstanceOf(NumericError);
    }
  });

  it("agrees with the reference within float32, on either SIMD module", async () => {
    const small = async (backend: Backend, batchSize: number) => {
      const model = network(backend);
      const { history } = await model.fit(pictures(48), labels(48), { batchSize, verbose: 0 });
      return history.loss![0]!;
    };
    const reference = engine({ backend: "reference" });
    const [single, several] = [await small(reference, 48), await small(reference, 16)];
    for (const module of ["relaxed", "baseline"] as const) {
      const backend = engine({ threads: 2, module });
      expect(Math.abs((await small(backend, 48)) - single)).toBeLessThan(1e-6);
      // While biases are 0, a convolution of blank background is 0 exactly, and relu lets no gradient pass. By tiles it may
      // be 1e-8 beside a stroke, and then the bias's gradient differs; with biases of 0.01 three steps agree to 1e-7.
      expect(Math.abs((await small(backend, 16)) - several)).toBeLessThan(2e-4);
    }
  });

  it("gives the weights before a bad step back, to the bit, and names the layer", async () => {
    const [model, good] = [network(engine({ threads: 2 })), network(engine({ threads: 2 }))];
    const floats = pictures(320).astype("float32");
    const options = { batchSize: 32, shuffle: false, verbose: 0 } as const;
    await good.fit(floats.slice([0, 224]), labels(224), options);
    const bad = floats.copy();
    bad.set([230, 5, 5, 0], Number.NaN);
    const failure = model.fit(bad, labels(320), options);
    await expect(failure).rejects.toThrow(NumericError);
    await expect(failure).rejects.toThrow(/the input x is not finite in epoch 1, step 8 \(of 10\)/);
    expect(await weightsOf(model)).toEqual(await weightsOf(good));
  });
});

describe("weights on disk", () => {
  it("are saved and loaded by path and by URL", async () => {
    const folder = mkdtempSync(join(tmpdir(), "fovea weights "));
    const [model, other] = [network(engine({ threads: 1 })), network(engine({ threads: 1 }), 6)];
    for (const place of [join(folder, "a.safetensors"), pathToFileURL(join(folder, "b.safetensors"))]) {
      await model.saveWeights(place);
      await other.loadWeights(place);
      expect(await weightsOf(other)).toEqual(await weightsOf(model));
    }
    expect(readdirSync(folder).sort()).toEqual(["a.safetensors", "b.safetensors"]);
    rmSync(folder, { recursive: true });
  });
});

describe("a layer whose output is not finite", () => {
  it("is named", async () => {
    const model = network(engine({ threads: 2 }));
    const weights = await model.getWeights();
    weights[3]!.data.fill(Number.NaN);
    await model.setWeights(weights);
    const failure = model.fit(pictures(64), labels(64), { verbose: 0 });
    await expect(failure).rejects.toThrow("the output of conv2d_1 is not finite in epoch 1, step 1 (of 2)");
  });
});

describe("an update that overflows", () => {
  it("is named, and undone", async () => {
    const model = network(engine({ threads: 2 }));
    model.compile({ loss: "sparse_categorical_crossentropy", optimizer: optimizers.sgd({ learningRate: 1e300 }) });
    const before = await weightsOf(model);
    const failure = model.fit(pictures(64), labels(64), { verbose: 0 });
    await expect(failure).rejects.toThrow("the update of the weights is not finite in epoch 1, step 1 (of 2)");
    expect(await weightsOf(model)).toEqual(before);
  });
});

describe("the way back to the last good weights", () => {
  it("leads over epochs too short for a snapshot of their own, to the bit", async () => {
    const [model, good] = [network(engine({ threads: 2 })), network(engine({ threads: 1 }))];
    const options = { batchSize: 16, verbose: 0 } as const;
    await good.fit(pictures(48), labels(48), { ...options, epochs: 3 });
    const failure = model.fit(pictures(48), labels(48), {
      ...options,
      epochs: 5,
      // Too large for a float32: the step after it overflows.
      callbacks: [{ onEpochBegin: (epoch) => (epoch === 3 ? model.setLearningRate(1e300) : undefined) }],
    });
    await expect(failure).rejects.toThrow("the update of the weights is not finite in epoch 4, step 1 (of 3)");
    expect(await weightsOf(model)).toEqual(await weightsOf(good));
  });
});

describe("a model whose training was cut off by a dying worker", () => {
  it("says so, refuses use, and works again once its weights are set", async () => {
    const backend = engine({ threads: 2 });
    const model = network(backend);
    const weights = await model.getWeights();
    const workers: Worker[] = [];
    const watch = (worker: Worker) => workers.push(worker);
    process.on("worker", watch);
    const fit = model.fit(pictures(2000), labels(2000), {
      batchSize: 32,
      epochs: 1000,
      verbose: 0,
      callbacks: [{ onEpochEnd: (epoch) => (epoch === 0 ? void workers.at(-1)?.terminate() : undefined) }],
    });
    // The engine has its workers already: those of a second one stand in where it has.
    await expect(Promise.race([fit, new Promise((_, reject) => setTimeout(reject, 20_000))])).rejects.toThrow(
      EngineError,
    );
    process.off("worker", watch);
    await expect(model.predict(pictures(1))).rejects.toThrow(StateError);
    await expect(model.predict(pictures(1))).rejects.toThrow(/setWeights or loadWeights/);
    await model.setWeights(weights);
    expect((await model.predict(pictures(3))).shape).toEqual([3, 10]);
  });
});

describe("models that train at once when a worker is killed", () => {
  it("say so where it was theirs, and all have the numbers of ever when they are trained anew", async () => {
    const expected = await trained(engine({ threads: 1 }));
    const workers: Worker[] = [];
    const watch = (worker: Worker) => workers.push(worker);
    process.on("worker", watch);
    const backend = engine({ threads: 2 });
    const models = [network(backend), network(backend), network(backend)];
    const starts = await Promise.all(models.map((model) => model.getWeights()));
    const failures: unknown[] = [];
    const ends = models.map((model) =>
      model
        .fit(pictures(700), labels(700), { batchSize: 64, epochs: 100_000, verbose: 0 })
        .catch((error) => void failures.push(error)),
    );
    // Between two jobs it is no matter.
    for (let again = 0; again < 500 && failures.length === 0; again++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await workers.splice(-1)[0]?.terminate();
    }
    for (const model of models) model.stopTraining = true;
    await Promise.all(ends);
    process.off("worker", watch);
    expect(failures.length).toBeGreaterThan(0);
    for (const failure of failures) expect(failure).toBeInstanceOf(EngineError);
    for (const [i, model] of models.entries()) {
      await model.setWeights(starts[i]!);
      model.compile({ loss: "sparse_categorical_crossentropy", optimizer: "adam", metrics: ["accuracy"] });
      const options = { batchSize: 64, epochs: 2, validationSplit: 0.2, verbose: 0 } as const;
      const { history } = await model.fit(pictures(700), labels(700), options);
      expect({ history, weights: await weightsOf(model) }).toEqual(expected);
    }
  });
});

describe("a model whose memory died with the worker that owned it", () => {
  it("refuses use until its weights are set, then trains anew", async () => {
    const backend = new WasmBackend({ threads: 1, module: "auto", shared: false });
    engines.push(backend);
    const workers: Worker[] = [];
    const watch = (worker: Worker) => workers.push(worker);
    process.on("worker", watch);
    const [model, bystander] = [network(backend), network(backend)];
    const weights = await model.getWeights();
    await bystander.predict(pictures(1));
    process.off("worker", watch);
    const fit = model.fit(pictures(600), labels(600), { epochs: 1000, verbose: 0 });
    setTimeout(() => void workers[0]!.terminate(), 150);
    await expect(fit).rejects.toThrow(EngineError);
    for (const one of [model, bystander]) {
      await expect(one.predict(pictures(1))).rejects.toThrow(/setWeights or loadWeights/);
      await one.setWeights(weights);
      expect((await one.getWeights()).map(({ data }) => [...data])).toEqual(weights.map(({ data }) => [...data]));
      const { epoch } = await one.fit(pictures(64), labels(64), { verbose: 0 });
      expect(epoch).toEqual([0]);
    }
  });
});

describe("memory", () => {
  it("is the same after every fit, and given back by free", async () => {
    const backend = engine({ threads: 2 });
    const model = network(backend);
    const used = async () => (await backend.describe()).memory.used;
    const sizes: number[] = [];
    for (let i = 0; i < 4; i++) {
      await model.fit(pictures(300), labels(300), { verbose: 0, validationSplit: 0.1 });
      await model.predict(pictures(40));
      sizes.push(await used());
    }
    expect(new Set(sizes).size).toBe(1);
    model.free();
    const without = await used();
    // A second model comes and goes: what the engine keeps for itself does not grow.
    const other = network(backend);
    await other.fit(pictures(300), labels(300), { verbose: 0, validationSplit: 0.1 });
    other.free();
    expect(await used()).toBe(without);
    expect(without).toBeLessThan(sizes[0]! - 3 * 4 * other.countParams());
  });

  it("of a thousand models that were dropped comes back", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const backend = engine({ threads: 1 });
    const x = array(new Float32Array(100), { shape: [1, 100] });
    const used: number[] = [];
    for (let i = 0; i < 1000; i++) {
      const model = sequential([layers.input({ shape: [100] }), layers.dense({ units: 500 })], { backend });
      await model.predict(x);
      if (i % 100 === 99) {
        collect();
        await new Promise((resolve) => setTimeout(resolve, 5));
        used.push((await backend.describe()).memory.used);
      }
    }
    // A thousand of them hold 200 MB; what is left is that of the last hundred at most.
    expect(Math.max(...used)).toBeLessThan(60e6);
  });
});
