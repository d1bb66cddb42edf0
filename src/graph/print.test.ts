import { describe, expect, it } from "vitest";
import { constant, input, read, table } from "./leaves.js";
import { add } from "./ops/add.js";
import { reduceSum } from "./ops/broadcastTo.js";
import { checkFinite } from "./ops/checkFinite.js";
import { conv2d } from "./ops/conv2d.js";
import { gatherRows } from "./ops/gatherRows.js";
import { matmul } from "./ops/matmul.js";
import { momentumUpdate } from "./ops/momentumUpdate.js";
import { multiply } from "./ops/multiply.js";
import { printGraph } from "./print.js";
import { Variable } from "./tensor.js";

describe("printGraph", () => {
  it("shows each tensor once, inputs first, with its attributes and type", () => {
    const kernel = read(new Variable("dense/kernel", [512, 784], "float32"));
    const product = matmul([input("x", [null, 784], "float32"), kernel], { transposeA: false, transposeB: true });
    const bias = constant(
      Array.from({ length: 512 }, (_, i) => i / 2),
      [512],
    );
    const y = add([multiply([product, constant(0.5)]), bias]);
    const pictures = gatherRows([table("pictures", [28, 28], "uint8"), input("order", [null], "int32")]);
    const outputs = { y, twice: add([y, y]), pictures };
    expect(printGraph({ name: "predict", outputs, effects: [] })).toBe(
      [
        'graph "predict"',
        '  %0 = input "x"  float32 [null, 784]',
        '  %1 = variable "dense/kernel"  float32 [512, 784]',
        "  %2 = matmul(%0, %1) transposeB  float32 [null, 512]",
        "  %3 = constant 0.5  float32 []",
        "  %4 = multiply(%2, %3)  float32 [null, 512]",
        "  %5 = constant [0, 0.5, 1, 1.5, ...]  float32 [512]",
        "  %6 = add(%4, %5)  float32 [null, 512]",
        "  %7 = add(%6, %6)  float32 [null, 512]",
        '  %8 = table "pictures"  uint8 [null, 28, 28]',
        '  %9 = input "order"  int32 [null]',
        "  %10 = gatherRows(%8, %9)  uint8 [null, 28, 28]",
        "  y = %6",
        "  twice = %7",
        "  pictures = %10",
      ].join("\n"),
    );
  });

  it("shows effects behind the values they need", () => {
    const w = read(new Variable("w", [3, 3, 1, 4], "float32"));
    const velocity = read(new Variable("velocity", [3, 3, 1, 4], "float32"));
    const y = conv2d([input("x", [null, 9, 9, 1], "float32"), w], { strides: [2, 1], padding: "same" });
    const loss = reduceSum([y], { axes: [0, 1, 2, 3], keepDims: false });
    const update = momentumUpdate([w, velocity, w, constant(0.1)], { momentum: 0.9, nesterov: false });
    const effects = [checkFinite([loss], { what: "loss" }), update];
    expect(printGraph({ name: "train", outputs: {}, effects })).toBe(
      [
        'graph "train"',
        '  %0 = input "x"  float32 [null, 9, 9, 1]',
        '  %1 = variable "w"  float32 [3, 3, 1, 4]',
        "  %2 = conv2d(%0, %1) strides [2, 1] padding same  float32 [null, 5, 9, 4]",
        "  %3 = reduceSum(%2) axes [0, 1, 2, 3]  float32 []",
        '  %4 = variable "velocity"  float32 [3, 3, 1, 4]',
        "  %5 = constant 0.1  float32 []",
        '  checkFinite(%3) what "loss"',
        "  momentumUpdate(%1, %4, %1, %5) momentum 0.9",
      ].join("\n"),
    );
  });
});
