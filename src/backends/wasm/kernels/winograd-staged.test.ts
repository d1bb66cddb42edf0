import { describe, expect, it } from "vitest";
import { call, KernelMachine, moduleNames, randomFloats } from "../../../../test/support/kernel-machine.js";
import { windowOf } from "../../../../test/support/windows.js";
import { filterPointBytes, stagingOf, tilesOfBlock } from "../kernels.js";
import { mixedTiling, tilingOf } from "./winograd.js";
import { fours } from "./winograd-blocks.js";

const samples = [
  { size: [24, 24], channels: 8, filters: 16, rows: 1, points: 8, taps: 3 },
  { size: [10, 11], channels: 13, filters: 9, rows: 3, points: 7, taps: 3, same: true },
  { size: [8, 8], channels: 16, filters: 24, rows: 1, points: 6, taps: 3 },
  { size: [5, 4], channels: 3, filters: 5, rows: 2, points: 4, taps: 3 },
  { size: [13, 7], channels: 6, filters: 11, rows: 2, points: 8, taps: 2, same: true },
  { size: [3, 3], channels: 4, filters: 1, rows: 1, points: 4, taps: 2 },
  // Tiles of two sizes: along both axes, and along one.
  { size: [16, 22], channels: 6, filters: 9, rows: 2, points: "mixed", taps: 3, same: true },
  { size: [13, 8], channels: 5, filters: 8, rows: 1, points: "mixed", taps: 3 },
  { size: [9, 14], channels: 4, filters: 12, rows: 3, points: "mixed", taps: 2 },
] as const;

describe.each(moduleNames)("Winograd's forward pass in stages, %s", (name) => {
  it.each(samples)(
    "gives what blocks give, to the bit: $size x $channels to $filters, $rows pictures",
    async (sample) => {
      const { channels, filters, rows, taps } = sample;
      const { height, width, outHeight, outWidth, padTop, padLeft } = windowOf({ ...sample, kernel: [taps, taps] });
      const size = { outHeight, outWidth };
      const tiling = sample.points === "mixed" ? mixedTiling(size, taps) : tilingOf(size, sample.points, taps);
      const { points } = tiling;
      // Room for a picture more than there are.
      const n = { perRow: 1 };
      const staging = stagingOf({ n, channels }, filters, tiling, rows + 1)!;
      const machine = await KernelMachine.of(name);
      const outputs = rows * outHeight * outWidth * filters;
      const room = (length: number) => machine.put(new Float32Array(length + 1).fill(7));
      const [blocked, staged, relu] = [room(outputs), room(outputs), room(outputs)];
      const x = machine.put(randomFloats(rows * height * width * channels, 1));
      const filter = room(filterPointBytes(points, channels, filters) / 4);
      const bias = machine.put(randomFloats(filters, 3));
      const [pictures, results] = [room(staging.bytes.pictures / 4), room(staging.bytes.results / 4)];
      const { tiles } = staging;
      const most = fours(Math.max(4, tiling.across));
      const geometry = { n, height, width, channels, padTop, padLeft };
      const out = { n, outHeight, outWidth, filters, ...tiling, tiles };
      const failed = machine.run(
        [
          call("winogradFilter", {
            w: machine.put(randomFloats(taps * taps * channels * filters, 2)),
            forward: filter,
            points,
            taps,
            channels,
            filters,
          }),
          call("winogradForward", {
            x,
            filter,
            bias,
            y: blocked,
            ...geometry,
            ...out,
            tiles: most,
            block: tilesOfBlock(tiling, most),
          }),
          call("winogradPoints", { x, y: pictures, ...geometry, ...tiling, tiles }),
          call("winogradProducts", {
            x: pictures,
            filter,
            y: results,
            n,
            channels,
            filters,
            ...tiling,
            tiles,
          }),
          call("winogradResults", { x: results, bias, y: staged, ...out }),
          call("winogradResults", { x: results, bias, y: relu, relu: 1, ...out }),
        ],
        { rows },
      );
      expect(failed).toBe(0);
      const read = (at: number) => machine.floats(at, outputs);
      expect(read(staged)).toEqual(read(blocked));
      expect(read(relu)).toEqual(read(blocked).map((v) => Math.max(v, 0)));
      const behind = [staged, relu].map((at) => machine.floats(at + outputs * 4, 1)[0]);
      expect(behind).toEqual([7, 7]);
      expect(machine.floats(pictures + staging.bytes.pictures, 1)[0]).toBe(7);
      expect(machine.floats(results + staging.bytes.results, 1)[0]).toBe(7);
    },
  );
});

describe("stagingOf", () => {
  const tiling = { points: 8, taps: 3, down: 4, across: 4, short: 0, narrow: 0 } as const;
  const layer = { n: { perRow: 1 }, channels: 64 };

  it("shares the tiles of a picture or two out", () => {
    expect(stagingOf(layer, 64, tiling, 1)).toMatchObject({ tiles: 16 });
    expect(stagingOf({ ...layer, n: 1 }, 64, { ...tiling, down: 1, across: 1 }, 128)).toMatchObject({ tiles: 4 });
  });

  it("leaves many tiles, whose points would not stay in the caches, to blocks", () => {
    expect(stagingOf(layer, 64, tiling, 4)).toBeUndefined();
    expect(stagingOf({ ...layer, n: 128 }, 64, tiling, 1)).toBeUndefined();
  });
});
