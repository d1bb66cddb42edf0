/**
 * What a model does with optimizers: their state made, kept, dropped and brought back, averages taken as weights, schedules
 * followed, models of several outputs trained; and that the plain ones cost no more than their fused op.
 */

import { describe, expect, it } from "vitest";
import { engine } from "../../test/support/test-engine.js";
import type { Backend } from "../backends/backend.js";
import { referenceBackend } from "../backends/reference/reference.js";
import { lowerGraph } from "../backends/wasm/lower.js";
import { NumericError, StateError } from "../core/errors.js";
import { randomStream } from "../core/random.js";
import type { Graph } from "../graph/graph.js";
import { read } from "../graph/leaves.js";
import { ops as graphOps } from "../graph/ops/index.js";
import type { Tensor } from "../graph/tensor.js";
import { model as functional, layers, ops, optimizers, schedules } from "../index.js";
import type { Optimizer } from "../nn/optimizers/index.js";
import { type CompileOptions, resolveObjective } from "./compile.js";
import { type TrainingState, trainingGraph, trainingState } from "./graphs.js";
import type { Model } from "./model.js";
import { Sequential } from "./sequential.js";

const rows = 40;
const x = randomStream(1, "x").uniform({ low: -1, high: 1, shape: [rows, 3] });
const y = randomStream(1, "y").uniform({ low: -1, high: 1, shape: [rows, 2] });
const otherX = randomStream(2, "x").uniform({ low: -1, high: 1, shape: [rows, 3] });
const options = { batchSize: 8, shuffle: false, verbose: 0 } as const;

/** Every optimizer, as it is and with what all have; the averages apart, which change weights behind the last step. */
const all: readonly (readonly [string, Optimizer])[] = Object.entries(optimizers).flatMap(([name, make]) => [
  [name, make.read({ learningRate: 0.01 })] as const,
  [`${name} with more`, make.read({ learningRate: 0.01, weightDecay: 0.1, clipnorm: 1, gradientAccumulationSteps: 2 })],
]);

/** The distance |p - y|, of which the derivative at 0 is no number. */
const distance = (yTrue: Tensor, yPred: Tensor) => ops.sqrt(ops.square(ops.subtract(yTrue, yPred)));

function made(optimizer: CompileOptions["optimizer"], backend: Backend = referenceBackend()): Sequential {
  const stack = [
    layers.input({ shape: [3] }),
    layers.dense({ units: 4, activation: "tanh", useBias: false }),
    layers.dense({ units: 2, useBias: false }),
  ];
  const model = new Sequential(stack, { seed: 3 }, () => backend);
  model.compile({ loss: distance, optimizer });
  return model;
}

const flat = async (model: Pick<Model, "getWeights">) =>
  (await model.getWeights()).flatMap((weight) => [...weight.data]);

describe("a gradient that is not finite", () => {
  const bad = { x: x.copy(), y: y.copy() };
  for (const i of [0, 1, 2]) bad.x.set([35, i], 0);
  for (const i of [0, 1]) bad.y.set([35, i], 0);
  const good = { x: x.slice([0, 32]), y: y.slice([0, 32]) };

  it.each(all)("ends the fit of %s with weights and state as they were before that step", async (_, optimizer) => {
    for (const backend of [referenceBackend(), engine()]) {
      const [model, other] = [made(optimizer, backend), made(optimizer, backend)];
      const fit = model.fit(bad.x, bad.y, options);
      await expect(fit).rejects.toThrow(NumericError);
      await expect(fit).rejects.toThrow(
        /^fit: the gradient of dense_1\/kernel is not finite in epoch 1, step 5 \(of 5\)/,
      );
      await other.fit(good.x, good.y, options);
      expect(await flat(model)).toEqual(await flat(other));
      for (const one of [model, other]) await one.fit(good.x, good.y, options);
      expect(await flat(model)).toEqual(await flat(other));
    }
  });

  it("ends it too where only the norm of all gradients is not, which float32 cannot hold", async () => {
    // Gradients of 1e25 are numbers; the sum of their squares is none.
    const model = made(optimizers.sgd(), engine());
    const loss = (_: Tensor, yPred: Tensor) => ops.multiply(ops.mean(yPred), 1e25);
    model.compile({ loss, optimizer: optimizers.sgd({ globalClipnorm: 1 }) });
    const before = await flat(model);
    await expect(model.fit(x, y, options)).rejects.toThrow(NumericError);
    expect(await flat(model)).toEqual(before);
    model.free();
  });

  it("leaves averages as they were", async () => {
    const optimizer = optimizers.nadam({ useEma: true, emaMomentum: 0.5, emaOverwriteFrequency: 3 });
    const [model, other] = [made(optimizer), made(optimizer)];
    await expect(model.fit(bad.x, bad.y, options)).rejects.toThrow(NumericError);
    let last: number[] = [];
    const onEpochEnd = async () => {
      last = await flat(other);
    };
    await other.fit(good.x, good.y, { ...options, callbacks: [{ onEpochEnd }] });
    expect(await flat(model)).toEqual(last);
    expect(await flat(other)).not.toEqual(last);
  });
});

