/** Training with penalties and constraints against Keras, on every backend: every loss, and the weights at the end. */

import { afterAll, describe, expect, it } from "vitest";
import type { Tensor } from "../src/graph/tensor.js";
import {
  constraints,
  layers,
  losses,
  model,
  type NDArray,
  type Optimizer,
  ops,
  optimizers,
  regularizers,
  sequential,
} from "../src/index.js";
import { golden } from "./support/goldens.js";
import { allBackends, closeBackends, type NamedBackend, relativeMiss } from "./support/run-graph.js";

interface Trained {
  readonly losses: readonly number[];
  readonly accuracies: readonly number[];
  readonly evaluated: number;
  readonly end: readonly NDArray[];
}

const { x, y, start, cases, uneven, within } = golden<{
  x: NDArray;
  y: NDArray;
  start: readonly NDArray[];
  cases: Readonly<Record<string, Trained>>;
  uneven: Readonly<Record<string, Trained>>;
  within: Omit<Trained, "accuracies"> & { readonly x: NDArray; readonly start: readonly NDArray[] };
}>("weights-training");

type Options<Make extends (options: never) => unknown> = Partial<NonNullable<Parameters<Make>[0]>>;

interface Setup {
  readonly convolution?: Options<typeof layers.conv2d>;
  readonly slope?: Options<typeof layers.pReLU>;
  readonly dense?: Options<typeof layers.dense>;
  readonly frozen?: boolean;
  readonly optimizer: () => Optimizer;
}

const cubes = (w: Tensor) => ops.multiply(0.02, ops.sum(ops.multiply(ops.square(w), ops.absolute(w))));
const many = (w: Tensor) => ops.multiply(0.02, ops.square(w));
const halves = (w: Tensor) => ops.where(ops.greater(ops.absolute(w), 0.4), ops.divide(w, 2), w);

const sgd = () => optimizers.sgd({ learningRate: 0.1 });
const momentum = () => optimizers.sgd({ learningRate: 0.05, momentum: 0.8, nesterov: true });
const adam = () => optimizers.adam({ learningRate: 0.02 });
const axis = [0, 1, 2];

const setups: Readonly<Record<string, Setup>> = {
  l1: {
    convolution: { kernelRegularizer: regularizers.l1({ l1: 0.02 }) },
    dense: { kernelRegularizer: "l1" },
    optimizer: sgd,
  },
  l2: {
    convolution: { kernelRegularizer: "l2" },
    dense: { kernelRegularizer: { className: "L2", config: { l2: 0.1 } } },
    optimizer: adam,
  },
  "l1 and l2": { convolution: { kernelRegularizer: regularizers.l1l2({ l1: 0.01, l2: 0.03 }) }, optimizer: momentum },
  "orthogonal rows": {
    dense: { kernelRegularizer: regularizers.orthogonalRegularizer({ factor: 2 }) },
    optimizer: sgd,
  },
  "orthogonal columns": {
    dense: { kernelRegularizer: regularizers.orthogonalRegularizer({ factor: 0.5, mode: "columns" }) },
    optimizer: adam,
  },
  own: {
    convolution: { kernelRegularizer: cubes },
    dense: { biasRegularizer: many, kernelRegularizer: many },
    optimizer: sgd,
  },
  bias: {
    convolution: { biasRegularizer: regularizers.l2({ l2: 0.5 }) },
    dense: { biasRegularizer: regularizers.l1({ l1: 0.1 }) },
    optimizer: adam,
  },
  alpha: { slope: { alphaRegularizer: regularizers.l1({ l1: 0.05 }) }, optimizer: sgd },
  activity: {
    convolution: { activityRegularizer: regularizers.l1 },
    slope: { activityRegularizer: "l2" },
    dense: { activityRegularizer: regularizers.l2({ l2: 0.05 }) },
    optimizer: sgd,
  },
  frozen: {
    convolution: { kernelRegularizer: regularizers.l2({ l2: 0.5 }), activityRegularizer: "l1" },
    dense: { kernelRegularizer: "l2" },
    frozen: true,
    optimizer: sgd,
  },
  maxNorm: {
    convolution: { kernelConstraint: constraints.maxNorm({ maxValue: 0.9, axis }) },
    dense: { kernelConstraint: { className: "MaxNorm", config: { maxValue: 1.2 } } },
    optimizer: sgd,
  },
  nonNeg: {
    convolution: { biasConstraint: "nonNeg" },
    slope: { alphaConstraint: constraints.nonNeg },
    dense: { kernelConstraint: "non_neg" },
    optimizer: adam,
  },
  unitNorm: {
    convolution: { kernelConstraint: constraints.unitNorm({ axis }) },
    dense: { kernelConstraint: "unitNorm", biasConstraint: "unit_norm" },
    optimizer: momentum,
  },
  minMaxNorm: {
    convolution: { kernelConstraint: constraints.minMaxNorm({ minValue: 0.8, maxValue: 1.1, rate: 0.5, axis }) },
    dense: { kernelConstraint: "minMaxNorm" },
    optimizer: adam,
  },
  "own constraint": {
    convolution: { kernelConstraint: halves },
    dense: { biasConstraint: halves },
    optimizer: momentum,
  },
  "penalty and constraint": {
    convolution: { kernelRegularizer: "l2", kernelConstraint: constraints.maxNorm({ maxValue: 1, axis }) },
    slope: { alphaRegularizer: "l1", alphaConstraint: "nonNeg" },
    dense: { kernelRegularizer: regularizers.l1l2({ l1: 0.01, l2: 0.01 }), kernelConstraint: "unitNorm" },
    optimizer: sgd,
  },
};

