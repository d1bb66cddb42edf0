import { describe, expect, it } from "vitest";
import {
  call,
  firstBeyond,
  KernelMachine,
  moduleNames,
  randomFloats,
} from "../../../../test/support/kernel-machine.js";
import { convolutionBlocks, packedBytes, partialStride, type Window } from "../kernels.js";

interface Case {
  readonly size: readonly [number, number];
  readonly channels: number;
  readonly filters: number;
  readonly kernel: readonly [number, number];
  readonly strides?: readonly [number, number];
  readonly same?: boolean;
  readonly rows?: number;
}

const cases: readonly Case[] = [
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
];

/** The geometry of a case, with Keras's rule for "same". */
function windowOf({ size, channels, kernel, strides = [1, 1], same = false }: Case): Window {
  const axis = (i: 0 | 1) => {
    const [length, k, stride] = [size[i], kernel[i], strides[i]];
    if (!same) return { out: Math.floor((length - k) / stride) + 1, before: 0 };
    const out = Math.ceil(length / stride);
    return { out, before: Math.floor(Math.max((out - 1) * stride + k - length, 0) / 2) };
  };
  const [down, across] = [axis(0), axis(1)];
  return {
    n: { perRow: 1 },
    height: size[0],
    width: size[1],
    channels,
    outHeight: down.out,
    outWidth: across.out,
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideHeight: strides[0],
    strideWidth: strides[1],
    padTop: down.before,
    padLeft: across.before,
  };
}

/** Calls back for every pair of an output pixel and an input pixel it sees: indices of pixels and of the tap. */
function forEachPair(g: Window, rows: number, visit: (x: number, tap: number, y: number) => void): void {
  for (let n = 0; n < rows; n++) {
    for (let o = 0; o < g.outHeight; o++) {
      for (let p = 0; p < g.outWidth; p++) {
        for (let i = 0; i < g.kernelHeight; i++) {
          for (let j = 0; j < g.kernelWidth; j++) {
            const [h, w] = [o * g.strideHeight + i - g.padTop, p * g.strideWidth + j - g.padLeft];
            if (h < 0 || h >= g.height || w < 0 || w >= g.width) continue;
            visit((n * g.height + h) * g.width + w, i * g.kernelWidth + j, (n * g.outHeight + o) * g.outWidth + p);
          }
        }
      }
    }
  }
}

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
    const add = ([sum, size]: readonly [Float64Array, Float64Array], i: number, term: number) => {
      sum[i]! += term;
      size[i]! += Math.abs(term);
    };
    for (let i = 0; i < y.length; i++) {
      add([y, ySize], i, b[i % filters]!);
      add([dk, dkSize], depth * filters + (i % filters), dy[i]!);
    }
    forEachPair(g, rows, (xp, tap, yp) => {
      for (let c = 0; c < channels; c++) {
        for (let f = 0; f < filters; f++) {
          const [xi, ki, yi] = [xp * channels + c, (tap * channels + c) * filters + f, yp * filters + f];
          add([y, ySize], yi, x[xi]! * k[ki]!);
          add([dx, dxSize], xi, dy[yi]! * k[ki]!);
          add([dk, dkSize], ki, dy[yi]! * x[xi]!);
        }
      }
    });

    const guard = 7;
    const room = (length: number) => machine.put(new Float32Array(length + 1).fill(guard));
    const [yAt, reluAt, dxAt, dkAt] = [room(y.length), room(y.length), room(dx.length), room(dk.length)];
    const [xAt, kAt, dyAt, bias] = [machine.put(x), machine.put(k), machine.put(dy), machine.put(b)];
    const [forward, backward] = [
      machine.allocate(packedBytes(depth, filters)),
      machine.allocate(taps * packedBytes(filters, channels)),
    ];
    const { block, runsBlock, rowsBlock } = convolutionBlocks(g, rows);
    const chunk = 2;
    const stride = partialStride(g, filters);
    const partials = machine.allocate(Math.ceil(rows / chunk) * stride * 4);
    const failed = machine.run(
      [
        call("packB", { x: kAt, y: forward, k: depth, n: filters, stride: filters, count: 1 }),
        call("packB", {
          x: kAt,
          y: backward,
          k: filters,
          n: channels,
          stride: filters,
          transposed: 1,
          count: taps,
          xStep: channels * filters,
        }),
        call("conv2dForward", { x: xAt, filter: forward, bias, y: yAt, filters, ...g, block, runsBlock }),
        call("conv2dForward", {
          x: xAt,
          filter: forward,
          bias,
          y: reluAt,
          relu: 1,
          filters,
          ...g,
          block: 8,
          runsBlock: 1,
        }),
        call("conv2dInputGradient", { dy: dyAt, filter: backward, dx: dxAt, filters, ...g }),
        call("conv2dFilterGradient", { x: xAt, dy: dyAt, partials, filters, ...g, chunk, rowsBlock }),
        call("reducePartials", { partials, y: dkAt, n: stride, stride, units: { perRow: 1 }, chunk }),
      ],
      { rows },
    );
    expect(failed).toBe(0);
    const read = (at: number, length: number) => machine.floats(at, length);
    expect(firstBeyond(read(yAt, y.length), y, ySize, 8)).toBe("");
    // The blocks change no bit.
    expect(read(reluAt, y.length)).toEqual(read(yAt, y.length).map((v) => Math.max(v, 0)));
    expect(firstBeyond(read(dxAt, dx.length), dx, dxSize, 8)).toBe("");
    expect(firstBeyond(read(dkAt, dk.length), dk, dkSize, 8)).toBe("");
    for (const [at, length] of [
      [yAt, y.length],
      [reluAt, y.length],
      [dxAt, dx.length],
      [dkAt, dk.length],
    ] as const) {
      expect(machine.floats(at, length + 1)[length]).toBe(guard);
    }
  });
});