describe("averages", () => {
  it("are taken where there was a step", async () => {
    const model = made(optimizers.sgd({ useEma: true }));
    const before = await flat(model);
    const onTrainBegin = () => {
      model.stopTraining = true;
    };
    await model.fit(x, y, { ...options, callbacks: [{ onTrainBegin }] });
    expect(await flat(model)).toEqual(before);
  });

  it("are of the weights that a momentum of 0 leaves", async () => {
    const [model, other] = [made(optimizers.sgd({ useEma: true, emaMomentum: 0 })), made(optimizers.sgd())];
    for (const one of [model, other]) await one.fit(x, y, { ...options, epochs: 2 });
    const expected = await flat(other);
    (await flat(model)).forEach((v, i) => {
      expect(v).toBeCloseTo(expected[i]!, 6);
    });
  });
});

describe("a learning rate", () => {
  it("that follows a schedule is that of the next step, and cannot be set", async () => {
    const schedule = schedules.cosineDecay({ initialLearningRate: 0.1, decaySteps: 20 });
    const model = made(optimizers.rmsprop({ learningRate: schedule }));
    expect(await model.getLearningRate()).toBe(schedule(0));
    await model.fit(x, y, options);
    expect(await model.getLearningRate()).toBe(schedule(5));
    await model.fit(x, y, { ...options, epochs: 2 });
    expect(await model.getLearningRate()).toBe(schedule(15));
    await expect(model.setLearningRate(0.1)).rejects.toThrow(
      new StateError(
        "setLearningRate: the learning rate follows a schedule (CosineDecay). Compile with a number to set it.",
      ),
    );
    model.compile({ loss: "mse", optimizer: optimizers.rmsprop() });
    await model.setLearningRate(0.25);
    expect(await model.getLearningRate()).toBe(0.25);
  });

  it("of any optimizer can be set in a fit", async () => {
    const rates = [0.1, 0.05, 0.2, 0, 0.01];
    const values = schedules.piecewiseConstantDecay({ boundaries: [0, 1, 2, 3], values: rates });
    for (const name of ["adadelta", "lion", "muon"] as const) {
      const [model, other] = [made(optimizers[name]({})), made(optimizers[name]({ learningRate: values }))];
      const onTrainBatchBegin = (batch: number) => model.setLearningRate(rates[batch]!);
      await model.fit(x, y, { ...options, callbacks: [{ onTrainBatchBegin }] });
      await other.fit(x, y, options);
      const expected = await flat(other);
      (await flat(model)).forEach((v, i) => {
        expect(v).toBeCloseTo(expected[i]!, 6);
      });
    }
  });
});

describe("state", () => {
  it.each(all)("of %s is given back by a compile, and begins anew", async (_, optimizer) => {
    const backend = referenceBackend();
    const used = async () => (await backend.describe()).memory.used;
    const model = made(optimizer, backend);
    const weights = await model.getWeights();
    const before = await used();
    await model.fit(x, y, options);
    const once = await flat(model);
    expect(await used()).toBeGreaterThan(before);
    model.compile({ loss: distance, optimizer });
    await model.setWeights(weights);
    expect(await used()).toBe(before);
    await model.fit(x, y, options);
    expect(await flat(model)).toEqual(once);
    model.free();
    expect(await used()).toBe(0);
  });
});

