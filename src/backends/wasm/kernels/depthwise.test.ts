import { describe, expect, it } from "vitest";
import {
  call,
  firstBeyond,
  KernelMachine,
  moduleNames,
  randomFloats,
} from "../../../../test/support/kernel-machine.js";
import { windowGeometry } from "../../../graph/ops/window.js";
import { type DepthwiseWindow, depthwiseBlock, depthwiseChunks, depthwisePartialStride } from "../kernels.js";

type Pair = readonly [number, number];

interface DepthwiseCase {
  readonly size: Pair;
  readonly channels: number;
  readonly multiplier?: number;
  readonly kernel: Pair;
  readonly strides?: Pair;
  readonly dilation?: Pair;
  readonly same?: boolean;
  readonly rows?: number;
}

const cases: readonly DepthwiseCase[] = [
  { size: [12, 11], channels: 16, kernel: [3, 3], same: true },
  { size: [12, 11], channels: 13, kernel: [3, 3], same: true, rows: 7 },
  { size: [12, 11], channels: 4, kernel: [3, 3] },
  { size: [11, 12], channels: 10, kernel: [3, 3], strides: [2, 2], same: true },
  { size: [12, 12], channels: 9, kernel: [3, 3], strides: [2, 2], same: true },
  { size: [11, 13], channels: 8, kernel: [3, 3], strides: [2, 2] },
  { size: [9, 10], channels: 5, multiplier: 3, kernel: [3, 3], same: true },
  { size: [9, 10], channels: 6, multiplier: 2, kernel: [2, 3], strides: [1, 2] },
  { size: [13, 9], channels: 8, kernel: [5, 3], same: true },
  { size: [13, 9], channels: 8, kernel: [4, 7], same: true },
  { size: [2, 1], channels: 8, kernel: [3, 3], same: true },
  { size: [1, 2], channels: 8, kernel: [3, 3], same: true },
  { size: [3, 3], channels: 3, kernel: [3, 3] },
  { size: [14, 15], channels: 12, kernel: [3, 3], dilation: [2, 3], same: true },
  { size: [14, 15], channels: 4, kernel: [3, 2], dilation: [2, 4], strides: [2, 6], same: true },
];

function windowOf(sample: DepthwiseCase): DepthwiseWindow {
  const { size, channels, multiplier = 1, kernel, strides = [1, 1], dilation = [1, 1], same = false } = sample;
  const attributes = { strides, dilationRate: dilation, padding: same ? "same" : "valid" } as const;
  const { height, width } = windowGeometry("test", size[0], size[1], kernel, attributes);
  return {
    ...{ n: { perRow: 1 }, height: size[0], width: size[1], channels, multiplier },
    ...{ outHeight: height.output, outWidth: width.output, padTop: height.before, padLeft: width.before },
    ...{ kernelHeight: kernel[0], kernelWidth: kernel[1], strideHeight: strides[0], strideWidth: strides[1] },
    ...{ dilationHeight: dilation[0], dilationWidth: dilation[1] },
  };
}

/** Calls back for every pair of an output pixel and an input pixel it sees. */
function forEachPair(g: DepthwiseWindow, rows: number, visit: (x: number, tap: number, y: number) => void): void {
  for (let y = 0; y < rows * g.outHeight * g.outWidth; y++) {
    const [n, o, p] = [
      Math.floor(y / g.outWidth / g.outHeight),
      Math.floor(y / g.outWidth) % g.outHeight,
      y % g.outWidth,
    ];
    for (let tap = 0; tap < g.kernelHeight * g.kernelWidth; tap++) {
      const h = o * g.strideHeight + Math.floor(tap / g.kernelWidth) * g.dilationHeight - g.padTop;
      const w = p * g.strideWidth + (tap % g.kernelWidth) * g.dilationWidth - g.padLeft;
      if (h >= 0 && h < g.height && w >= 0 && w < g.width) visit((n * g.height + h) * g.width + w, tap, y);
    }
  }
}