describe.each(moduleNames)("pooling, %s", (module) => {
  const pools: readonly Case[] = [
    { size: [4, 4], channels: 1, filters: 0, kernel: [2, 2], strides: [2, 2] },
    { size: [24, 24], channels: 64, filters: 0, kernel: [2, 2], strides: [2, 2] },
    { size: [7, 5], channels: 3, filters: 0, kernel: [2, 2], strides: [2, 2], same: true },
    { size: [7, 5], channels: 13, filters: 0, kernel: [3, 3], strides: [1, 2] },
    { size: [7, 5], channels: 8, filters: 0, kernel: [3, 3], strides: [2, 1], same: true },
    { size: [8, 8], channels: 127, filters: 0, kernel: [8, 8] },
  ];

  it.each(pools)("$size x $channels, pool $kernel, strides $strides, same $same", async (sample) => {
    const machine = await KernelMachine.of(module);
    const g = windowOf(sample);
    const { channels } = g;
    const rows = 3;
    const [inputs, outputs] = [rows * g.height * g.width * channels, rows * g.outHeight * g.outWidth * channels];
    // Few different values: many windows have several maxima.
    const x = randomFloats(inputs, 1).map((v) => Math.round(v * 3) + 0);
    const dy = randomFloats(outputs, 2);
    const largest = new Float64Array(outputs).fill(-Infinity);
    const winner = new Int32Array(outputs);
    const [mean, count] = [new Float64Array(outputs), new Float64Array(outputs)];
    forEachPair(g, rows, (xp, _tap, yp) => {
      for (let c = 0; c < channels; c++) {
        const [xi, yi] = [xp * channels + c, yp * channels + c];
        mean[yi]! += x[xi]!;
        count[yi]! += 1;
        if (x[xi]! > largest[yi]!) {
          largest[yi] = x[xi]!;
          winner[yi] = xi;
        }
      }
    });
    const [maxGradient, meanGradient, size] = [0, 1, 2].map(() => new Float64Array(inputs)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    winner.forEach((xi, yi) => {
      maxGradient[xi]! += dy[yi]!;
    });
    forEachPair(g, rows, (xp, _tap, yp) => {
      for (let c = 0; c < channels; c++) {
        const yi = yp * channels + c;
        meanGradient[xp * channels + c]! += dy[yi]! / count[yi]!;
        size[xp * channels + c]! += Math.abs(dy[yi]!);
      }
    });
    const [xAt, dyAt] = [machine.put(x), machine.put(dy)];
    const room = (length: number) => machine.put(new Float32Array(length + 1).fill(9));
    const [m, mdx, a, adx] = [room(outputs), room(inputs), room(outputs), room(inputs)];
    machine.run(
      [
        call("maxPool2d", { x: xAt, y: m, ...g }),
        call("maxPool2dGradient", { x: xAt, y: m, dy: dyAt, dx: mdx, ...g }),
        call("averagePool2d", { x: xAt, y: a, ...g }),
        call("averagePool2dGradient", { dy: dyAt, dx: adx, ...g }),
      ],
      { rows },
    );
    expect([...machine.floats(m, outputs + 1)]).toEqual([...largest, 9]);
    expect(firstBeyond(machine.floats(mdx, inputs), maxGradient, size, 4)).toBe("");
    const means = mean.map((v, i) => v / count[i]!);
    expect(
      firstBeyond(
        machine.floats(a, outputs),
        means,
        means.map(() => 3),
        4,
      ),
    ).toBe("");
    expect(firstBeyond(machine.floats(adx, inputs), meanGradient, size, 4)).toBe("");
    expect([mdx, adx].map((at) => machine.floats(at, inputs + 1)[inputs])).toEqual([9, 9]);
  });
});
