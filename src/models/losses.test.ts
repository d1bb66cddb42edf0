/** Training by every kind of reduction, with an ignored class, and by losses of one's own, against Keras on every backend. */

import { afterAll, describe, expect, it } from "vitest";
import { golden } from "../../test/support/goldens.js";
import { allBackends, closeBackends } from "../../test/support/run-graph.js";
import type { Backend } from "../backends/backend.js";
import type { Tensor } from "../graph/tensor.js";
import { type CompileOptions, layers, losses, type NDArray, ops, optimizers, sequential } from "../index.js";

interface Trained {
  readonly y: NDArray;
  readonly losses: readonly number[];
  readonly evaluated: number;
  readonly end: readonly NDArray[];
}

const { x, start, cases } = golden<{
  x: NDArray;
  start: readonly NDArray[];
  cases: Readonly<Record<string, Trained>>;
}>("losses-training");

const distance = (yTrue: Tensor, yPred: Tensor): Tensor => {
  const error = ops.subtract(yTrue, yPred);
  return ops.add(ops.absolute(error), ops.multiply(0.5, ops.square(error)));
};
const ignoring = { fromLogits: true, ignoreClass: 255 } as const;

const objectives: Readonly<Record<string, CompileOptions["loss"]>> = {
  mean: losses.meanSquaredError(),
  sum: losses.meanSquaredError({ reduction: "sum" }),
  ignoring: losses.sparseCategoricalCrossentropy(ignoring),
  "ignoring, sum": losses.sparseCategoricalCrossentropy({ ...ignoring, reduction: "sum" }),
  smoothed: losses.categoricalCrossentropy({ fromLogits: true, labelSmoothing: 0.2 }),
  own: distance,
  "own, a scalar": (yTrue: Tensor, yPred: Tensor) => ops.mean(distance(yTrue, yPred)),
};

const backends = allBackends();
afterAll(() => closeBackends(backends));

function compiled(loss: CompileOptions["loss"], backend: Backend) {
  const model = sequential(
    [layers.input({ shape: [4] }), layers.dense({ units: 5, activation: "mish" }), layers.dense({ units: 3 })],
    { backend },
  );
  model.compile({ loss, optimizer: optimizers.sgd({ learningRate: 0.02 }) });
  return model;
}

describe("training by", () => {
  const each = Object.entries(cases).flatMap(([name, item]) =>
    backends.map((one) => [name, one.name, item, one] as const),
  );
  it.each(each)("%s: %s", async (name, _, { y, losses: logged, evaluated, end }, { backend }) => {
    const model = compiled(objectives[name]!, backend);
    await model.setWeights(start);
    const { history } = await model.fit(x, y, { batchSize: 8, epochs: logged.length, shuffle: false, verbose: 0 });
    expect(history.loss).toEqual(logged.map((loss) => expect.closeTo(loss, 4)));
    const { loss } = await model.evaluate(x, y, { batchSize: 8, verbose: 0 });
    expect(Math.abs(loss! - evaluated)).toBeLessThan(1e-4 * evaluated);
    const weights = await model.getWeights();
    end.forEach((expected, i) => {
      expect(weights[i]!.allClose(expected, { rtol: 1e-4, atol: 1e-5 })).toBe(true);
    });
    model.free();
  });

  it("an ignored class alone lets labels outside the classes in", async () => {
    const model = compiled(
      losses.sparseCategoricalCrossentropy({ fromLogits: true, ignoreClass: 254 }),
      backends[0]!.backend,
    );
    await expect(model.fit(x, cases.ignoring!.y, { verbose: 0 })).rejects.toThrow(
      "fit: y[1] is 255, but the model has 3 outputs: class numbers go from 0 to 2.",
    );
    model.free();
  });
});
