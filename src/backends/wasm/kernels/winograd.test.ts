import { describe, expect, it } from "vitest";
import {
  call,
  firstBeyond,
  KernelMachine,
  moduleNames,
  randomFloats,
} from "../../../../test/support/kernel-machine.js";
import { spreadTerms, winogradBound } from "../../../../test/support/winograd-bound.js";
import { filterPointBytes, leftWidth, mixedTiling, type Points, rightWidth, type Taps, tilingOf } from "./winograd.js";
import { tilesOfBlock } from "./winograd-blocks.js";

/** G of three taps, row by row: to the points 0, 1, -1, (2, -2, (1/2, -1/2)), infinity. */
const threeTaps: { readonly [P in Exclude<Points, 7>]: readonly (readonly number[])[] } = {
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

/** G: with two taps the third's column is missing, and infinity is the second. Seven points are those of eight but infinity. */
function tapsOf(points: Points, taps: Taps): readonly (readonly number[])[] {
  if (points === 7) return tapsOf(8, taps).slice(0, 7);
  const rows = threeTaps[points];
  return taps === 3 ? rows : rows.map((row, i) => (i === points - 1 ? [0, 1] : row.slice(0, 2)));
}

const allPoints: readonly Points[] = [4, 6, 7, 8];
const kinds = ([2, 3] as const).flatMap((taps) => allPoints.map((points) => ({ points, taps })));

describe.each(moduleNames)("winogradFilter, %s", (module) => {
  const sizes = [
    [1, 1],
    [3, 5],
    [4, 8],
    [13, 7],
    [8, 34],
    [17, 40],
  ] as const;
  it.each(kinds.flatMap((kind) => sizes.map(([channels, filters]) => ({ ...kind, channels, filters }))))(
    "$points points, $taps taps, $channels channels, $filters filters",
    async ({ points, taps, channels, filters }) => {
      const machine = await KernelMachine.of(module);
      const w = randomFloats(taps * taps * channels * filters, 1);
      const at = machine.put(w);
      const [forwardBytes, backwardBytes] = [
        filterPointBytes(points, channels, filters),
        filterPointBytes(points, filters, channels),
      ];
      const room = (bytes: number) => machine.put(new Float32Array(bytes / 4 + 1).fill(7));
      const [forward, backward, alone] = [room(forwardBytes), room(backwardBytes), room(forwardBytes)];
      const words = { w: at, points, taps, channels, filters };
      const failed = machine.run([
        call("winogradFilter", { ...words, forward, backward }),
        call("winogradFilter", { ...words, forward: alone }),
      ]);
      expect(failed).toBe(0);

      const g = tapsOf(points, taps);
      const [left, right] = [leftWidth(channels), rightWidth(filters)];
      const [backLeft, backRight] = [leftWidth(filters), rightWidth(channels)];
      const want = new Float64Array(forwardBytes / 4 + 1).fill(7);
      const wantBack = new Float64Array(backwardBytes / 4 + 1).fill(7);
      // A line that nobody writes lies behind each point.
      const [step, backStep] = [left * right + 16, backLeft * backRight + 16];
      for (let p = 0; p < points * points; p++) {
        want.fill(0, p * step, p * step + left * right);
        wantBack.fill(0, p * backStep, p * backStep + backLeft * backRight);
        for (let c = 0; c < channels; c++) {
          for (let k = 0; k < filters; k++) {
            let u = 0;
            for (let i = 0; i < taps * taps; i++) {
              const [row, column] = [g[Math.floor(p / points)]!, g[p % points]!];
              u += row[Math.floor(i / taps)]! * column[i % taps]! * w[(i * channels + c) * filters + k]!;
            }
            want[p * step + (Math.floor(k / 8) * left + c) * 8 + (k % 8)] = u;
            wantBack[p * backStep + (Math.floor(c / 8) * backLeft + k) * 8 + (c % 8)] = u;
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

interface Case {
  readonly size: readonly [number, number];
  readonly channels: number;
  readonly filters: number;
  readonly same?: boolean;
  readonly tiles?: number;
  readonly pool?: readonly [number, number, number, number];
  /** Tiles of two sizes. */
  readonly mixed?: boolean;
}

/** Sizes that are whole tiles, that hang over one edge or both, and pictures smaller than a tile. */
const cases: readonly Case[] = [
  { size: [26, 26], channels: 16, filters: 16, tiles: 16 },
  { size: [12, 12], channels: 8, filters: 24, tiles: 8 },
  { size: [8, 9], channels: 4, filters: 8 },
  { size: [3, 3], channels: 5, filters: 3 },
  { size: [1, 1], channels: 1, filters: 1, same: true },
  { size: [1, 17], channels: 2, filters: 13, same: true },
  { size: [19, 3], channels: 17, filters: 7 },
  { size: [8, 8], channels: 20, filters: 34, same: true, tiles: 12 },
  { size: [16, 16], channels: 7, filters: 16, same: true, tiles: 32 },
  { size: [7, 13], channels: 33, filters: 9, same: true, pool: [2, 2, 2, 2] },
  { size: [14, 11], channels: 12, filters: 12, pool: [3, 2, 2, 3] },
];

/** Tiles of two sizes along both axes or along one; blocks of one row of tiles, of several, and of several pictures. */
const mixedCases: readonly Case[] = (
  [
    { size: [18, 15], channels: 8, filters: 8, tiles: 4 },
    { size: [16, 16], channels: 7, filters: 13, same: true, tiles: 20 },
    { size: [9, 32], channels: 4, filters: 9, same: true, tiles: 8, pool: [3, 2, 2, 3] },
    { size: [32, 11], channels: 17, filters: 6, same: true, tiles: 40 },
    { size: [20, 14], channels: 5, filters: 24, tiles: 12 },
    { size: [14, 25], channels: 3, filters: 8, tiles: 28 },
    { size: [5, 23], channels: 9, filters: 5, same: true, tiles: 8 },
  ] as const
).map((sample) => ({ ...sample, mixed: true }));

const forwardCases = [
  ...kinds.flatMap((kind) => cases.map((sample) => ({ ...kind, ...sample }))),
  ...([2, 3] as const).flatMap((taps) => mixedCases.map((sample) => ({ points: 8 as const, taps, ...sample }))),
];

describe.each(moduleNames)("winogradForward, %s", (module) => {
  it.each(forwardCases)(
    "$points points, $taps taps, $size x $channels, $filters filters, same $same, pool $pool, mixed $mixed",
    async ({
      points,
      taps,
      size: [height, width],
      channels,
      filters,
      same = false,
      tiles = 4,
      pool = [2, 2, 2, 2],
      mixed = false,
    }) => {
      const machine = await KernelMachine.of(module);
      const rows = 5;
      // With two taps the padding is behind the rows and before the columns.
      const [padTop, padLeft] = same ? [taps - 2, 1] : [0, 0];
      const [outHeight, outWidth] = same ? [height, width] : [height - taps + 1, width - taps + 1];
      const x = randomFloats(rows * height * width * channels, 1);
      const w = randomFloats(taps * taps * channels * filters, 2);
      const b = randomFloats(filters, 3);
      const outputs = rows * outHeight * outWidth * filters;
      const [y, terms] = [new Float64Array(outputs), new Float64Array(outputs)];
      for (let at = 0, i = 0; i < rows * outHeight * outWidth; i++) {
        const [n, o, p] = [Math.floor(i / outWidth / outHeight), Math.floor(i / outWidth) % outHeight, i % outWidth];
        for (let k = 0; k < filters; k++, at++) {
          y[at] = b[k]!;
          terms[at] = Math.abs(b[k]!);
          for (let tap = 0; tap < taps * taps; tap++) {
            const [h, v] = [o + Math.floor(tap / taps) - padTop, p + (tap % taps) - padLeft];
            if (h < 0 || h >= height || v < 0 || v >= width) continue;
            for (let c = 0; c < channels; c++) {
              const term = x[((n * height + h) * width + v) * channels + c]! * w[(tap * channels + c) * filters + k]!;
              y[at]! += term;
              terms[at]! += Math.abs(term);
            }
          }
        }
      }

      spreadTerms(terms, outHeight * outWidth, filters);
      const room = (length: number) => machine.put(new Float32Array(length + 1).fill(7));
      const filter = room(filterPointBytes(points, channels, filters) / 4);
      const [yAt, reluAt] = [room(outputs), room(outputs)];
      const tiling = mixed
        ? mixedTiling({ outHeight, outWidth }, taps)
        : tilingOf({ outHeight, outWidth }, points, taps);
      const words = {
        x: machine.put(x),
        filter,
        n: { perRow: 1 },
        height,
        width,
        channels,
        filters,
        outHeight,
        outWidth,
        padTop,
        padLeft,
        ...tiling,
      };
      const bias = machine.put(b);
      const [poolHeight, poolWidth, poolStrideHeight, poolStrideWidth] = pool;
      const pooledHeight = Math.ceil(outHeight / poolStrideHeight);
      const pooledWidth = Math.ceil(outWidth / poolStrideWidth);
      const pooledSize = rows * pooledHeight * pooledWidth * filters;
      const [pooled, alone, separate, route, routeSeparate] = [
        room(pooledSize),
        room(pooledSize),
        room(pooledSize),
        room(pooledSize / 4),
        room(pooledSize / 4),
      ];
      const pooling = { poolHeight, poolWidth, poolStrideHeight, poolStrideWidth, pooledHeight, pooledWidth };
      const block = 2 * tiling.down * tiling.across;
      const failed = machine.run(
        [
          call("winogradFilter", { w: machine.put(w), forward: filter, points, taps, channels, filters }),
          call("winogradForward", { ...words, bias, y: yAt, tiles, block: tilesOfBlock(tiling, tiles) }),
          call("winogradForward", {
            ...words,
            bias,
            y: reluAt,
            relu: 1,
            tiles: 8,
            block: mixed ? 3 * tiling.across : 20,
          }),
          call("winogradForward", { ...words, bias, relu: 1, tiles, block, pooled, route, ...pooling }),
          call("winogradForward", { ...words, bias, relu: 1, tiles, block, pooled: alone, ...pooling }),
          call("maxPool2dRoute", {
            x: reluAt,
            y: separate,
            route: routeSeparate,
            relu: 1,
            n: { perRow: 1 },
            height: outHeight,
            width: outWidth,
            channels: filters,
            outHeight: pooledHeight,
            outWidth: pooledWidth,
            kernelHeight: poolHeight,
            kernelWidth: poolWidth,
            strideHeight: poolStrideHeight,
            strideWidth: poolStrideWidth,
            padTop: 0,
            padLeft: 0,
          }),
        ],
        { rows },
      );
      expect(failed).toBe(0);
      const read = (at: number, length: number) => machine.floats(at, length);
      expect(firstBeyond(read(yAt, outputs), y, terms, winogradBound[taps][points])).toBe("");
      // How tiles are cut changes no bit, nor does it matter when they are pooled.
      expect(read(reluAt, outputs)).toEqual(read(yAt, outputs).map((v) => Math.max(v, 0)));
      expect(read(pooled, pooledSize)).toEqual(read(separate, pooledSize));
      expect(read(alone, pooledSize)).toEqual(read(separate, pooledSize));
      expect(machine.bytes(route, pooledSize)).toEqual(machine.bytes(routeSeparate, pooledSize));
      // Nothing behind the end is written.
      for (const [at, length] of [
        [yAt, outputs],
        [reluAt, outputs],
        [pooled, pooledSize],
        [alone, pooledSize],
      ] as const) {
        expect(read(at + length * 4, 1)[0]).toBe(7);
      }
    },
  );
});
