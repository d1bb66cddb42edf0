/** What a model keeps, and how it stays true under concurrent calls, compiles, failures and changes in a fit. */

import { describe, expect, it } from "vitest";
import type { Backend } from "../backends/backend.js";
import { referenceBackend } from "../backends/reference/reference.js";
import { EngineError, StateError } from "../core/errors.js";
import { fromTyped } from "../core/ndarray-create.js";
import { randomStream } from "../core/random.js";
import { Variable } from "../graph/tensor.js";
import { layers } from "../nn/layers/index.js";
import { losses } from "../nn/losses/index.js";
import { ProgramCache } from "./program-cache.js";
import { Sequential } from "./sequential.js";
import { VariableStore } from "./variable-store.js";

const rows = 40;
const x = randomStream(1, "x").uniform({ low: -1, high: 1, shape: [rows, 3] });
const y = fromTyped(Uint8Array.from({ length: rows }, (_, i) => i % 2));

function made(backend: Backend = referenceBackend()): Sequential {
  const stack = [
    layers.input({ shape: [3] }),
    layers.dense({ units: 4, activation: "tanh" }),
    layers.dense({ units: 2 }),
  ];
  const model = new Sequential(stack, { seed: 3 }, () => backend);
  model.compile({ loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }), optimizer: "adam" });
  return model;
}

/** A backend that does what another does, but for what is given. */
function like(backend: Backend, other: Partial<Backend>): Backend {
  const own: Backend = {
    name: backend.name,
    describe: () => backend.describe(),
    allocate: (...given) => backend.allocate(...given),
    write: (...given) => backend.write(...given),
    read: (...given) => backend.read(...given),
    free: (...given) => backend.free(...given),
    lower: (...given) => backend.lower(...given),
    run: (...given) => backend.run(...given),
    release: (program) => backend.release(program),
    close: () => backend.close(),
  };
  return Object.assign(own, other);
}

const flat = async (model: Sequential) => (await model.getWeights()).flatMap((weight) => [...weight.data]);

describe("programs of a model", () => {
  it("are kept while a fit uses them, whatever else is predicted meanwhile", async () => {
    const model = made();
    const sizes = [1, 2, 4, 8, 16, 32, 40, 3, 5, 9, 17];
    const history = await model.fit(x, y, {
      epochs: 2,
      verbose: 0,
      callbacks: [
        {
          onEpochEnd: async () => {
            for (const size of sizes) await model.predict(x.slice([0, size]), { batchSize: size });
            await Promise.all(sizes.map((batchSize) => model.evaluate(x, y, { batchSize, verbose: 0 })));
          },
        },
      ],
    });
    expect(history.epoch).toEqual([0, 1]);
  });

  it("are at most eight, and given back under a lease only when it ends", async () => {
    const released: string[] = [];
    const backend = referenceBackend();
    const watched = like(backend, {
      lower: async (graph, options) => {
        const program = await backend.lower(graph, options);
        return Object.assign(program, { label: options.capacity });
      },
      release: (program) => {
        released.push(String(program.capacity));
        backend.release(program);
      },
    });
    const cache = new ProgramCache(new VariableStore(watched, "m"));
    const graph = () => ({ name: "empty", outputs: {}, effects: [] });
    const held = await cache.get("p", 1, graph);
    for (let capacity = 2; capacity <= 12; capacity++) (await cache.get("p", capacity, graph)).release();
    expect(cache.size).toBe(8);
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(released).toEqual(["2", "3", "4", "5"]);
    cache.clear();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(released).not.toContain("1");
    held.release();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(released).toContain("1");
  });

  it("are lowered for powers of two", async () => {
    const capacities: number[] = [];
    const backend = referenceBackend();
    const model = made(
      like(backend, {
        lower: (graph, options) => {
          capacities.push(options.capacity);
          return backend.lower(graph, options);
        },
      }),
    );
    for (const batchSize of [20, 32, 30, 1e7]) await model.predict(x, { batchSize });
    expect(capacities).toEqual([32, 64]);
  });

  it("of an evaluation that a compile overtook are not taken for the new objective's", async () => {
    const model = made();
    const first = model.evaluate(x, y, { verbose: 0 });
    model.compile({ loss: losses.sparseCategoricalCrossentropy(), optimizer: "adam", metrics: ["accuracy"] });
    const old = await first;
    const now = await model.evaluate(x, y, { verbose: 0 });
    expect(Object.keys(now)).toEqual(["accuracy", "loss"]);
    expect(now.loss).not.toBe(old.loss);
  });
});

