/** How well the notebook's networks learn on all of MNIST: means over three seeds, against Keras on TensorFlow's range. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recipes } from "../../src/cli/recipes/index.js";
import {
  type Backend,
  createBackend,
  datasets,
  type ImageDataset,
  layers,
  metrics,
  optimizers,
  sequential,
} from "../../src/index.js";

let data: ImageDataset;
let backend: Backend;
beforeAll(async () => {
  data = await datasets.mnist.load();
  backend = createBackend();
});
afterAll(() => backend.close());

interface Outcome {
  readonly accuracy: number;
  readonly loss: number;
  readonly valAccuracy: number;
}

async function train(name: keyof typeof recipes, seed: number): Promise<Outcome> {
  const { epochs, batchSize, ...recipe } = recipes[name];
  using model = sequential(recipe.layers(layers), { seed, backend });
  model.compile({
    loss: "sparse_categorical_crossentropy",
    optimizer: optimizers.adam({ learningRate: 1e-3 }),
    metrics: [metrics.sparseCategoricalAccuracy({ name: "acc" })],
  });
  const { history } = await model.fit(data.train.images.expandDims(-1), data.train.labels, {
    batchSize,
    epochs,
    validationSplit: 0.15,
    verbose: 0,
  });
  const { acc, loss } = await model.evaluate(data.test.images.expandDims(-1), data.test.labels, { verbose: 0 });
  return { accuracy: acc!, loss: loss!, valAccuracy: history.val_acc!.at(-1)! };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

async function outcomes(name: keyof typeof recipes): Promise<Outcome[]> {
  const all: Outcome[] = [];
  for (const seed of [1, 2, 3]) all.push(await train(name, seed));
  console.log(name, all);
  return all;
}

describe("on all of MNIST, the mean of three seeds", () => {
  it("the MLP reaches 0.975 with a loss of at most 0.10 after 5 epochs", { timeout: 600_000 }, async () => {
    const all = await outcomes("mnist-mlp");
    expect(mean(all.map(({ accuracy }) => accuracy))).toBeGreaterThanOrEqual(0.975);
    expect(mean(all.map(({ loss }) => loss))).toBeLessThanOrEqual(0.1);
  });

  it("the CNN reaches a validation accuracy of 0.957 after 1 epoch", { timeout: 3_600_000 }, async () => {
    const all = await outcomes("mnist-cnn");
    expect(mean(all.map(({ valAccuracy }) => valAccuracy))).toBeGreaterThanOrEqual(0.957);
  });
});