describe("a model of shared layers and several outputs", () => {
  /** Two inputs through one layer, a frozen one behind it, and two outputs. */
  function twoOutputs(optimizer: Optimizer, backend: Backend) {
    const [a, b] = [layers.input({ shape: [3] }), layers.input({ shape: [3] })];
    const shared = layers.dense({ units: 5, activation: "tanh" });
    const frozen = layers.dense({ units: 5, activation: "tanh", name: "frozen" });
    frozen.trainable = false;
    const sum = layers.add()([frozen(shared(a)), frozen(shared(b))]);
    const outputs = [layers.dense({ units: 2, name: "one" })(sum), layers.dense({ units: 2, name: "two" })(shared(a))];
    const model = functional({ inputs: [a, b], outputs, seed: 5, backend });
    model.compile({ loss: "mse", lossWeights: [1, 0.3], optimizer });
    return model;
  }

  const everything = { learningRate: 0.02, globalClipnorm: 0.5, useEma: true, emaMomentum: 0.5 };
  it.each(Object.entries(optimizers))("is trained by %s, alike on both backends", async (_, make) => {
    const ends: number[][] = [];
    for (const backend of [referenceBackend(), engine()]) {
      const model = twoOutputs(make.read(everything), backend);
      const before = await model.getWeights();
      const { history } = await model.fit([x, otherX], [y, y], { ...options, epochs: 8 });
      expect(history.loss!.at(-1)).toBeLessThan(history.loss![0]!);
      const after = await model.getWeights();
      const changed = after.map((weight, i) => !weight.equals(before[i]!));
      expect(changed.filter((one) => !one)).toHaveLength(2);
      ends.push(await flat(model));
    }
    ends[0]!.forEach((v, i) => {
      expect(Math.abs(v - ends[1]![i]!)).toBeLessThan(1e-4);
    });
  });
});

describe("the program of a plain optimizer", () => {
  function steps(optimizer: Optimizer) {
    const stack = [
      layers.input({ shape: [12, 12, 1] }),
      layers.conv2d({ filters: 8, kernelSize: 3, activation: "relu" }),
      layers.maxPooling2d(),
      layers.flatten(),
      layers.dense({ units: 10, activation: "softmax" }),
    ];
    const made = new Sequential(stack, { seed: 1 }, referenceBackend);
    const { network } = made;
    const objective = resolveObjective({ loss: "sparse_categorical_crossentropy", optimizer }, made, 0);
    const state = trainingState(objective);
    const batch = {
      xs: [{ dtype: "uint8", rowShape: [12, 12, 1] }],
      ys: [{ dtype: "uint8", rowShape: [] }],
    } as const;
    return { graph: trainingGraph(network, objective, state, batch, "gathered"), state };
  }

  const calls = (graph: Graph) =>
    lowerGraph(graph, { capacity: 16, fuse: true, log: undefined }).schedule.calls.map(
      ({ kernel, op }) => `${kernel} (${op})`,
    );

  /** The update of one weight as its fused op alone. */
  type Fused = (w: Tensor, g: Tensor, slots: readonly Tensor[], state: TrainingState) => Tensor;
  const adam: Fused = (w, g, [m, v], { learningRate, iterations }) =>
    graphOps.adamUpdate([w, m!, v!, g, read(learningRate!), read(iterations)], {
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-7,
    });
  const sgd: Fused = (w, g, _, { learningRate }) => graphOps.sgdUpdate([w, g, read(learningRate!)]);
  const momentum: Fused = (w, g, [velocity], { learningRate }) =>
    graphOps.momentumUpdate([w, velocity!, g, read(learningRate!)], { momentum: 0.9, nesterov: true });

  const cases: readonly (readonly [string, Optimizer, Fused, string, string])[] = [
    ["adam", optimizers.adam(), adam, "adamUpdate (adamUpdate)", "gemmAdam (matmul, adamUpdate)"],
    ["sgd", optimizers.sgd(), sgd, "sgdUpdate (sgdUpdate)", "gemmSgd (matmul, sgdUpdate)"],
    [
      "momentum",
      optimizers.sgd({ momentum: 0.9, nesterov: true }),
      momentum,
      "sgdUpdate (momentumUpdate)",
      "gemmSgd (matmul, momentumUpdate)",
    ],
  ];
  it.each(cases)("%s has one kernel a weight, and nothing else", (_, optimizer, fused, kernel, joined) => {
    const { graph, state } = steps(optimizer);
    // Gradients are what the fused op is given; the rest of the step is all there is besides.
    const [check, ...behind] = graph.effects;
    const updates = behind.filter(({ op }) => op.endsWith("Update"));
    const others = behind.filter(({ op }) => !op.endsWith("Update"));
    expect([check!.op, ...others.map(({ op }) => op)]).toEqual(["checkFinite", "increment", "increment"]);
    const gradients = updates.map(({ inputs }) => inputs.find((tensor) => tensor.op !== "variable")!);
    const byHand = [...state.slots].map(([weight, slots], i) =>
      fused(read(weight), gradients[i]!, slots.map(read), state),
    );
    const listed = calls(graph);
    expect(listed).toEqual(calls({ ...graph, effects: [check!, ...byHand, ...others] }));
    // The dense layer's is done by the product that makes its gradient.
    expect(listed.filter((name) => name === kernel || name === joined)).toHaveLength(4);
    expect(listed).toContain(joined);
    expect(listed.filter((name) => name.startsWith("assign"))).toEqual([]);
  });
});