describe("variables of a model", () => {
  it("are made once, however many calls come at once, and not left half made", async () => {
    const backend = referenceBackend();
    let taken = 0;
    let fail = true;
    const watched = like(backend, {
      allocate: (...given) => {
        taken++;
        return backend.allocate(...given);
      },
    });
    const store = new VariableStore(watched, "m");
    const variable = new Variable("w", [2], "float32");
    const initial = () => {
      if (fail) throw new EngineError("no");
      return Float32Array.of(1, 2);
    };
    await expect(store.ensure([{ variable, initial }])).rejects.toThrow("no");
    fail = false;
    await Promise.all([1, 2, 3].map(() => store.ensure([{ variable, initial }])));
    expect(taken).toBe(2);
    expect([...(await store.read(variable))]).toEqual([1, 2]);
  });

  it("cannot be overwritten during a fit, with any weights", async () => {
    const model = made();
    const [weights, bytes] = [await model.getWeights(), await model.encodeWeights()];
    const fit = model.fit(x, y, { epochs: 3, verbose: 0 });
    await expect(model.setWeights(weights)).rejects.toThrow(StateError);
    await expect(model.loadWeights(bytes)).rejects.toThrow(StateError);
    await fit;
  });
});

describe("a failure of the engine", () => {
  it("before the first step leaves the model as it was", async () => {
    const backend = referenceBackend();
    let room = true;
    const tight = like(backend, {
      allocate: (dtype, shape) =>
        room || shape[0] !== rows ? backend.allocate(dtype, shape) : Promise.reject(new EngineError("out of memory")),
    });
    const model = made(tight);
    const before = await flat(model);
    room = false;
    await expect(model.fit(x, y, { verbose: 0 })).rejects.toThrow("out of memory");
    expect(await flat(model)).toEqual(before);
    room = true;
    const thrown = new EngineError("another model's");
    const fit = model.fit(x, y, {
      verbose: 0,
      callbacks: [
        {
          onEpochBegin: () => {
            throw thrown;
          },
        },
      ],
    });
    await expect(fit).rejects.toBe(thrown);
    expect(await flat(model)).toEqual(before);
  });

  it("in a step makes the model refuse use until its weights are set, and forgets the optimizer's state", async () => {
    const backend = referenceBackend();
    let broken = false;
    const failing = like(backend, {
      run: async (program, job) => {
        const result = await backend.run(program, job);
        if (broken && program.name === "train") throw new EngineError("a kernel trapped");
        return result;
      },
    });
    const [model, fresh] = [made(failing), made()];
    const weights = await model.getWeights();
    broken = true;
    await expect(model.fit(x, y, { verbose: 0 })).rejects.toThrow("a kernel trapped");
    await expect(model.getWeights()).rejects.toThrow(/failed midway .*setWeights or loadWeights/);
    broken = false;
    await model.setWeights(weights);
    await model.fit(x, y, { verbose: 0 });
    await fresh.fit(x, y, { verbose: 0 });
    expect(await flat(model)).toEqual(await flat(fresh));
  });
});

describe("the way back to the last good weights", () => {
  it("takes the learning rates that were set on the way", async () => {
    const bad = x.copy();
    bad.set([38, 0], Number.NaN);
    const schedule = (model: Sequential) => ({
      onTrainBatchBegin: (batch: number) => model.setLearningRate(0.01 / (batch + 1)),
    });
    const options = { batchSize: 8, shuffle: false, verbose: 0 } as const;
    const model = made();
    const good = made();
    await expect(model.fit(bad, y, { ...options, callbacks: [schedule(model)] })).rejects.toThrow(/step 5 \(of 5\)/);
    await good.fit(x.slice([0, 32]), y.slice([0, 32]), { ...options, callbacks: [schedule(good)] });
    expect(await flat(model)).toEqual(await flat(good));
  });
});
