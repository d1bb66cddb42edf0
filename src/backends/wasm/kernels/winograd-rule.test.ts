import { describe, expect, it } from "vitest";
import { type WindowCase, windowOf } from "../../../../test/support/windows.js";
import type { Window } from "./picture.js";
import { tiledWay, tilingFor } from "./winograd-rule.js";

/** A convolution of square pictures, or of others. */
function layer(size: number | readonly [number, number], channels: number, same = false, taps = 3): Window {
  const [height, width] = typeof size === "number" ? [size, size] : size;
  const around = same ? taps - 1 : 0;
  const pad = Math.floor(around / 2);
  return {
    n: { perRow: 1 },
    height,
    width,
    channels,
    outHeight: height - taps + 1 + around,
    outWidth: width - taps + 1 + around,
    kernelHeight: taps,
    kernelWidth: taps,
    strideHeight: 1,
    strideWidth: 1,
    padTop: pad,
    padLeft: pad,
  };
}

const points = (window: Window, filters: number, capacity = 128) => tilingFor(window, filters, capacity)?.points;

const uniform = { short: 0, narrow: 0 };

describe("tilingFor", () => {
  it("covers the notebook's layers with whole tiles", () => {
    expect(tilingFor(layer(26, 64), 64, 128)).toEqual({ points: 8, taps: 3, down: 4, across: 4, ...uniform });
    expect(tilingFor(layer(12, 64), 128, 128)).toEqual({ points: 7, taps: 3, down: 2, across: 2, ...uniform });
    expect(tilingFor(layer(10, 128), 128, 128)).toEqual({ points: 6, taps: 3, down: 2, across: 2, ...uniform });
    expect(tilingFor(layer(4, 64), 64, 128)).toEqual({ points: 4, taps: 3, down: 1, across: 1, ...uniform });
  });

  it("takes what multiplies least where none is whole", () => {
    // 4 tiles of 6 x 6 instead of 4 of 8 x 8.
    expect(points(layer(7, 64, true), 64)).toBe(6);
    expect(tilingFor(layer([26, 8], 32), 32, 128)).toEqual({ points: 8, taps: 3, down: 4, across: 1, ...uniform });
  });

  it("mixes tiles of two sizes where that multiplies less, and a block is filled with them", () => {
    const mixed = { points: 8, taps: 3 };
    expect(tilingFor(layer(32, 32, true), 32, 128)).toEqual({ ...mixed, down: 6, across: 6, short: 4, narrow: 4 });
    expect(tilingFor(layer(16, 64, true), 64, 128)).toEqual({ ...mixed, down: 3, across: 3, short: 2, narrow: 2 });
    expect(tilingFor(layer(13, 64), 64, 128)).toEqual({ ...mixed, down: 2, across: 2, short: 1, narrow: 1 });
    expect(tilingFor(layer([26, 13], 64), 64, 128)).toEqual({ ...mixed, down: 4, across: 2, short: 0, narrow: 1 });
    // Of a single picture there are no four tiles that have the same point.
    expect(tilingFor(layer(16, 64, true), 64, 1)).toEqual({ points: 6, taps: 3, down: 4, across: 4, ...uniform });
    // 112: rows of 19 tiles, of which two fill 38 places of 40.
    expect(tilingFor(layer(112, 64, true), 64, 8)).toMatchObject({ points: 8, ...uniform });
    expect(tilingFor(layer(248, 64, true), 64, 8)).toMatchObject({ points: 8, ...uniform });
  });

  it("has larger tiles of results for two taps", () => {
    expect(tilingFor(layer(15, 256, false, 2), 128, 16)).toEqual({
      points: 8,
      taps: 2,
      down: 2,
      across: 2,
      ...uniform,
    });
    expect(tilingFor(layer(13, 64, false, 2), 64, 128)).toEqual({ points: 7, taps: 2, down: 2, across: 2, ...uniform });
    expect(tilingFor(layer(5, 128, true, 2), 64, 128)).toEqual({ points: 6, taps: 2, down: 1, across: 1, ...uniform });
    expect(tilingFor(layer(4, 64, false, 2), 64, 128)).toEqual({ points: 4, taps: 2, down: 1, across: 1, ...uniform });
    expect(points(layer(40, 1, false, 2), 64)).toBeUndefined();
    expect(points({ ...layer(13, 64, false, 2), kernelWidth: 3, outWidth: 11 }, 64)).toBeUndefined();
  });

  it("goes directly with one or two channels, on lines of pixels, and with other windows", () => {
    expect(points(layer(28, 1), 64)).toBeUndefined();
    expect(points(layer(28, 2), 32)).toBeUndefined();
    expect(points(layer(32, 3, true), 32)).toBe(8);
    expect(points(layer([1, 40], 64, true), 64)).toBeUndefined();
    expect(points(layer([40, 1], 64, true), 64)).toBeUndefined();
    expect(points(layer(3, 64), 64)).toBeUndefined();
    expect(points({ ...layer(26, 64), kernelWidth: 5, outWidth: 22 }, 64)).toBeUndefined();
    expect(points({ ...layer(26, 64), strideHeight: 2, outHeight: 12 }, 64)).toBeUndefined();
  });

  it("weighs the filters against the pictures that share them", () => {
    expect(points(layer(14, 256), 256, 128)).toBe(8);
    expect(points(layer(14, 256), 256, 4)).toBe(6);
    expect(points(layer(14, 256), 256, 2)).toBe(4);
    expect(points(layer(6, 256), 256, 128)).toBe(6);
    expect(points(layer(6, 256), 256, 1)).toBeUndefined();
    expect(points({ ...layer(6, 256), n: 64 }, 256, 1)).toBe(6);
  });
});

