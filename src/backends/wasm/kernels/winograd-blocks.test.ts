import { describe, expect, it } from "vitest";
import { windowOf } from "../../../../test/support/windows.js";
import { blockBytes, mixedTiling, type Points, tilingOf } from "./winograd.js";
import { leastPadded, pooledBlocks, productsOfTile, tilesAtOnce, tilesOfBlock } from "./winograd-blocks.js";
import { tilingFor } from "./winograd-rule.js";

const layer = (size: number, channels: number, same = false) =>
  windowOf({ size: [size, size], channels, filters: 1, kernel: [3, 3], same });
const tiling = (points: Points, side: number) => tilingOf({ outHeight: side, outWidth: side }, points, 3);
const mixed = (outHeight: number, outWidth: number) => mixedTiling({ outHeight, outWidth }, 3);

describe("blocks of tiles", () => {
  const shapes = [
    [layer(26, 64), 64, 128],
    [layer(12, 64), 128, 128],
    [layer(10, 128), 128, 16],
    [layer(32, 32, true), 32, 8],
    [layer(7, 512, true), 512, 64],
    [layer(26, 64), 64, 1],
  ] as const;

  it("are whole panels that fit into the cache, as far as 16 tiles do", () => {
    for (const [window, filters, capacity] of shapes) {
      const tiling = tilingFor(window, filters, capacity)!;
      const tiles = tilesAtOnce(window, filters, tiling, capacity);
      expect(tiles % 4).toBe(0);
      expect(tiles).toBeGreaterThanOrEqual(4);
      if (tiles > 16) {
        expect(blockBytes(tiling.points, tiles, window.channels, filters)).toBeLessThanOrEqual(512 * 1024);
      }
    }
  });

  it("leave work for several threads where there is a single picture", () => {
    expect(tilesAtOnce(layer(26, 64), 64, tiling(8, 24), 1)).toBe(4);
  });

  it("are whole pictures where they are pooled, and none where a picture is too large", () => {
    expect(pooledBlocks(layer(26, 64), 64, tiling(8, 24), 128)).toEqual({
      block: 16,
      tiles: 16,
    });
    expect(pooledBlocks(layer(10, 128), 128, tiling(6, 8), 128)?.block).toBe(20);
    // 36 tiles in two equal parts.
    expect(pooledBlocks(layer(32, 32, true), 32, tiling(8, 32), 128)).toEqual({
      block: 36,
      tiles: 20,
    });
    expect(pooledBlocks(layer(112, 64, true), 64, tiling(8, 112), 128)).toBeUndefined();
  });

  it("are whole rows of mixed tiles, as many as fill fours of them best", () => {
    // A picture; four pictures of nine tiles; four rows of five, which are 20 places instead of 28.
    expect(tilesAtOnce(layer(32, 32, true), 32, mixed(32, 32), 128)).toBe(36);
    expect(tilesAtOnce(layer(16, 64, true), 64, mixed(16, 16), 128)).toBe(36);
    expect(leastPadded(mixed(28, 28), 28)).toBe(20);
    expect(tilesOfBlock(mixed(28, 28), 28)).toBe(25);
    expect(tilesOfBlock(tiling(8, 28), 28)).toBe(28);
    // Never less than a row.
    expect(tilesAtOnce(layer(32, 32, true), 32, mixed(32, 32), 1)).toBe(8);
    expect(pooledBlocks(layer(32, 32, true), 32, mixed(32, 32), 128)).toEqual({ block: 36, tiles: 36 });
    expect(pooledBlocks(layer(16, 64, true), 64, mixed(16, 16), 128)).toEqual({ block: 36, tiles: 36 });
    // A picture, though its points are more.
    expect(pooledBlocks(layer(32, 64, true), 64, mixed(32, 32), 128)).toEqual({ block: 36, tiles: 36 });
  });
});

describe("productsOfTile", () => {
  it("is the points of tiles of one size, of mixed ones with those that fill fours", () => {
    expect(productsOfTile(tiling(7, 10), 32)).toBe(49);
    // 36 tiles that have 49 points, 12 that have 7 more down, 12 across, and 4 with the last one.
    expect(productsOfTile(mixed(32, 32), 36)).toBe((49 * 36 + 2 * 7 * 12 + 4) / 36);
    // One row: 6 of 8 places; all wide in two rows of six, of which 2 of 4 places are narrow.
    expect(productsOfTile(mixed(32, 32), 8)).toBe((6 * 7 * (7 * 8 + 4) + 2 * (7 * 8 + 4)) / 36);
  });
});
