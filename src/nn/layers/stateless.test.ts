/** What layers without moving state refuse and keep, beside what test/goldens-layers.test.ts holds against Keras. */

import { describe, expect, it } from "vitest";
import { numbers } from "../../../test/support/evaluate.js";
import { referenceBackend } from "../../backends/reference/reference.js";
import { DataError, OptionError, ShapeError, StateError } from "../../core/errors.js";
import { array, fromTyped, zeros } from "../../core/ndarray-create.js";
import { input } from "../../graph/leaves.js";
import { Sequential } from "../../models/sequential.js";
import type { Layer } from "../layer.js";
import { ops } from "../ops.js";
import { layers } from "./index.js";

type Shape = (number | null)[];

describe("shapes that do not fit name the layer and both shapes", () => {
  const picture: Shape = [null, 4, 5, 3];
  it.each<[string, Layer, Shape, string]>([
    [
      "layer normalization over the batch",
      layers.layerNormalization({ axis: [0, 1] }),
      [null, 4],
      "layerNormalization: axis 0 of [null, 4] is the batch, whose examples stay apart.",
    ],
    [
      "an axis that is not there",
      layers.rmsNormalization({ axis: 3 }),
      [null, 4],
      "rmsNormalization: axis 3 does not exist in an input of [null, 4]; use 1 or -1.",
    ],
    [
      "unit normalization of single numbers",
      layers.unitNormalization(),
      [null],
      "unitNormalization: axis -1 of [null] is the batch, whose examples stay apart.",
    ],
    [
      "groups that do not divide the channels",
      layers.groupNormalization({ groups: 2 }),
      picture,
      "groupNormalization: 2 groups of equal size do not fit axis 3 of [null, 4, 5, 3], which has 3. Give groups that divide it, or -1 for as many.",
    ],
    [
      "more groups than channels",
      layers.groupNormalization(),
      picture,
      "groupNormalization: 32 groups of equal size do not fit axis 3 of [null, 4, 5, 3], which has 3. Give groups that divide it, or -1 for as many.",
    ],
    [
      "a mean of another length",
      layers.normalization({ mean: [1, 2], variance: [1, 1] }),
      picture,
      "normalization: mean and variance of [2] do not fit an input of [null, 4, 5, 3], whose axes [3] have [3].",
    ],
    [
      "a scale of another length",
      layers.rescaling({ scale: [1, 2] }),
      picture,
      "rescaling: scale [2] has 2 numbers, but the last axis of [null, 4, 5, 3] has 3.",
    ],
    [
      "an offset for single numbers",
      layers.rescaling({ scale: 1, offset: [1] }),
      [null],
      "rescaling: offset [1] has 1 numbers, but the last axis of [null] has 0.",
    ],
    [
      "a permutation of other axes",
      layers.permute({ dims: [2, 1] }),
      picture,
      "permute: an input of 2 axes behind the batch expected, as dims [2, 1] has, received [null, 4, 5, 3].",
    ],
    [
      "cropping that leaves nothing",
      layers.cropping2d({
        cropping: [
          [1, 1],
          [2, 3],
        ],
      }),
      picture,
      "cropping2d: cropping [[1, 1], [2, 3]] leaves nothing of pictures [null, 4, 5, 3]; [2, 0] would be left.",
    ],
    [
      "a noiseShape of other axes",
      layers.dropout({ rate: 0.5, noiseShape: [null, 1] }),
      picture,
      "dropout: a noiseShape of the input's axes expected, each its length, null or 1, received [null, 1] for an input of [null, 4, 5, 3].",
    ],
    [
      "a noiseShape of other lengths",
      layers.alphaDropout({ rate: 0.5, noiseShape: [null, 4, 2, 3] }),
      picture,
      "alphaDropout: a noiseShape of the input's axes expected, each its length, null or 1, received [null, 4, 2, 3] for an input of [null, 4, 5, 3].",
    ],
    ...(
      [
        layers.spatialDropout2d({ rate: 0.5 }),
        layers.zeroPadding2d(),
        layers.cropping2d(),
        layers.upSampling2d(),
        layers.resizing({ height: 2, width: 2 }),
        layers.centerCrop({ height: 2, width: 2 }),
        layers.globalMaxPooling2d(),
      ] as Layer[]
    ).map((layer): [string, Layer, Shape, string] => {
      const call = layer.className[0]!.toLowerCase() + layer.className.slice(1).replace("2D", "2d");
      const message = `${call}: pictures [batch, height, width, channels] expected, received shape [null, 10].`;
      return [`${call} of vectors`, layer, [null, 10], message];
    }),
  ])("%s", (_, layer, shape, message) => {
    expect(() => layer.outputShape(shape)).toThrow(ShapeError);
    expect(() => layer.outputShape(shape)).toThrow(new ShapeError(message));
    expect(() => layer.weightSpecs(shape)).toThrow(ShapeError);
    expect(() => layer.call(input("x", shape, "float32"))).toThrow(ShapeError);
    expect(() => layer.outputShape(shape, "third_1")).toThrow(/^third_1: /);
  });
});

