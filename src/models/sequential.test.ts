import { beforeEach, describe, expect, it } from "vitest";
import type { Backend } from "../backends/backend.js";
import { referenceBackend } from "../backends/reference/reference.js";
import { DataError, OptionError, ShapeError, StateError } from "../core/errors.js";
import { fromTyped } from "../core/ndarray-create.js";
import { randomStream } from "../core/random.js";
import { layers } from "../nn/layers/index.js";
import { optimizers } from "../nn/optimizers/index.js";
import type { Callback } from "./callback.js";
import { Sequential } from "./sequential.js";

const rows = 37;

/** Points in the plane; the class says on which side of a line they lie. */
function points(count = rows) {
  const data = randomStream(3, "points").uniform({ low: -1, high: 1, shape: [count, 2] }).data as Float32Array;
  const labels = Uint8Array.from({ length: count }, (_, i) => (data[2 * i]! + data[2 * i + 1]! > 0.2 ? 1 : 0));
  return { x: fromTyped(data, [count, 2]), y: fromTyped(labels, [count]) };
}

function small(seed = 1, rate = 0, backend: Backend = referenceBackend()): Sequential {
  const model = new Sequential(
    [
      layers.input({ shape: [2] }),
      layers.dense({ units: 8, activation: "tanh" }),
      layers.dropout({ rate }),
      layers.dense({ units: 2, activation: "softmax" }),
    ],
    { seed },
    () => backend,
  );
  model.compile({
    loss: "sparse_categorical_crossentropy",
    optimizer: optimizers.adam({ learningRate: 0.05 }),
    metrics: ["accuracy"],
  });
  return model;
}

/** A backend whose jobs let timers through, as one with threads does. */
function slowOf(backend: Backend): Backend {
  const run = backend.run.bind(backend);
  backend.run = async (program, job) => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return run(program, job);
  };
  return backend;
}

async function flat(model: Sequential): Promise<number[]> {
  return (await model.getWeights()).flatMap((weight) => [...weight.data]);
}

