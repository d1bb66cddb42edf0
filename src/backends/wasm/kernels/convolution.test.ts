import { describe, expect, it } from "vitest";
import {
  call,
  firstBeyond,
  KernelMachine,
  moduleNames,
  randomFloats,
} from "../../../../test/support/kernel-machine.js";
import { forEachPair, type WindowCase, windowOf } from "../../../../test/support/windows.js";
import { filterGradientBlocks, forwardBlocks, inputGradientBlocks, packedBytes, partialStride } from "../kernels.js";

const cases: readonly WindowCase[] = [
  { size: [5, 5], channels: 1, filters: 1, kernel: [1, 1] },
  { size: [5, 7], channels: 1, filters: 8, kernel: [3, 3] },
  { size: [28, 28], channels: 1, filters: 13, kernel: [3, 3] },
  { size: [9, 8], channels: 3, filters: 5, kernel: [3, 3], same: true },
  { size: [7, 9], channels: 4, filters: 16, kernel: [3, 2], strides: [2, 1] },
  { size: [13, 13], channels: 8, filters: 8, kernel: [3, 3] },
  { size: [13, 7], channels: 8, filters: 13, kernel: [5, 3], strides: [2, 3], same: true },
  { size: [6, 6], channels: 12, filters: 7, kernel: [4, 4], same: true },
  { size: [7, 7], channels: 7, filters: 24, kernel: [2, 2], strides: [3, 3] },
  { size: [3, 3], channels: 129, filters: 9, kernel: [3, 3], same: true },
  { size: [1, 1], channels: 5, filters: 3, kernel: [3, 3], same: true },
  { size: [10, 1], channels: 13, filters: 127, kernel: [3, 1] },
  { size: [26, 26], channels: 16, filters: 16, kernel: [3, 3], rows: 2 },
  { size: [20, 20], channels: 3, filters: 4, kernel: [2, 2], strides: [2, 2] },
  { size: [8, 8], channels: 10, filters: 12, kernel: [1, 1] },
  { size: [9, 9], channels: 9, filters: 3, kernel: [1, 1], strides: [2, 3] },
  { size: [5, 5], channels: 6, filters: 11, kernel: [5, 5], rows: 7 },
  { size: [14, 14], channels: 6, filters: 16, kernel: [5, 5], rows: 3 },
  { size: [16, 15], channels: 8, filters: 8, kernel: [7, 7], strides: [4, 4], same: true, rows: 3 },
  { size: [8, 11], channels: 20, filters: 40, kernel: [5, 5], same: true, rows: 2 },
];