describe("options", () => {
  it("of unions are typed", () => {
    // @ts-expect-error not a way of interpolation
    expect(() => layers.resizing({ height: 2, width: 2, interpolation: "lancsoz3" })).toThrow(
      /resizing: interpolation must be one of .*; did you mean "lanczos3"\?$/,
    );
    // @ts-expect-error area is none of Keras's
    expect(() => layers.upSampling2d({ interpolation: "area" })).toThrow(OptionError);
    // @ts-expect-error the only mode there is
    expect(() => layers.resizing({ height: 2, width: 2, fillMode: "reflect" })).toThrow(OptionError);
    // @ts-expect-error three sides
    expect(() => layers.zeroPadding2d({ padding: [1, 2, 3] })).toThrow(
      "zeroPadding2d: padding must be a whole number, 0 or more, a pair [vertical, horizontal] of them, or [[top, bottom], [left, right]], received [1, 2, 3].",
    );
    // @ts-expect-error no axis by name
    expect(() => layers.layerNormalization({ axis: "channels" })).toThrow(OptionError);
    // @ts-expect-error Keras's rms_scaling divides by the wrong number, and Keras says so
    expect(() => layers.layerNormalization({ rmsScaling: true })).toThrow(
      /layerNormalization: unknown option "rmsScaling"/,
    );
    // @ts-expect-error not a list of axes
    expect(() => layers.permute({ dims: 1 })).toThrow(OptionError);
    // @ts-expect-error a function, not a name
    expect(() => layers.lambda({ function: "relu" })).toThrow(OptionError);
    const all: Layer[] = [
      layers.zeroPadding2d({ padding: 1 }),
      layers.zeroPadding2d({ padding: [1, 2] }),
      layers.zeroPadding2d({
        padding: [
          [1, 2],
          [3, 4],
        ],
      }),
      layers.zeroPadding2d({ padding: [1, [3, 4]] }),
      layers.normalization({ axis: null, mean: 1, variance: 2 }),
      layers.normalization({ axis: [1, 2], mean: [[1], [2]], variance: [[1], [2]] }),
      layers.softmax({ axis: [1, 2] }),
    ];
    expect(all.length).toBe(7);
  });

  it("that do not go together are refused", () => {
    expect(() => layers.resizing({ height: 2, width: 2, cropToAspectRatio: true, padToAspectRatio: true })).toThrow(
      new OptionError("resizing: cropToAspectRatio and padToAspectRatio cannot both be true."),
    );
    expect(() => layers.normalization({ mean: 1 })).toThrow(
      new OptionError("normalization: mean and variance must be given together, received only mean."),
    );
    expect(() => layers.normalization({ variance: [1] })).toThrow("received only variance.");
    expect(() => layers.normalization({ mean: [1, 2], variance: 1 })).toThrow(
      new OptionError("normalization: mean and variance must have one shape, received [2] and []."),
    );
    expect(() => layers.normalization({ axis: null, mean: [1], variance: [1] })).toThrow(
      new OptionError("normalization: mean and variance must have no more axes than `axis`, 0, received [1]."),
    );
  });

  it("keep every form of a frame as rows and columns", () => {
    const of = (layer: Layer) => layer.config.padding ?? layer.config.cropping;
    expect(of(layers.zeroPadding2d())).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(of(layers.cropping2d())).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(of(layers.cropping2d({ cropping: [1, 2] }))).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });
});

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

describe("lambda", () => {
  const x = input("x", [null, 2], "float32");

  it("takes several inputs, and infers the shape", () => {
    const layer = layers.lambda({ function: (a, b) => ops.sum(ops.multiply(a, b), { axis: -1 }), outputShape: [] });
    const shape = layer.outputShape([
      [null, 3],
      [null, 3],
    ]);
    expect(shape).toEqual([null]);
    const other = input("other", [null, 2], "uint8");
    const y = layer.call([x, other]);
    const inputs = new Map([
      [x, [1, 2]],
      [other, [3, 4]],
    ]);
    expect(numbers(y, { rows: 1, inputs })).toEqual([11]);
  });

  it("refuses what is no tensor of the batch, or of another shape than promised", () => {
    expect(() => layers.lambda({ function: () => 3 as never }).call(x)).toThrow(
      new ShapeError("lambda: its function must make a tensor of [null, ...], made 3 of [null, 2]."),
    );
    expect(() => layers.lambda({ function: (y) => ops.sum(y) }).outputShape([null, 2], "lambda_1")).toThrow(
      new ShapeError("lambda_1: its function must make a tensor of [null, ...], made [] of [null, 2]."),
    );
    expect(() => layers.lambda({ function: (y) => y, outputShape: [3] }).outputShape([null, 2])).toThrow(
      new ShapeError("lambda: its function must make a tensor of [null, 3], made [null, 2] of [null, 2]."),
    );
  });

  it("cannot be written down", () => {
    expect(() => layers.lambda({ function: (y) => y }).config).toThrow(/^lambda: function is a function of your own/);
  });
});

it("layers that only move bytes keep them, and resizing gives them back; the others make float32 of them", () => {
  const bytes = input("x", [null, 4, 4, 2], "uint8");
  const keep = new Set(["Cropping2D", "Identity", "Permute", "Resizing", "UpSampling2D", "ZeroPadding2D"]);
  const all: Layer[] = [
    layers.alphaDropout({ rate: 0.5 }),
    layers.centerCrop({ height: 2, width: 2 }),
    layers.cropping2d({ cropping: 1 }),
    layers.gaussianDropout({ rate: 0.5 }),
    layers.gaussianNoise({ stddev: 0.5 }),
    layers.globalMaxPooling2d(),
    layers.identity(),
    layers.lambda({ function: (x) => x }),
    layers.normalization({ mean: 1, variance: 1 }),
    layers.permute({ dims: [2, 1, 3] }),
    layers.resizing({ height: 2, width: 2 }),
    layers.spatialDropout2d({ rate: 0.5 }),
    layers.unitNormalization(),
    layers.upSampling2d(),
    layers.zeroPadding2d(),
  ];
  for (const layer of all) {
    expect(layer.call(bytes).dtype, layer.className).toBe(keep.has(layer.className) ? "uint8" : "float32");
  }
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
