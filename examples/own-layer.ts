/** A layer of one's own, with options and weights: bells around centres that training moves, by which a disc is found. */

import { array, checks, defineLayer, initializers, layers, ops, randomStream, sequential } from "fovea";

/** y[j] = exp(-(distance of x to centre j / width)²): [batch, n] becomes [batch, units]. */
const bells = defineLayer({
  className: "Bells",
  call: "bells",
  options: { units: checks.positiveInteger(), width: checks.withDefault(checks.positiveNumber(), 1) },
  outputShape: ({ units }, [batch]) => [batch!, units],
  weights: ({ units }, inputShape) => [
    {
      name: "centres",
      shape: [inputShape.at(-1)!, units],
      initializer: initializers.randomUniform({ minval: -1, maxval: 1 }),
      trainable: true,
    },
  ],
  build(x, { options: { width }, weights }) {
    const centres = weights.centres!;
    // |x - c|² = |x|² + |c|² - 2 x · c
    const sizes = ops.add(
      ops.sum(ops.square(x), { axis: -1, keepdims: true }),
      ops.sum(ops.square(centres), { axis: 0 }),
    );
    const squares = ops.subtract(sizes, ops.multiply(2, ops.matmul(x, centres)));
    return ops.exp(ops.divide(squares, -(width ** 2)));
  },
});

const points = randomStream(1, "points").uniform({ shape: [1000, 2], low: -1, high: 1 });
const inside = array(Uint8Array.from({ length: 1000 }, (_, i) => (Math.hypot(...points.slice(i).data) < 0.7 ? 1 : 0)));

const model = sequential(
  [layers.input({ shape: [2] }), bells({ units: 8, width: 0.6 }), layers.dense({ units: 2, activation: "softmax" })],
  { seed: 7 },
);
console.log(model.summary());
model.compile({ loss: "sparse_categorical_crossentropy", optimizer: "adam", metrics: ["accuracy"] });
await model.fit(points, inside, { batchSize: 20, epochs: 40, verbose: 0 });
export const score = await model.evaluate(points, inside, { verbose: 0 }); // { loss, accuracy }
console.log(score);
