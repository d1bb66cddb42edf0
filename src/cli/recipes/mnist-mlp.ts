/** The lecture's dense network on MNIST. */

import type { Recipe } from "./recipe.js";

export const mnistMlp: Recipe = {
  name: "mnist-mlp",
  title: "dense network (512, 256, 128 units) on MNIST",
  dataset: "mnist",
  epochs: 5,
  batchSize: 128,
  learningRate: 1e-3,
  validationSplit: 0.15,
  layers: (layers) => [
    layers.input({ shape: [28, 28, 1] }),
    layers.rescaling({ scale: 1 / 255 }),
    layers.flatten(),
    layers.dense({ units: 512, activation: "relu" }),
    layers.dense({ units: 256, activation: "relu" }),
    layers.dense({ units: 128, activation: "relu" }),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 10, activation: "softmax" }),
  ],
};
