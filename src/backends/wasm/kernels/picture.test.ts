import { describe, expect, it } from "vitest";
import {
  call,
  firstBeyond,
  KernelMachine,
  moduleNames,
  randomFloats,
} from "../../../../test/support/kernel-machine.js";
import { forEachPair, type WindowCase, windowOf } from "../../../../test/support/windows.js";

describe.each(moduleNames)("pooling, %s", (module) => {
  const pools: readonly WindowCase[] = [
    { size: [4, 4], channels: 1, filters: 0, kernel: [2, 2], strides: [2, 2] },
    { size: [24, 24], channels: 64, filters: 0, kernel: [2, 2], strides: [2, 2] },
    { size: [7, 5], channels: 3, filters: 0, kernel: [2, 2], strides: [2, 2], same: true },
    { size: [7, 5], channels: 13, filters: 0, kernel: [3, 3], strides: [1, 2] },
    { size: [7, 5], channels: 8, filters: 0, kernel: [3, 3], strides: [2, 1], same: true },
    { size: [8, 8], channels: 6, filters: 0, kernel: [2, 2], strides: [2, 2] },
    { size: [7, 9], channels: 5, filters: 0, kernel: [2, 2], strides: [2, 2] },
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
