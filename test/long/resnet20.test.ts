/** ResNet-20 learns on real pictures: an epoch of 5,000 of CIFAR-10. */

import { losses, metrics, optimizers } from "fovea";
import { expect, it } from "vitest";
import { resnet20 } from "../../examples/resnet20.js";
import { cifar10 } from "../support/cifar10.js";

it("an epoch of ResNet-20 on 5,000 pictures of CIFAR-10 makes the loss fall", async () => {
  const { images, labels } = await cifar10(5000);
  const network = resnet20(10);
  network.compile({
    loss: losses.sparseCategoricalCrossentropy(),
    optimizer: optimizers.sgd({ learningRate: 0.05, momentum: 0.9 }),
    metrics: [metrics.sparseCategoricalAccuracy({ name: "acc" })],
  });
  const steps: number[] = [];
  const watch = { onTrainBatchEnd: (_: number, logs?: Record<string, number>) => void steps.push(logs!.loss!) };
  const pictures = images.astype("float32").divide(255);
  await network.fit(pictures, labels, { batchSize: 64, epochs: 1, verbose: 0, callbacks: [watch] });
  // What a batch's log has is the mean so far.
  const batches = steps.map((mean, i) => mean * (i + 1) - (i > 0 ? steps[i - 1]! * i : 0));
  const mean = (list: readonly number[]) => list.reduce((sum, loss) => sum + loss, 0) / list.length;
  const third = Math.floor(steps.length / 3);
  const [first, second, last] = [0, 1, 2].map((part) => mean(batches.slice(part * third, (part + 1) * third)));
  expect(second).toBeLessThan(first!);
  expect(last).toBeLessThan(second!);
  // Ten classes of one size: by chance a tenth is right.
  const { acc } = await network.evaluate(pictures, labels, { verbose: 0 });
  expect(acc).toBeGreaterThan(0.2);
});
