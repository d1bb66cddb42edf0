import { describe, expect, it } from "vitest";
import { call, KernelMachine, moduleNames, randomFloats } from "../../../../test/support/kernel-machine.js";
import { chunkOf, partialBytes } from "../kernels.js";

/** Mean and variance of each channel, by float64. */
function momentsOf(x: Float32Array, channels: number): { mean: number[]; variance: number[] } {
  const pixels = x.length / channels;
  const sums = (of: (v: number, c: number) => number): number[] =>
    Array.from({ length: channels }, (_, c) => {
      let sum = 0;
      for (let p = 0; p < pixels; p++) sum += of(x[p * channels + c]!, c);
      return sum / pixels;
    });
  const mean = sums((v) => v);
  return { mean, variance: sums((v, c) => (v - mean[c]!) ** 2) };
}

describe.each(moduleNames)("statistics of a batch, %s", (module) => {
  function statisticsOf(machine: KernelMachine, x: Float32Array, channels: number) {
    const n = x.length / channels;
    const sums = { partials: machine.allocate(partialBytes(n, channels, 3)), n, channels, chunk: chunkOf(channels) };
    const [mean, variance, scale] = [0, 1, 2].map(() => machine.allocate(channels * 4)) as [number, number, number];
    const gamma = machine.put(new Float32Array(channels).fill(1));
    machine.run([
      call("batchMoments", { x: machine.put(x), ...sums }),
      call("batchStatistics", { ...sums, gamma, mean, variance, scale, epsilon: 0 }),
    ]);
    return { mean: machine.floats(mean, channels), variance: machine.floats(variance, channels) };
  }

  const cases: readonly (readonly [string, (pixel: number, noise: number) => number])[] = [
    ["around 0", (_, noise) => noise],
    ["far from 0", (_, noise) => 1000 + noise],
    ["whose first pixels are unlike all others", (pixel, noise) => (pixel < 16 ? 1000 : 0) + noise],
    ["of which every eighth is unlike all others", (pixel, noise) => (pixel % 8 === 0 ? 1000 : 0) + noise],
    ["that grow", (pixel, noise) => pixel + noise],
  ];
  it.each(cases)("are exact for pixels %s", async (_, value) => {
    const machine = await KernelMachine.of(module);
    for (const channels of [1, 3, 4, 16, 21, 64]) {
      for (const pixels of [1, 2, 7, 9, 256, 257, 1000]) {
        const noise = randomFloats(pixels * channels, channels + pixels);
        const x = noise.map((v, i) => value(Math.floor(i / channels), v));
        const expected = momentsOf(x, channels);
        const { mean, variance } = statisticsOf(machine, x, channels);
        for (let c = 0; c < channels; c++) {
          const deviation = Math.sqrt(expected.variance[c]!);
          expect(Math.abs(mean[c]! - expected.mean[c]!)).toBeLessThanOrEqual(
            5e-7 * (Math.abs(expected.mean[c]!) + deviation),
          );
          // What rounding the pixels' distances leaves: no more than of a mean that is off by the last digit.
          const rounding = (2 ** -23 * expected.mean[c]!) ** 2;
          expect(Math.abs(variance[c]! - expected.variance[c]!)).toBeLessThanOrEqual(
            5e-6 * expected.variance[c]! + rounding,
          );
        }
      }
    }
  });

  it("that are beyond all numbers are infinite, not NaN", async () => {
    const x = Float32Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? 3e20 : -3e20));
    const { variance } = statisticsOf(await KernelMachine.of(module), x, 1);
    expect(variance[0]).toBe(Number.POSITIVE_INFINITY);
  });
});
