/** What penalties and constraints mean for a model in training. Numbers: test/goldens-weights-training.test.ts. */

import { describe, expect, it } from "vitest";
import { NumericError, ShapeError } from "../core/errors.js";
import type { Tensor } from "../graph/tensor.js";
import { array, constraints, layers, ops, optimizers, regularizers, sequential } from "../index.js";

const x = array([
  [1, 2],
  [3, -4],
  [-5, 6],
  [0.5, 0.25],
]);
const y = array([[1], [-2], [3], [0]]);

type DenseOptions = Omit<Parameters<typeof layers.dense>[0], "units">;

function compiled(options: DenseOptions, learningRate = 0.05) {
  const model = sequential([layers.input({ shape: [2] }), layers.dense({ units: 1, ...options })], { seed: 3 });
  model.compile({ loss: "mse", optimizer: optimizers.sgd({ learningRate }), metrics: ["mae"] });
  return model;
}

describe("constraints", () => {
  it("hold after every step, and what a callback sees is what the next step begins with", async () => {
    const model = compiled({ kernelConstraint: "unitNorm" });
    const norms: number[] = [];
    await model.fit(x, y, {
      batchSize: 1,
      epochs: 3,
      verbose: 0,
      callbacks: [
        {
          async onTrainBatchEnd() {
            const [kernel] = await model.getWeights();
            norms.push(Math.hypot(...kernel!.data));
          },
        },
      ],
    });
    expect(norms).toHaveLength(12);
    for (const norm of norms) expect(Math.abs(norm - 1)).toBeLessThan(1e-6);
    model.free();
  });

  it("do nothing before the first step, nor to a layer that is frozen", async () => {
    const layer = layers.dense({ units: 1, kernelInitializer: "ones", kernelConstraint: "unitNorm" });
    layer.trainable = false;
    const model = sequential([layers.input({ shape: [2] }), layer, layers.dense({ units: 1 })]);
    model.compile({ loss: "mse", optimizer: "sgd" });
    await model.fit(x, y, { epochs: 2, verbose: 0 });
    expect([...(await model.getWeights())[0]!.data]).toEqual([1, 1]);
    model.free();
  });

  it("may leave a weight as it is, or nothing of it", async () => {
    const [free, same] = [compiled({}), compiled({ kernelConstraint: (w) => w })];
    for (const model of [free, same]) await model.fit(x, y, { epochs: 3, verbose: 0 });
    expect([...(await same.getWeights())[0]!.data]).toEqual([...(await free.getWeights())[0]!.data]);
    const none = compiled({ kernelConstraint: (w) => ops.multiply(w, 0) });
    await none.fit(x, y, { epochs: 3, verbose: 0 });
    expect((await none.getWeights())[0]!.data.every((v) => v === 0)).toBe(true);
    for (const model of [free, same, none]) model.free();
  });

  it("do not hide a weight that is not finite", async () => {
    const model = compiled({ kernelConstraint: "nonNeg", biasConstraint: constraints.maxNorm() }, 1e30);
    const before = await model.getWeights();
    await expect(model.fit(x, y, { batchSize: 4, epochs: 9, verbose: 0 })).rejects.toThrow(NumericError);
    for (const [i, weights] of (await model.getWeights()).entries()) {
      expect(weights.data.every(Number.isFinite)).toBe(true);
      expect(weights.shape).toEqual(before[i]!.shape);
    }
    model.free();
  });

  it("are refused with the name of the weight where they do not fit it", async () => {
    const model = compiled({ biasConstraint: constraints.unitNorm({ axis: 1 }) });
    await expect(model.fit(x, y, { verbose: 0 })).rejects.toThrow(/^dense\/bias: axis 1 does not exist/);
    const own = compiled({ kernelConstraint: (w: Tensor) => ops.sum(w) });
    await expect(own.fit(x, y, { verbose: 0 })).rejects.toThrow(/^dense\/kernel: a constraint of your own must make/);
    model.free();
    own.free();
  });
});

describe("regularizers", () => {
  it("are in the loss of fit and evaluate, and in no metric", async () => {
    const penalty = regularizers.l2({ l2: 2 });
    const [plain, penalised] = [compiled({}), compiled({ kernelRegularizer: penalty, activityRegularizer: penalty })];
    const [w] = await plain.getWeights();
    const outputs = (await plain.predict(x)).data;
    const squares = (values: Iterable<number>) => [...values].reduce((sum, v) => sum + v * v, 0);
    const expected = 2 * squares(w!.data) + (2 * squares(outputs)) / 4;
    const [a, b] = [await plain.evaluate(x, y, { verbose: 0 }), await penalised.evaluate(x, y, { verbose: 0 })];
    expect(b.loss! - a.loss!).toBeCloseTo(expected, 4);
    expect(b.mae).toBe(a.mae);
    const { history } = await penalised.fit(x, y, { epochs: 1, verbose: 0, validationData: [x, y] });
    expect(history.loss![0]).toBeCloseTo(b.loss!, 4);
    const after = await penalised.evaluate(x, y, { verbose: 0 });
    expect(history.val_loss![0]).toBeCloseTo(after.loss!, 5);
    plain.free();
    penalised.free();
  });

  it("are refused at compile, with the name of the weight, where they do not fit it", () => {
    expect(() => compiled({ kernelRegularizer: regularizers.orthogonalRegularizer({ mode: "columns" }) })).toThrow(
      new ShapeError("dense/kernel: orthogonalRegularizer expects a matrix of at least two columns, received [2, 1]."),
    );
    const wrong = (() => 3) as unknown as () => Tensor;
    expect(() => compiled({ activityRegularizer: wrong })).toThrow(/^dense: a regularizer of your own must make/);
  });
});
