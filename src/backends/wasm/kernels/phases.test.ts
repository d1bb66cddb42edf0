import { describe, expect, it } from "vitest";
import { call, KernelMachine, moduleNames, randomFloats } from "../../../../test/support/kernel-machine.js";
import { type WindowCase, windowOf } from "../../../../test/support/windows.js";
import { filterFoldingWords, foldedWindow, foldingWords } from "./phases.js";
import type { Window } from "./picture.js";

const cases: readonly WindowCase[] = [
  // Runs of 1 to 4 floats, of 6 and 12, of whole vectors and of a vector and a rest.
  { size: [9, 9], channels: 1, filters: 1, kernel: [3, 3], strides: [2, 1] },
  { size: [9, 9], channels: 1, filters: 3, kernel: [3, 3], strides: [2, 2] },
  { size: [9, 12], channels: 1, filters: 3, kernel: [5, 5], strides: [2, 3], same: true },
  { size: [8, 11], channels: 2, filters: 3, kernel: [3, 3], strides: [2, 2], same: true },
  { size: [32, 32], channels: 3, filters: 8, kernel: [5, 5], strides: [2, 2], rows: 3 },
  { size: [15, 16], channels: 3, filters: 5, kernel: [5, 5], strides: [2, 2], same: true },
  { size: [31, 30], channels: 3, filters: 5, kernel: [7, 7], strides: [4, 4] },
  { size: [31, 30], channels: 3, filters: 5, kernel: [7, 7], strides: [4, 4], same: true },
  { size: [14, 14], channels: 16, filters: 12, kernel: [3, 3], strides: [2, 2], rows: 7 },
  { size: [14, 13], channels: 16, filters: 12, kernel: [3, 3], strides: [2, 2], same: true },
  { size: [13, 12], channels: 7, filters: 9, kernel: [5, 4], strides: [2, 3], same: true },
  // Rows and columns behind the last window, pictures smaller than it, a single pixel, gaps between windows.
  { size: [12, 15], channels: 5, filters: 2, kernel: [3, 3], strides: [4, 4] },
  { size: [11, 11], channels: 3, filters: 2, kernel: [2, 2], strides: [5, 5] },
  { size: [2, 1], channels: 3, filters: 2, kernel: [5, 5], strides: [2, 2], same: true },
  { size: [1, 1], channels: 9, filters: 1, kernel: [3, 3], strides: [2, 2], same: true },
  { size: [1, 9], channels: 4, filters: 2, kernel: [3, 3], strides: [2, 2], same: true },
];

/** For each number of the folded pictures the place in x that it comes from, or -1. */
function sources(g: Window, rows: number): Int32Array {
  const folded = foldedWindow(g);
  const result = new Int32Array(rows * folded.height * folded.width * folded.channels);
  const lastRow = (g.outHeight - 1) * g.strideHeight + g.kernelHeight - g.padTop;
  const lastColumn = (g.outWidth - 1) * g.strideWidth + g.kernelWidth - g.padLeft;
  let at = 0;
  for (let n = 0; n < rows; n++) {
    for (let h = 0; h < folded.height; h++) {
      for (let w = 0; w < folded.width; w++) {
        for (let p = 0; p < g.strideHeight; p++) {
          for (let q = 0; q < g.strideWidth; q++) {
            for (let c = 0; c < g.channels; c++) {
              const [i, j] = [h * g.strideHeight + p - g.padTop, w * g.strideWidth + q - g.padLeft];
              const there = i >= 0 && i < Math.min(g.height, lastRow) && j >= 0 && j < Math.min(g.width, lastColumn);
              result[at++] = there ? ((n * g.height + i) * g.width + j) * g.channels + c : -1;
            }
          }
        }
      }
    }
  }
  return result;
}

/** For each number of the folded filter the place in w that it comes from, or -1. */
function filterSources(g: Window, filters: number): Int32Array {
  const folded = foldedWindow(g);
  const result: number[] = [];
  for (let i = 0; i < folded.kernelHeight; i++) {
    for (let j = 0; j < folded.kernelWidth; j++) {
      for (let p = 0; p < g.strideHeight; p++) {
        for (let q = 0; q < g.strideWidth; q++) {
          const [a, b] = [i * g.strideHeight + p, j * g.strideWidth + q];
          const there = a < g.kernelHeight && b < g.kernelWidth;
          for (let k = 0; k < g.channels * filters; k++) {
            result.push(there ? (a * g.kernelWidth + b) * g.channels * filters + k : -1);
          }
        }
      }
    }
  }
  return Int32Array.from(result);
}

const filled = (length: number) => new Float32Array(length + 4).fill(7);

describe.each(moduleNames)("phases, %s", (module) => {
  it.each(cases)("$size x $channels, $kernel by $strides, same $same", async (sample) => {
    const machine = await KernelMachine.of(module);
    const { filters, rows = 2 } = sample;
    const g = windowOf(sample);
    const from = sources(g, rows);
    const size = rows * g.height * g.width * g.channels;
    const x = randomFloats(size, 1);
    // A number of what no window looks at would be found.
    const looked = new Set(from);
    x.forEach((_, i) => {
      if (!looked.has(i)) x[i] = Number.NaN;
    });
    const dy = randomFloats(from.length, 2);
    const [w, dv] = [randomFloats(g.kernelHeight * g.kernelWidth * g.channels * filters, 3), filterSources(g, filters)];
    const dw = randomFloats(dv.length, 4);
    const [y, dx, folded, unfolded] = [from.length, size, dv.length, w.length].map((length) =>
      machine.put(filled(length)),
    ) as [number, number, number, number];
    const failed = machine.run(
      [
        call("foldPictures", { x: machine.put(x), y, ...foldingWords(g) }),
        call("unfoldPictures", { dy: machine.put(dy), dx, ...foldingWords(g) }),
        call("foldFilter", { w: machine.put(w), y: folded, ...filterFoldingWords(g, filters) }),
        call("unfoldFilter", { dy: machine.put(dw), dw: unfolded, ...filterFoldingWords(g, filters) }),
      ],
      { rows },
    );
    expect(failed).toBe(0);
    const back = (places: Int32Array, values: Float32Array, length: number) => {
      const result = filled(length).fill(0, 0, length);
      places.forEach((place, i) => {
        if (place >= 0) result[place] = values[i]!;
      });
      return result;
    };
    const there = (places: Int32Array, values: Float32Array) => {
      const result = filled(places.length);
      places.forEach((place, i) => {
        result[i] = place < 0 ? 0 : values[place]!;
      });
      return result;
    };
    expect(machine.floats(y, from.length + 4)).toEqual(there(from, x));
    expect(machine.floats(dx, size + 4)).toEqual(back(from, dy, size));
    expect(machine.floats(folded, dv.length + 4)).toEqual(there(dv, w));
    expect(machine.floats(unfolded, w.length + 4)).toEqual(back(dv, dw, w.length));
  });
});
