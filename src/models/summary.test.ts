import { describe, expect, test } from "vitest";
import { OptionError } from "../core/errors.js";
import { formatBytes, formatCount, formatSummary, type LayerSummary, type ModelSummary } from "./summary.js";

function layer(
  name: string,
  className: string,
  outputShape: readonly (number | null)[],
  parameters: number,
  trainable = true,
): LayerSummary {
  return { name, className, outputShapes: [outputShape], parameters, trainable };
}

const mlp: ModelSummary = {
  name: "mnist_mlp",
  layers: [
    layer("flatten", "Flatten", [null, 784], 0),
    layer("dense", "Dense", [null, 512], 401_920),
    layer("dense_1", "Dense", [null, 256], 131_328),
    layer("dense_2", "Dense", [null, 128], 32_896),
    layer("dropout", "Dropout", [null, 128], 0),
    layer("dense_3", "Dense", [null, 10], 1_290),
  ],
  totals: { trainable: 567_434, nonTrainable: 0 },
};

const cnn: ModelSummary = {
  name: "cnn",
  layers: [
    layer("a_rather_long_layer_name_that_has_to_be_wrapped", "Conv2D", [null, 26, 26, 64], 640, false),
    layer("max_pooling2d", "MaxPooling2D", [null, 13, 13, 64], 0),
    layer("batch_normalization", "BatchNormalization", [null, 13, 13, 64], 256),
    layer("pool_of_all", "GlobalAveragePooling2D", [null, 64], 0),
    layer("dense_4", "Dense", [null, 10], 650),
  ],
  totals: { trainable: 778, nonTrainable: 768 },
};

describe("the text of Keras 3.15.1", () => {
  test("at its usual width", () => {
    expect(formatSummary(mlp)).toBe(`Model: "mnist_mlp"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ flatten (Flatten)               │ (None, 784)            │             0 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dense (Dense)                   │ (None, 512)            │       401,920 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dense_1 (Dense)                 │ (None, 256)            │       131,328 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dense_2 (Dense)                 │ (None, 128)            │        32,896 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dropout (Dropout)               │ (None, 128)            │             0 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dense_3 (Dense)                 │ (None, 10)             │         1,290 │
└─────────────────────────────────┴────────────────────────┴───────────────┘
 Total params: 567,434 (2.16 MB)
 Trainable params: 567,434 (2.16 MB)
 Non-trainable params: 0 (0.00 B)`);
  });

  test("with long names, at its full width and with the trainable column", () => {
    expect(formatSummary(cnn, { width: 88, showTrainable: true })).toBe(`Model: "cnn"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━┓
┃ Layer (type)                     ┃ Output Shape              ┃      Param # ┃ Train… ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━┩
│ a_rather_long_layer_name_that_h… │ (None, 26, 26, 64)        │          640 │   N    │
│ (Conv2D)                         │                           │              │        │
├──────────────────────────────────┼───────────────────────────┼──────────────┼────────┤
│ max_pooling2d (MaxPooling2D)     │ (None, 13, 13, 64)        │            0 │   -    │
├──────────────────────────────────┼───────────────────────────┼──────────────┼────────┤
│ batch_normalization              │ (None, 13, 13, 64)        │          256 │   Y    │
│ (BatchNormalization)             │                           │              │        │
├──────────────────────────────────┼───────────────────────────┼──────────────┼────────┤
│ pool_of_all                      │ (None, 64)                │            0 │   -    │
│ (GlobalAveragePooling2D)         │                           │              │        │
├──────────────────────────────────┼───────────────────────────┼──────────────┼────────┤
│ dense_4 (Dense)                  │ (None, 10)                │          650 │   Y    │
└──────────────────────────────────┴───────────────────────────┴──────────────┴────────┘
 Total params: 1,546 (6.04 KB)
 Trainable params: 778 (3.04 KB)
 Non-trainable params: 768 (3.00 KB)`);
  });

  test("where cells wrap and words are cut off", () => {
    expect(formatSummary(cnn, { width: 40 })).toBe(`Model: "cnn"
┏━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━┓
┃                 ┃ Output     ┃ Param ┃
┃ Layer (type)    ┃ Shape      ┃     # ┃
┡━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━┩
│ a_rather_long_… │ (None, 26, │   640 │
│ (Conv2D)        │ 26, 64)    │       │
├─────────────────┼────────────┼───────┤
│ max_pooling2d   │ (None, 13, │     0 │
│ (MaxPooling2D)  │ 13, 64)    │       │
├─────────────────┼────────────┼───────┤
│ batch_normaliz… │ (None, 13, │   256 │
│ (BatchNormaliz… │ 13, 64)    │       │
├─────────────────┼────────────┼───────┤
│ pool_of_all     │ (None, 64) │     0 │
│ (GlobalAverage… │            │       │
├─────────────────┼────────────┼───────┤
│ dense_4 (Dense) │ (None, 10) │   650 │
└─────────────────┴────────────┴───────┘
 Total params: 1,546 (6.04 KB)
 Trainable params: 778 (3.04 KB)
 Non-trainable params: 768 (3.00 KB)`);
  });
});

test("an optimizer's parameters count towards the total", () => {
  const lines = formatSummary({ ...mlp, totals: { trainable: 10, nonTrainable: 1, optimizer: 21 } }).split("\n");
  expect(lines.slice(-4)).toEqual([
    " Total params: 32 (128.00 B)",
    " Trainable params: 10 (40.00 B)",
    " Non-trainable params: 1 (4.00 B)",
    " Optimizer params: 21 (84.00 B)",
  ]);
});

test("a layer whose shape and parameters are not known yet, and a model without layers", () => {
  const unbuilt = { name: "dense", className: "Dense", outputShapes: [], parameters: null, trainable: true };
  const totals = { trainable: 0, nonTrainable: 0 };
  const text = formatSummary({ name: "m", layers: [unbuilt], totals }, { width: 88, showTrainable: true });
  expect(text).toMatch(/│ dense \(Dense\) +│ \? +│ +0 \(unbuilt\) │ +- +│/);
  expect(formatSummary({ name: "m", layers: [], totals }).split("\n")).toHaveLength(8);
});

test("all lines of the table have the width asked for", () => {
  for (let width = 16; width <= 130; width++) {
    const table = formatSummary(cnn, { width })
      .split("\n")
      .filter((line) => /^[^ M]/.test(line));
    for (const line of table) expect(line).toHaveLength(width);
  }
});

test.each([15, 0, -5, 76.5, Number.NaN, Number.POSITIVE_INFINITY])("width %d is refused", (width) => {
  expect(() => formatSummary(mlp, { width })).toThrow(OptionError);
  expect(() => formatSummary(mlp, { width })).toThrow(/^summary: width must .*received/);
});

test("formatBytes and formatCount", () => {
  expect([0, 1023, 1024, 2_269_736, 5 * 1024 ** 3, 2 * 1024 ** 6].map(formatBytes)).toEqual([
    "0.00 B",
    "1023.00 B",
    "1.00 KB",
    "2.16 MB",
    "5.00 GB",
    "2048.00 PB",
  ]);
  expect([0, 999, 1000, 1234567].map(formatCount)).toEqual(["0", "999", "1,000", "1,234,567"]);
});