describe("tiledWay", () => {
  const wayOf = (sample: WindowCase, capacity: number) => tiledWay(windowOf(sample), sample.filters, capacity);

  it("takes a window without strides as it is", () => {
    const window = layer(26, 64);
    const tiling = tilingFor(window, 64, 128);
    expect(tiledWay(window, 64, 128)).toEqual({ window, tiling, folded: false });
    expect(tiledWay(layer(28, 1), 64, 128)).toBeUndefined();
  });

  it("folds strides", () => {
    const sample: WindowCase = { size: [32, 32], channels: 3, filters: 48, kernel: [5, 5], strides: [2, 2] };
    expect(wayOf(sample, 128)).toMatchObject({
      folded: true,
      window: { height: 16, width: 16, channels: 12, outHeight: 14, outWidth: 14, kernelHeight: 3, strideHeight: 1 },
      tiling: { points: 7, down: 3, across: 3 },
    });
  });

  it("folds the table's cases that are there for it", () => {
    const sizes: readonly [WindowCase, number][] = [
      [{ size: [27, 28], channels: 3, filters: 24, kernel: [5, 5], strides: [2, 2] }, 8],
      [{ size: [23, 35], channels: 5, filters: 13, kernel: [5, 5], strides: [2, 2], same: true }, 8],
      [{ size: [15, 16], channels: 5, filters: 24, kernel: [6, 5], strides: [2, 2], same: true }, 6],
      [{ size: [12, 23], channels: 9, filters: 13, kernel: [3, 5], strides: [1, 2] }, 7],
      [{ size: [23, 24], channels: 3, filters: 24, kernel: [8, 8], strides: [3, 3], same: true }, 6],
    ];
    for (const [sample, side] of sizes) expect(wayOf(sample, 5)?.tiling.points).toBe(side);
  });

  it("goes directly where folding costs more than it spares, with two taps also where few tiles share the filters", () => {
    const wide: WindowCase = { size: [55, 55], channels: 32, filters: 64, kernel: [3, 3], strides: [2, 2] };
    expect(wayOf(wide, 128)).toMatchObject({ folded: true, tiling: { points: 8, taps: 2, down: 4, across: 4 } });
    expect(wayOf({ ...wide, size: [13, 13] }, 3)).toBeUndefined();
    expect(wayOf({ ...wide, kernel: [1, 1] }, 128)).toBeUndefined();
    expect(wayOf({ ...wide, kernel: [5, 3] }, 128)).toBeUndefined();
    expect(wayOf({ ...wide, kernel: [5, 5], size: [7, 7] }, 1)).toBeUndefined();
    expect(wayOf({ ...wide, kernel: [5, 5], channels: 1, filters: 1 }, 128)).toBeUndefined();
  });
});
