/** Trains the lecture's dense network on MNIST and scores it: fovea as a library. The README shows the same program. */
// biome-ignore-all lint/correctness/noUnusedVariables: what the program leaves is for the reader to use

import { datasets, layers, losses, metrics, optimizers, sequential } from "fovea";

const { train, test } = await datasets.mnist.load(); // NDArrays: images [60000, 28, 28] uint8, labels [60000] uint8
const model = sequential(
  [
    layers.input({ shape: [28, 28, 1] }),
    layers.flatten(),
    layers.dense({ units: 512, activation: "relu" }),
    layers.dense({ units: 256, activation: "relu" }),
    layers.dense({ units: 128, activation: "relu" }),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 10, activation: "softmax" }),
  ],
  { seed: 7 },
);
console.log(model.summary());
model.compile({
  loss: losses.sparseCategoricalCrossentropy(),
  optimizer: optimizers.adam({ learningRate: 1e-3 }),
  metrics: [metrics.sparseCategoricalAccuracy({ name: "acc" })],
});
const images = train.images.expandDims(-1).astype("float32").divide(255); // as the notebook does it
const history = await model.fit(images, train.labels, { batchSize: 128, epochs: 5, validationSplit: 0.15 });
const score = await model.evaluate(test.images.expandDims(-1).astype("float32").divide(255), test.labels); // { loss, acc }
const predictions = await model.predict(test.images.expandDims(-1).astype("float32").divide(255));
predictions.argmax(1);
