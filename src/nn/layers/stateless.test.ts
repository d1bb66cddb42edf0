/** What layers without moving state refuse and keep, beside what test/goldens-layers.test.ts holds against Keras. */

import { describe, expect, it } from "vitest";
import { numbers } from "../../../test/support/evaluate.js";
import { OptionError, ShapeError } from "../../core/errors.js";
import { input } from "../../graph/leaves.js";
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