describe.each(moduleNames)("depthwise convolution, %s", (module) => {
  it.each(cases)("%j", async (sample) => {
    const machine = await KernelMachine.of(module);
    const g = windowOf(sample);
    const { rows = 4 } = sample;
    const { channels, multiplier, outHeight, outWidth } = g;
    const filters = channels * multiplier;
    const depth = g.kernelHeight * g.kernelWidth * filters;
    const [inputs, outputs] = [rows * g.height * g.width * channels, rows * outHeight * outWidth * filters];
    const [x, k, b, dy, mask] = [inputs, depth, filters, outputs, outputs].map((length, i) =>
      randomFloats(length, i + 1),
    ) as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
    const zeros = (length: number) => [new Float64Array(length), new Float64Array(length)] as const;
    const [y, dx, dk, masked] = [zeros(outputs), zeros(inputs), zeros(depth + filters), zeros(depth + filters)];
    const maskedDx = zeros(inputs);
    const add = ([sum, size]: readonly [Float64Array, Float64Array], i: number, term: number) => {
      sum[i]! += term;
      size[i]! += Math.abs(term);
    };
    for (let i = 0; i < outputs; i++) {
      add(y, i, b[i % filters]!);
      add(dk, depth + (i % filters), dy[i]!);
      if (mask[i]! > 0) add(masked, depth + (i % filters), dy[i]!);
    }
    forEachPair(g, rows, (xp, tap, yp) => {
      for (let f = 0; f < filters; f++) {
        const [xi, ki, yi] = [xp * channels + Math.floor(f / multiplier), tap * filters + f, yp * filters + f];
        add(y, yi, x[xi]! * k[ki]!);
        add(dx, xi, dy[yi]! * k[ki]!);
        add(dk, ki, dy[yi]! * x[xi]!);
        if (mask[yi]! <= 0) continue;
        add(maskedDx, xi, dy[yi]! * k[ki]!);
        add(masked, ki, dy[yi]! * x[xi]!);
      }
    });

    const guard = 7;
    const room = (length: number) => machine.put(new Float32Array(length + 1).fill(guard));
    const places = {
      y: [room(outputs), room(outputs)],
      dx: [room(inputs), room(inputs), room(inputs)],
      dk: [room(depth + filters), room(depth + filters), room(depth + filters)],
    };
    const at = (values: Float32Array) => machine.put(values);
    const [xAt, kernel, bias, dyAt, maskAt] = [at(x), at(k), at(b), at(dy), at(mask)];
    const units = { perRow: outHeight };
    const stride = depthwisePartialStride(g);
    const partials = machine.allocate(rows * outHeight * stride * 4);
    const sums = { partials, n: stride, stride, units };
    const gradients = { x: xAt, kernel: kernel, dy: dyAt, partials, ...g };
    const chosen = depthwiseChunks(g, rows);
    const failed = machine.run(
      [
        call("depthwiseForward", {
          x: xAt,
          kernel: kernel,
          bias,
          y: places.y[0]!,
          ...g,
          block: depthwiseBlock(g, rows),
        }),
        call("depthwiseForward", {
          x: xAt,
          kernel: kernel,
          bias,
          y: places.y[1]!,
          relu: 1,
          ...g,
          block: outHeight + 1,
        }),
        call("depthwiseGradients", { ...gradients, dx: places.dx[0]!, ...chosen }),
        call("reducePartials", { ...sums, y: places.dk[0]!, chunk: chosen.chunk }),
        // Blocks that end within a picture, and bands within those.
        call("depthwiseGradients", { ...gradients, dx: places.dx[1]!, chunk: outHeight + 2, band: 2 }),
        call("reducePartials", { ...sums, y: places.dk[1]!, chunk: outHeight + 2 }),
        call("depthwiseGradients", { ...gradients, y: maskAt, dx: places.dx[2]!, chunk: 5, band: 3 }),
        call("reducePartials", { ...sums, y: places.dk[2]!, chunk: 5 }),
      ],
      { rows },
    );
    expect(failed).toBe(0);
    const read = (at: number, length: number) => machine.floats(at, length);
    expect(firstBeyond(read(places.y[0]!, outputs), y[0], y[1], 8)).toBe("");
    // The blocks change no bit.
    expect(read(places.y[1]!, outputs)).toEqual(read(places.y[0]!, outputs).map((v) => Math.max(v, 0)));
    expect(firstBeyond(read(places.dx[0]!, inputs), dx[0], dx[1], 8)).toBe("");
    expect(read(places.dx[1]!, inputs)).toEqual(read(places.dx[0]!, inputs));
    expect(firstBeyond(read(places.dx[2]!, inputs), maskedDx[0], maskedDx[1], 8)).toBe("");
    for (const place of places.dk.slice(0, 2)) {
      expect(firstBeyond(read(place, depth + filters), dk[0], dk[1], 8)).toBe("");
    }
    expect(firstBeyond(read(places.dk[2]!, depth + filters), masked[0], masked[1], 8)).toBe("");
    for (const [list, length] of [
      [places.y, outputs],
      [places.dx, inputs],
      [places.dk, depth + filters],
    ] as const) {
      for (const place of list) expect(machine.floats(place, length + 1)[length]).toBe(guard);
    }
  });
});

describe("the blocks of a depthwise convolution", () => {
  const g = windowOf({ size: [32, 32], channels: 64, kernel: [3, 3], same: true });

  it("are few chunks of whole pictures, of bands that stay in the cache", () => {
    const { chunk, band } = depthwiseChunks(g, 64);
    expect(chunk).toBe(4 * 32);
    expect(band).toBe(16);
  });

  it("are enough for all threads in a single picture", () => {
    expect(Math.ceil(32 / depthwiseBlock(g, 1))).toBeGreaterThanOrEqual(8);
    expect(Math.ceil(32 / depthwiseChunks(g, 1).chunk)).toBe(16);
  });
});