const backends = allBackends();
afterAll(() => closeBackends(backends));

async function train(
  { convolution, slope, dense, frozen, optimizer }: Setup,
  batch: number,
  { backend }: NamedBackend,
) {
  const first = layers.conv2d({ filters: 4, kernelSize: 3, ...convolution });
  first.trainable = frozen !== true;
  const network = sequential(
    [
      layers.input({ shape: [5, 5, 2] }),
      first,
      layers.pReLU(slope),
      layers.flatten(),
      layers.dense({ units: 3, ...dense }),
    ],
    { backend },
  );
  await network.setWeights(start);
  network.compile({
    loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }),
    optimizer: optimizer(),
    metrics: ["accuracy"],
  });
  const epochs = batch === y.size ? 20 : 4;
  const { history } = await network.fit(x, y, { batchSize: batch, epochs, shuffle: false, verbose: 0 });
  const { loss } = await network.evaluate(x, y, { batchSize: batch, verbose: 0 });
  const end = await network.getWeights();
  network.free();
  return { losses: history.loss!, accuracies: history.accuracy!, evaluated: loss!, end };
}

async function follows(name: string, batch: number, expected: Trained): Promise<void> {
  const byModule = new Map<string, unknown>();
  for (const named of backends) {
    const found = await train(setups[name]!, batch, named);
    const [module] = named.name.split(",");
    expect(found, `${named.name}: to the bit as with one thread`).toEqual(byModule.get(module!) ?? found);
    byModule.set(module!, found);
    expect(relativeMiss(found.losses, expected.losses), `${named.name}: losses`).toBeLessThan(1e-4);
    expect(relativeMiss(found.accuracies, expected.accuracies), `${named.name}: accuracies`).toBeLessThan(1e-6);
    expect(relativeMiss([found.evaluated], [expected.evaluated]), `${named.name}: evaluated`).toBeLessThan(1e-4);
    expected.end.forEach((weights, i) => {
      expect(relativeMiss(found.end[i]!.data, weights.data), `${named.name}: weights ${i}`).toBeLessThan(1e-4);
    });
  }
}

describe("20 steps with", () => {
  it.each(Object.entries(cases))("%s", (name, expected) => follows(name, y.size, expected));
});

it("penalties within an inner model, and of a layer that is used twice", async () => {
  for (const { name, backend } of backends) {
    const shared = layers.dense({
      units: 5,
      activityRegularizer: regularizers.l2({ l2: 0.1 }),
      kernelRegularizer: "l2",
    });
    const entry = layers.input({ shape: [4] });
    const head = layers.dense({ units: 3, activityRegularizer: "l1", biasConstraint: "nonNeg" })(shared(entry));
    const inner = model({ inputs: entry, outputs: head });
    const input = layers.input({ shape: [4] });
    const sum = layers.add({ activityRegularizer: regularizers.l2({ l2: 0.02 }) });
    const outputs = sum([inner(input), layers.dense({ units: 3 })(shared(input))]);
    const outer = model({ inputs: input, outputs, backend });
    await outer.setWeights(within.start);
    outer.compile({ loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }), optimizer: sgd() });
    const options = { batchSize: 5, verbose: 0 } as const;
    const { history } = await outer.fit(within.x, y, { ...options, epochs: 6, shuffle: false });
    expect(relativeMiss(history.loss!, within.losses), name).toBeLessThan(1e-4);
    const { loss } = await outer.evaluate(within.x, y, options);
    expect(relativeMiss([loss!], [within.evaluated]), name).toBeLessThan(1e-4);
    const end = await outer.getWeights();
    within.end.forEach((weights, i) => {
      expect(relativeMiss(end[i]!.data, weights.data), `${name}: weights ${i}`).toBeLessThan(1e-4);
    });
    outer.free();
  }
});

describe("epochs of uneven batches with", () => {
  it.each(Object.entries(uneven))("%s", (name, expected) => follows(name, 5, expected));
});
