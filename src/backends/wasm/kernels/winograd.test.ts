import { describe, expect, it } from "vitest";
import {
  call,
  firstBeyond,
  KernelMachine,
  moduleNames,
  randomFloats,
} from "../../../../test/support/kernel-machine.js";
import { filterPointBytes, leftWidth, type Points, rightWidth } from "./winograd.js";

/** G of the tile sizes, row by row: from three taps to the points 0, 1, -1, (2, -2, (1/2, -1/2)), infinity. */
const taps: { readonly [P in Points]: readonly (readonly [number, number, number])[] } = {
  4: [
    [1, 0, 0],
    [1 / 2, 1 / 2, 1 / 2],
    [1 / 2, -1 / 2, 1 / 2],
    [0, 0, 1],
  ],
  6: [
    [1 / 4, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6],
    [0, 0, 1],
  ],
  7: [],
  8: [
    [1, 0, 0],
    [-2 / 9, -2 / 9, -2 / 9],
    [-2 / 9, 2 / 9, -2 / 9],
    [1 / 90, 1 / 45, 2 / 45],
    [1 / 90, -1 / 45, 2 / 45],
    [1 / 45, 1 / 90, 1 / 180],
    [1 / 45, -1 / 90, 1 / 180],
    [0, 0, 1],
  ],
};

function tapsOf(points: Points): readonly (readonly [number, number, number])[] {
  return points === 7 ? taps[8].slice(0, 7) : taps[points];
}

const allPoints: readonly Points[] = [4, 6, 7, 8];

describe.each(moduleNames)("winogradFilter, %s", (module) => {
  const sizes = [
    [1, 1],
    [3, 5],
    [4, 8],
    [13, 7],
    [8, 34],
    [17, 40],
  ] as const;
  it.each(allPoints.flatMap((points) => sizes.map(([channels, filters]) => ({ points, channels, filters }))))(
    "$points points, $channels channels, $filters filters",
    async ({ points, channels, filters }) => {
      const machine = await KernelMachine.of(module);
      const w = randomFloats(9 * channels * filters, 1);
      const at = machine.put(w);
      const [forwardBytes, backwardBytes] = [
        filterPointBytes(points, channels, filters),
        filterPointBytes(points, filters, channels),
      ];
      const room = (bytes: number) => machine.put(new Float32Array(bytes / 4 + 1).fill(7));
      const [forward, backward, alone] = [room(forwardBytes), room(backwardBytes), room(forwardBytes)];
      const words = { w: at, points, channels, filters };
      const failed = machine.run([
        call("winogradFilter", { ...words, forward, backward }),
        call("winogradFilter", { ...words, forward: alone }),
      ]);
      expect(failed).toBe(0);

      const g = tapsOf(points);
      const [left, right] = [leftWidth(channels), rightWidth(filters)];
      const [backLeft, backRight] = [leftWidth(filters), rightWidth(channels)];
      const want = new Float64Array(forwardBytes / 4 + 1).fill(7);
      const wantBack = new Float64Array(backwardBytes / 4 + 1).fill(7);
      want.fill(0, 0, -1);
      wantBack.fill(0, 0, -1);
      for (let p = 0; p < points * points; p++) {
        for (let c = 0; c < channels; c++) {
          for (let k = 0; k < filters; k++) {
            let u = 0;
            for (let i = 0; i < 9; i++) {
              const [row, column] = [g[Math.floor(p / points)]!, g[p % points]!];
              u += row[Math.floor(i / 3)]! * column[i % 3]! * w[(i * channels + c) * filters + k]!;
            }
            want[p * left * right + (Math.floor(k / 8) * left + c) * 8 + (k % 8)] = u;
            wantBack[p * backLeft * backRight + (Math.floor(c / 8) * backLeft + k) * 8 + (c % 8)] = u;
          }
        }
      }
      // Filters are of size 1, and so are the sums of the sizes of a point's terms.
      const size = (length: number) => new Float64Array(length).fill(1);
      expect(firstBeyond(machine.floats(forward, want.length), want, size(want.length), 8)).toBe("");
      expect(firstBeyond(machine.floats(backward, wantBack.length), wantBack, size(wantBack.length), 8)).toBe("");
      expect(machine.floats(alone, want.length)).toEqual(machine.floats(forward, want.length));
    },
  );
});
