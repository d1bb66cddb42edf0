/** ResNet-20 for pictures of 32 x 32 x 3 (He et al., Deep residual learning, CVPR 2016), trained on gratings made here. */
import { fromTyped, layers, losses, metrics, model, optimizers, randomStream, type Symbolic } from "fovea";

const plain = { padding: "same", useBias: false, kernelInitializer: "heNormal" } as const;

/** A convolution, normalised. */
function convolution(x: Symbolic, filters: number, kernelSize: number, strides = 1) {
  return layers.batchNormalization({ momentum: 0.7 })(layers.conv2d({ ...plain, filters, kernelSize, strides })(x));
}

const relu = (x: Symbolic) => layers.reLU()(x);

/** Two convolutions, and a way around them: as it is, or by a convolution of one pixel where sizes change. */
function block(x: Symbolic, filters: number, strides: number) {
  const y = convolution(relu(convolution(x, filters, 3, strides)), filters, 3);
  return relu(layers.add()([y, strides === 1 ? x : convolution(x, filters, 1, strides)]));
}

/** Nine blocks in three stages, each of half the size and twice the channels of the one before. */
export function resnet20(classes: number) {
  const inputs = layers.input({ shape: [32, 32, 3] });
  let x = relu(convolution(inputs, 16, 3));
  for (const filters of [16, 32, 64]) {
    for (let i = 0; i < 3; i++) x = block(x, filters, filters > 16 && i === 0 ? 2 : 1);
  }
  const outputs = layers.dense({ units: classes, activation: "softmax" })(layers.globalAveragePooling2d()(x));
  return model({ inputs, outputs, seed: 1, name: "resnet20" });
}

/** Noisy pictures of waves in one of four directions, which are their classes. */
function gratings(count: number, purpose: string) {
  const images = randomStream(1, "gratings", purpose).uniform({ shape: [count, 32, 32, 3], high: 0.5 });
  images.data.forEach((noise, i) => {
    const [n, row, column] = [Math.floor(i / 3072), Math.floor(i / 96) % 32, Math.floor(i / 3) % 32];
    const turn = (n % 4) * (Math.PI / 4);
    images.data[i] = noise + Math.sin(0.8 * (Math.cos(turn) * column + Math.sin(turn) * row) + n) / 4 + 0.25;
  });
  return { images, labels: fromTyped(Int32Array.from({ length: count }, (_, n) => n % 4)) };
}

const [train, test] = [gratings(128, "train"), gratings(64, "test")];
const network = resnet20(4);
console.log(network.summary());
network.compile({
  loss: losses.sparseCategoricalCrossentropy(),
  optimizer: optimizers.sgd({ learningRate: 0.01, momentum: 0.9 }),
  metrics: [metrics.sparseCategoricalAccuracy({ name: "acc" })],
});
await network.fit(train.images, train.labels, { batchSize: 32, epochs: 8 });
export const score = await network.evaluate(test.images, test.labels); // { loss, acc }