describe("Sequential", () => {
  let model: Sequential;
  const { x, y } = points();
  beforeEach(() => {
    model = small();
  });

  it("learns, and reports what Keras reports", async () => {
    const history = await model.fit(x, y, { epochs: 30, batchSize: 8, validationSplit: 0.2, verbose: 0 });
    expect(Object.keys(history.history).sort()).toEqual(["accuracy", "loss", "val_accuracy", "val_loss"]);
    expect(history.epoch).toHaveLength(30);
    expect(history.params).toEqual({ epochs: 30, steps: 4, batchSize: 8, seed: 1 });
    expect(history.history.loss!.at(-1)!).toBeLessThan(history.history.loss![0]! / 2);
    expect(history.history.accuracy!.at(-1)!).toBeGreaterThan(0.9);
    const { loss, accuracy } = await model.evaluate(x, y, { verbose: 0 });
    expect(loss).toBeLessThan(0.4);
    const classes = [...(await model.predict(x)).argmax(1).data];
    const right = classes.filter((label, i) => label === y.data[i]).length;
    expect(right / rows).toBeCloseTo(accuracy!, 12);
  });

  it("is a function of its seed, however the data is handed over", async () => {
    const runs = [];
    for (const seed of [1, 1, 2]) {
      const one = small(seed, 0.5);
      await one.fit(x, y, { epochs: 2, batchSize: 8, verbose: 0 });
      runs.push(await flat(one));
    }
    expect(runs[0]).toEqual(runs[1]);
    expect(runs[0]).not.toEqual(runs[2]);
  });

  it("takes the validation rows from the end, before shuffling, as Keras does", async () => {
    const other = small();
    const at = Math.floor(rows * 0.75);
    await model.fit(x, y, { epochs: 2, batchSize: 8, validationSplit: 0.25, verbose: 0 });
    const parts = [x.slice([0, at]), y.slice([0, at]), x.slice([at, null]), y.slice([at, null])] as const;
    await other.fit(parts[0], parts[1], { epochs: 2, batchSize: 8, validationData: [parts[2], parts[3]], verbose: 0 });
    expect(other.history!.history).toEqual(model.history!.history);
  });

  it("calls the hooks in Keras's order, with numbers", async () => {
    const calls: string[] = [];
    const callback: Callback = {
      onTrainBegin: () => void calls.push("train"),
      onEpochBegin: (epoch) => void calls.push(`epoch ${epoch}`),
      onTrainBatchEnd: (batch, logs) => void calls.push(`batch ${batch} ${Object.keys(logs)}`),
      onEpochEnd: (epoch, logs) => void calls.push(`end ${epoch} ${Object.keys(logs)}`),
      onTrainEnd: () => void calls.push("done"),
    };
    await model.fit(x, y, { epochs: 3, initialEpoch: 2, batchSize: 20, callbacks: [callback], verbose: 0 });
    expect(calls).toEqual([
      "train",
      "epoch 2",
      "batch 0 accuracy,loss",
      "batch 1 accuracy,loss",
      "end 2 accuracy,loss",
      "done",
    ]);
  });

  it("tells progress up to the last step of each epoch, and where an abort came", async () => {
    const told: number[][] = [];
    let epoch = 0;
    const reason = new Error("enough");
    const controller = new AbortController();
    const callback: Callback = {
      onEpochBegin: (index) => {
        epoch = index;
      },
      onTrainProgress: (steps, { loss }) => {
        expect(loss).toBeGreaterThan(0);
        told.push([epoch, steps]);
        if (epoch === 2) controller.abort(reason);
      },
    };
    const options = { epochs: 9, batchSize: 8, callbacks: [callback], signal: controller.signal, verbose: 0 } as const;
    await expect(model.fit(x, y, options)).rejects.toBe(reason);
    for (const index of [0, 1]) expect(told.filter(([at]) => at === index).at(-1)).toEqual([index, 5]);
    expect(told.at(-1)![0]).toBe(2);
    expect(told.filter(([at]) => at === 2)).toHaveLength(1);
  });

  it("can be aborted while it validates", async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    let ended = 0;
    const callback: Callback = {
      onTrainProgress: (steps) => {
        if (steps === 4) setTimeout(() => controller.abort(reason));
      },
      onEpochEnd: () => {
        ended++;
      },
    };
    const backend = slowOf(referenceBackend());
    const slow = small(1, 0, backend);
    const options = { epochs: 2, batchSize: 8, validationSplit: 0.2, callbacks: [callback], verbose: 0 } as const;
    await expect(slow.fit(x, y, { ...options, signal: controller.signal })).rejects.toBe(reason);
    expect(ended).toBe(0);
  });

  it("calls the hooks for tests while it validates", async () => {
    const calls: string[] = [];
    const callback: Callback = {
      setModel: () => void calls.push("model"),
      setParams: () => void calls.push("params"),
      onTestBegin: () => void calls.push("begin"),
      onTestBatchEnd: (batch) => void calls.push(`batch ${batch}`),
      onTestEnd: (logs) => void calls.push(`end ${Object.keys(logs)}`),
      onEpochEnd: () => void calls.push("epoch"),
    };
    await model.fit(x, y, { batchSize: 5, validationSplit: 0.2, callbacks: [callback], verbose: 0 });
    expect(calls).toEqual(["model", "params", "begin", "batch 0", "batch 1", "end accuracy,loss", "epoch"]);
  });

  it("refuses a list that is not of layers, by place", () => {
    const make = (list: unknown) => new Sequential(list as never, {}, referenceBackend);
    const input = layers.input({ shape: [2] });
    const dense = layers.dense({ units: 2 });
    expect(() => make(undefined)).toThrow("a list of layers expected");
    expect(() => make([input, layers.dense])).toThrow("item 1 is not a layer but a function. Call it");
    expect(() => make([input, null])).toThrow("item 1 is not a layer");
    expect(() => make([input, dense, dense])).toThrow("item 2 is a layer that is in the list already");
  });

  it("refuses paths that are none", async () => {
    await expect(model.saveWeights(undefined as never)).rejects.toThrow("saveWeights: a path or a file: URL expected");
    await expect(model.loadWeights(5 as never)).rejects.toThrow(OptionError);
  });

  it("predicts inside a callback with the weights of that step", async () => {
    const seen: number[] = [];
    const callback: Callback = {
      onTrainBatchEnd: async () => void seen.push((await model.predict(x.slice([0, 1]))).data[0]!),
    };
    await model.fit(x, y, { batchSize: 20, callbacks: [callback], verbose: 0 });
    expect(new Set(seen).size).toBe(2);
  });

  it("stops after a step when asked, and rejects with the signal's reason when aborted", async () => {
    const stopping = await model.fit(x, y, {
      epochs: 5,
      verbose: 0,
      callbacks: [
        {
          onEpochEnd: (epoch) => {
            model.stopTraining = epoch === 1;
          },
        },
      ],
    });
    expect(stopping.epoch).toEqual([0, 1]);
    const controller = new AbortController();
    const reason = new Error("enough");
    const fit = model.fit(x, y, {
      epochs: 5,
      verbose: 0,
      batchSize: 8,
      signal: controller.signal,
      callbacks: [{ onTrainBatchEnd: (batch) => (batch === 2 ? controller.abort(reason) : undefined) }],
    });
    await expect(fit).rejects.toBe(reason);
    expect((await flat(model)).every(Number.isFinite)).toBe(true);
    await expect(model.fit(x, y, { signal: controller.signal })).rejects.toBe(reason);
  });

  it("puts the last good weights back when a number stops being finite, and names the place", async () => {
    const bad = fromTyped(Float32Array.from(x.data), [rows, 2]);
    bad.data[2 * 30] = Number.NaN;
    const good = small();
    const options = { batchSize: 8, shuffle: false, verbose: 0 } as const;
    await good.fit(x.slice([0, 24]), y.slice([0, 24]), options);
    await expect(model.fit(bad, y, options)).rejects.toThrow(
      /the input x is not finite in epoch 1, step 4 \(of 5\).*in the data/,
    );
    expect(await flat(model)).toEqual(await flat(good));
    const stopped = await small().fit(bad, y, { ...options, epochs: 3, onNaN: "stop" });
    expect(stopped.epoch).toEqual([]);
    expect((await model.evaluate(x, y, { verbose: 0 })).loss).toBeGreaterThan(0);
  });

  it("refuses data that does not fit, naming both shapes", async () => {
    await expect(model.fit(x.reshape([2, rows]), y)).rejects.toThrow(
      "x has shape [2, 37], but the model's input is [null, 2]",
    );
    await expect(model.fit(x, y.slice([0, 5]))).rejects.toThrow("x has 37 rows, but y has 5");
    await expect(model.fit(x.slice([0, 0]), y.slice([0, 0]))).rejects.toThrow("x is empty");
    const high = fromTyped(
      Int32Array.from({ length: rows }, (_, i) => (i === 9 ? 2 : 0)),
      [rows],
    );
    await expect(model.fit(x, high)).rejects.toThrow("y[9] is 2, but the model has 2 outputs");
    const half = fromTyped(new Float32Array(rows).fill(0.5), [rows]);
    await expect(model.evaluate(x, half)).rejects.toThrow(DataError);
    await expect(model.predict(x.slice(null, [0, 1]))).rejects.toThrow(ShapeError);
  });

  it.each([
    [{ batchSize: 0 }, "batchSize"],
    [{ epochs: Number.NaN }, "epochs"],
    [{ validationSplit: 1 }, "validationSplit"],
    [{ epochs: 2, initialEpoch: 2 }, "initialEpoch"],
    [{ epoch: 3 }, 'did you mean "epochs"'],
    [{ seed: -1 }, "seed"],
  ])("refuses the options %j", async (options, message) => {
    await expect(model.fit(x, y, options as never)).rejects.toThrow(OptionError);
    await expect(model.fit(x, y, options as never)).rejects.toThrow(message);
  });

  it("refuses calls at the wrong time", async () => {
    const raw = new Sequential([layers.input({ shape: [2] }), layers.dense({ units: 2 })], {}, referenceBackend);
    await expect(raw.fit(x, y)).rejects.toThrow(/compile the model first/);
    const first = model.fit(x, y, { verbose: 0 });
    await expect(model.fit(x, y)).rejects.toThrow(StateError);
    expect(() => model.compile({ loss: "mse", optimizer: "sgd" })).toThrow(StateError);
    await first;
    model.free();
    await expect(model.predict(x)).rejects.toThrow(/freed/);
  });

  it("refuses unknown names with the nearest one, and layers that do not fit", () => {
    // @ts-expect-error no such loss
    const loss = () => model.compile({ loss: "sparse_categorical_crossentropi", optimizer: "adam" });
    expect(loss).toThrow("sparseCategoricalCrossentropy");
    // @ts-expect-error no such optimizer
    expect(() => model.compile({ loss: "mse", optimizer: "adamm" })).toThrow('"adam"');
    // @ts-expect-error no such metric
    expect(() => model.compile({ loss: "mse", optimizer: "adam", metrics: ["maee"] })).toThrow('did you mean "mae"');
    // @ts-expect-error nor this one of a single output
    expect(() => model.compile({ loss: "msee", optimizer: "SGD", metrics: { dense: ["AUC"] } })).toThrow('"mse"');
    expect(() => new Sequential([layers.dense({ units: 2 })], {}, referenceBackend)).toThrow("layers.input");
    const stack = [layers.input({ shape: [4] }), layers.conv2d({ filters: 2, kernelSize: 3 })];
    expect(() => new Sequential(stack, {}, referenceBackend)).toThrow(ShapeError);
  });

  it("carries weights over: arrays, files' bytes and configuration", async () => {
    const other = small(9);
    await model.fit(x, y, { verbose: 0 });
    await other.setWeights(await model.getWeights());
    expect(await flat(other)).toEqual(await flat(model));
    const third = small(10);
    await third.loadWeights(await model.encodeWeights());
    expect(await flat(third)).toEqual(await flat(model));
    await expect(third.setWeights((await model.getWeights()).slice(1))).rejects.toThrow("4 weights, received 3");
  });

  it("reads and changes the learning rate", async () => {
    expect(await model.getLearningRate()).toBeCloseTo(0.05, 6);
    await model.setLearningRate(0);
    const before = await flat(model);
    await model.fit(x, y, { verbose: 0 });
    expect(await flat(model)).toEqual(before);
    await expect(model.setLearningRate(Number.NaN)).rejects.toThrow(OptionError);
  });

  it("tells its layers and parameters", () => {
    expect(model.countParams()).toBe(2 * 8 + 8 + 8 * 2 + 2);
    expect(model.summary()).toContain("Total params: 42");
    expect(model.network.layers.map(({ name }) => name)).toEqual(["input_layer", "dense", "dropout", "dense_1"]);
  });
});
