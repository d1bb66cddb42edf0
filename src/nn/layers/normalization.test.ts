/** Layers that normalize: adapting to data, and numbers that are all alike; what Keras computes is in test/goldens-layers.test.ts. */

import { describe, expect, it } from "vitest";
import { numbers } from "../../../test/support/evaluate.js";
import { referenceBackend } from "../../backends/reference/reference.js";
import { DataError, ShapeError, StateError } from "../../core/errors.js";
import { array, fromTyped, zeros } from "../../core/ndarray-create.js";
import { input } from "../../graph/leaves.js";
import { Sequential } from "../../models/sequential.js";
import type { Layer } from "../layer.js";
import { layers } from "./index.js";

describe("normalization", () => {
  const data = array([
    [0, 7, 4],
    [2, 9, 6],
    [0, 7, 4],
    [2, 9, 6],
  ]);

  function predictor(layer: Layer): Sequential {
    return new Sequential([layers.input({ shape: [3] }), layer], { seed: 1 }, referenceBackend);
  }

  it("adapts before a model first uses it, and is a weight from then on", async () => {
    const layer = layers.normalization();
    const model = predictor(layer);
    layer.adapt(
      array([
        [1, 1, 1],
        [5, 5, 5],
      ]),
    );
    layer.adapt(data);
    expect([...(await model.predict(array([[0, 7, 4]]))).data]).toEqual([-1, -1, -1]);
    expect(() => layer.adapt(data)).toThrow(
      new StateError(
        "normalization: adapt: a model has taken this layer's mean and variance as weights. Adapt before the model is first used, or set its weights.",
      ),
    );
    expect((await model.getWeights()).map((weight) => [...weight.data])).toEqual([[1, 8, 5], [1, 1, 1], [0]]);
    await model.setWeights([array([0, 0, 0]), array([4, 4, 4]), fromTyped(new Float32Array(1), [])]);
    expect([...(await model.predict(array([[0, 7, 4]]))).data]).toEqual([0, 3.5, 2]);
  });

  it("adapts to batches as to the whole, far from 0 too", () => {
    const far = array(
      [
        [1e8, 1],
        [1e8 + 1, 2],
        [1e8 + 2, 6],
      ],
      { dtype: "float64" },
    );
    const found = (given: Parameters<ReturnType<typeof layers.normalization>["adapt"]>[0]) => {
      const layer = layers.normalization();
      layer.adapt(given);
      const specs = layer.weightSpecs([null, 2]);
      return specs.slice(0, 2).map(({ shape, initializer }) => [...initializer.generate(shape, undefined as never)]);
    };
    const whole = found(far);
    expect(whole[1]![0]).toBeCloseTo(2 / 3, 6);
    const batches = function* () {
      yield far.slice([0, 2]);
      yield far.slice([2, 3]);
    };
    expect(found(batches())).toEqual(whole);
    expect(found([far])).toEqual(whole);
  });

  it("refuses data that it cannot adapt to", () => {
    const layer = layers.normalization({ name: "scale" });
    expect(() => layer.adapt([])).toThrow(new DataError("scale: adapt: there is no data."));
    expect(() => layer.adapt(fromTyped(new Float32Array(0), [0, 3]))).toThrow(DataError);
    expect(() => layer.adapt(3 as never)).toThrow(DataError);
    expect(() => layer.adapt([3] as never)).toThrow(DataError);
    expect(() => layer.adapt(array([[1, Number.NaN]]))).toThrow(
      new DataError("scale: adapt: the data has numbers that are not finite."),
    );
    expect(() => layer.adapt([data, data.slice(null, [0, 2])])).toThrow(
      new ShapeError("scale: adapt: rows of [3] expected, received [4, 2]."),
    );
    expect(() => layer.adapt(array([1, 2]))).toThrow("scale: adapt: axis -1 of [2] is the batch");
    expect(() => layers.normalization({ mean: 1, variance: 1 }).adapt(data)).toThrow(
      new StateError("normalization: adapt: mean and variance were given as options."),
    );
    layer.adapt(data);
    expect(() => layer.weightSpecs([null, 4])).toThrow(
      new ShapeError("scale: it was adapted to data with [3] on its axes, but an input of [null, 4] has [4]."),
    );
  });

  it("adapts only to data of the width that it was built for, as Keras does", () => {
    const layer = layers.normalization({ name: "scale" });
    predictor(layer);
    expect(() => layer.adapt(array([[1, 2]]))).toThrow(
      new ShapeError("scale: adapt: data of [1, 2] has [2] on the layer's axes, but the layer was built for [3]."),
    );
    layer.adapt(data);
    const pictures = layers.normalization();
    new Sequential([layers.input({ shape: [4, 4, 3] }), pictures], {}, referenceBackend);
    pictures.adapt(zeros([2, 6, 5, 3]));
    expect(() => pictures.adapt(zeros([2, 4, 4, 1]))).toThrow("but the layer was built for [3].");
  });
});

it("normalization divides by 1e-7 where there is no variance, as Keras", () => {
  const x = input("x", [null, 1], "float32");
  const of = (layer: Layer) => numbers(layer.call(x), { rows: 1, inputs: new Map([[x, [3]]]) })[0]!;
  expect(of(layers.normalization({ mean: 1, variance: 0 }))).toBeCloseTo(2e7, 5);
  expect(of(layers.normalization({ mean: 1, variance: 0, invert: true }))).toBeCloseTo(1 + 3e-7, 12);
});

it("normalizing what is all alike, or all 0, gives no infinities", () => {
  const x = input("x", [null, 3], "float32");
  const of = (layer: Layer, values: number[]) => {
    const [gamma, beta] = [input("gamma", [3], "float32"), input("beta", [3], "float32")];
    const y = layer.call(x, layer.weightSpecs([null, 3]).length > 0 ? { gamma, beta } : {});
    const inputs = new Map([
      [x, values],
      [gamma, [1, 1, 1]],
      [beta, [0, 0, 0]],
    ]);
    return numbers(y, { rows: 1, inputs });
  };
  expect(of(layers.layerNormalization(), [5, 5, 5])).toEqual([0, 0, 0]);
  expect(of(layers.groupNormalization({ groups: 1 }), [5, 5, 5])).toEqual([0, 0, 0]);
  expect(of(layers.unitNormalization(), [0, 0, 0])).toEqual([0, 0, 0]);
});