describe.each(moduleNames)("convolution, %s", (module) => {
  it.each(cases)("$size x $channels, $kernel x $filters, strides $strides, same $same", async (sample) => {
    const machine = await KernelMachine.of(module);
    const g = windowOf(sample);
    const { filters, rows = 5 } = sample;
    const { channels } = g;
    const taps = g.kernelHeight * g.kernelWidth;
    const depth = taps * channels;
    const [inputs, outputs] = [rows * g.height * g.width, rows * g.outHeight * g.outWidth];
    const [x, k, b, dy] = [
      randomFloats(inputs * channels, 1),
      randomFloats(depth * filters, 2),
      randomFloats(filters, 3),
      randomFloats(outputs * filters, 4),
    ];
    const zeros = (length: number) => [new Float64Array(length), new Float64Array(length)] as const;
    const [y, ySize] = zeros(outputs * filters);
    const [dx, dxSize] = zeros(inputs * channels);
    const [dk, dkSize] = zeros((depth + 1) * filters);
    const [masked, maskedSize] = zeros((depth + 1) * filters);
    const mask = randomFloats(outputs * filters, 5);
    const add = ([sum, size]: readonly [Float64Array, Float64Array], i: number, term: number) => {
      sum[i]! += term;
      size[i]! += Math.abs(term);
    };
    for (let i = 0; i < y.length; i++) {
      add([y, ySize], i, b[i % filters]!);
      add([dk, dkSize], depth * filters + (i % filters), dy[i]!);
      if (mask[i]! > 0) add([masked, maskedSize], depth * filters + (i % filters), dy[i]!);
    }
    forEachPair(g, rows, (xp, tap, yp) => {
      for (let c = 0; c < channels; c++) {
        for (let f = 0; f < filters; f++) {
          const [xi, ki, yi] = [xp * channels + c, (tap * channels + c) * filters + f, yp * filters + f];
          add([y, ySize], yi, x[xi]! * k[ki]!);
          add([dx, dxSize], xi, dy[yi]! * k[ki]!);
          add([dk, dkSize], ki, dy[yi]! * x[xi]!);
          if (mask[yi]! > 0) add([masked, maskedSize], ki, dy[yi]! * x[xi]!);
        }
      }
    });

    const guard = 7;
    const room = (length: number) => machine.put(new Float32Array(length + 1).fill(guard));
    const [yAt, reluAt] = [room(y.length), room(y.length)];
    const [dxAt, dxBlockedAt, dxRunsAt] = [room(dx.length), room(dx.length), room(dx.length)];
    const [dkAt, dkWindowsAt, maskedAt, maskedWindowsAt] = [1, 2, 3, 4].map(() => room(dk.length)) as [
      number,
      number,
      number,
      number,
    ];
    const maskAt = machine.put(mask);
    const [xAt, kAt, dyAt, bias] = [machine.put(x), machine.put(k), machine.put(dy), machine.put(b)];
    const packed = machine.allocate(packedBytes(depth, filters));
    const runs = g.kernelWidth * channels;
    const byRow = { k: filters, n: runs, stride: filters, transposed: 1, count: g.kernelHeight, xStep: runs * filters };
    const rowFilter = machine.allocate(g.kernelHeight * packedBytes(filters, runs));
    const phaseFilter = machine.allocate(taps * packedBytes(filters, channels));
    const { kernelHeight, kernelWidth, strideHeight, strideWidth, padTop, padLeft } = g;
    const phases = { kernelHeight, kernelWidth, strideHeight, strideWidth, padTop, padLeft };
    const stride = partialStride(g, filters);
    const pixels = g.outHeight * g.outWidth;
    const units = { perRow: pixels };
    const partials = machine.allocate(Math.ceil((rows * pixels) / 8) * stride * 4);
    const chosen = filterGradientBlocks(g, filters, rows);
    const sums = { partials, n: stride, stride, units };
    const failed = machine.run(
      [
        call("packB", { x: kAt, y: packed, k: depth, n: filters, stride: filters, count: 1 }),
        call("packB", { x: kAt, y: rowFilter, ...byRow }),
        call("packFilterPhases", { x: kAt, y: phaseFilter, filters, channels, ...phases }),
        call("conv2dForward", {
          x: xAt,
          filter: packed,
          bias,
          y: yAt,
          filters,
          ...g,
          ...forwardBlocks(g, filters, rows),
        }),
        call("conv2dForward", {
          x: xAt,
          filter: packed,
          bias,
          y: reluAt,
          relu: 1,
          filters,
          ...g,
          block: 8,
          runsBlock: 1,
          copied: 1,
        }),
        call("conv2dInputGradient", {
          dy: dyAt,
          filter: phaseFilter,
          dx: dxAt,
          filters,
          ...g,
          ...(inputGradientBlocks({ ...g, channels: Math.max(8, channels) }, filters, rows) ?? {
            block: 4,
            runsBlock: 1,
          }),
        }),
        call("conv2dInputGradient", {
          dy: dyAt,
          filter: phaseFilter,
          dx: dxBlockedAt,
          filters,
          ...g,
          block: 12,
          runsBlock: 1,
        }),
        call("conv2dInputGradientRuns", { dy: dyAt, filter: rowFilter, dx: dxRunsAt, filters, ...g }),
        call("conv2dFilterGradient", {
          x: xAt,
          dy: dyAt,
          partials,
          filters,
          ...g,
          chunk: chosen.chunk,
          block: chosen.block,
        }),
        call("reducePartials", { ...sums, y: dkAt, chunk: chosen.chunk }),
        call("conv2dFilterGradient", { x: xAt, dy: dyAt, y: maskAt, partials, filters, ...g, chunk: 40, block: 8 }),
        call("reducePartials", { ...sums, y: maskedAt, chunk: 40 }),
        call("conv2dFilterGradientWindows", { x: xAt, dy: dyAt, partials, filters, ...g, chunk: 24, block: 24 }),
        call("reducePartials", { ...sums, y: dkWindowsAt, chunk: 24 }),
        call("conv2dFilterGradientWindows", {
          x: xAt,
          dy: dyAt,
          y: maskAt,
          partials,
          filters,
          ...g,
          chunk: 20,
          block: 8,
        }),
        call("reducePartials", { ...sums, y: maskedWindowsAt, chunk: 20 }),
      ],
      { rows },
    );
    expect(failed).toBe(0);
    const read = (at: number, length: number) => machine.floats(at, length);
    expect(firstBeyond(read(yAt, y.length), y, ySize, 8)).toBe("");
    // The blocks change no bit.
    expect(read(reluAt, y.length)).toEqual(read(yAt, y.length).map((v) => Math.max(v, 0)));
    for (const at of [dxAt, dxBlockedAt, dxRunsAt]) expect(firstBeyond(read(at, dx.length), dx, dxSize, 8)).toBe("");
    expect(read(dxBlockedAt, dx.length)).toEqual(read(dxAt, dx.length));
    for (const at of [dkAt, dkWindowsAt]) expect(firstBeyond(read(at, dk.length), dk, dkSize, 8)).toBe("");
    for (const at of [maskedAt, maskedWindowsAt]) {
      expect(firstBeyond(read(at, dk.length), masked, maskedSize, 8)).toBe("");
    }
    for (const at of [yAt, reluAt]) expect(machine.floats(at, y.length + 1)[y.length]).toBe(guard);
    for (const at of [dxAt, dxBlockedAt, dxRunsAt]) expect(machine.floats(at, dx.length + 1)[dx.length]).toBe(guard);
    for (const at of [dkAt, dkWindowsAt, maskedAt, maskedWindowsAt]) {
      expect(machine.floats(at, dk.length + 1)[dk.length]).toBe(guard);
    }
  });
});

describe("the gradient by the input", () => {
  const chosen = (sample: WindowCase, rows: number) =>
    inputGradientBlocks(windowOf(sample), sample.filters, rows) === undefined ? "runs" : "windows";
  const valid: WindowCase = { size: [14, 14], channels: 16, filters: 32, kernel: [5, 5] };

  it("adds runs up where windows of dy would be mostly padding", () => {
    expect(chosen(valid, 32)).toBe("runs");
    expect(chosen({ ...valid, same: true }, 32)).toBe("windows");
    expect(chosen({ ...valid, kernel: [1, 1] }, 32)).toBe("windows");
  });

  it("reads windows of a few pictures, which are no four or leave threads idle, unless they are nearly all padding", () => {
    expect(chosen(valid, 1)).toBe("windows");
    expect(chosen(valid, 8)).toBe("windows");
    expect(chosen({ ...valid, size: [5, 5] }, 8)).toBe("runs");
  });
});
