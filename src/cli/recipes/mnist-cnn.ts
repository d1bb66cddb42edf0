/** The lecture's convolutional network on MNIST. */

import type { Recipe } from "./recipe.js";

export const mnistCnn: Recipe = {
  name: "mnist-cnn",
  title: "convolutional network (4 layers) on MNIST",
  dataset: "mnist",
  epochs: 1,
  batchSize: 128,
  learningRate: 1e-3,
  validationSplit: 0.15,
  layers: (layers) => [
    layers.input({ shape: [28, 28, 1] }),
    layers.rescaling({ scale: 1 / 255 }),
    layers.conv2d({ filters: 64, kernelSize: [3, 3], activation: "relu" }),
    layers.conv2d({ filters: 64, kernelSize: [3, 3], activation: "relu" }),
    layers.maxPooling2d({ poolSize: [2, 2] }),
    layers.conv2d({ filters: 128, kernelSize: [3, 3], activation: "relu" }),
    layers.conv2d({ filters: 128, kernelSize: [3, 3], activation: "relu" }),
    layers.globalAveragePooling2d(),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 10, activation: "softmax" }),
  ],
};
