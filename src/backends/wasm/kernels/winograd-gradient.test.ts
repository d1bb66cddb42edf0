import { describe, expect, it } from "vitest";
import { call, KernelMachine, moduleNames, randomFloats } from "../../../../test/support/kernel-machine.js";
import { spreadTerms, winogradBound } from "../../../../test/support/winograd-bound.js";
import { filterPointBytes, mixedTiling, type Points, type Taps, tilingOf } from "./winograd.js";
import { gradientBlocks, type Pooling } from "./winograd-gradient.js";

type Pair = readonly [number, number];

interface Case {
  readonly points: Points;
  /** 3 if not given. */
  readonly taps?: Taps;
  readonly size: Pair;
  readonly channels: number;
  readonly filters: number;
  readonly same?: boolean;
  /** Where dy comes from; default it is given as it is. */
  readonly form?: "relu" | "pool";
  readonly pool?: { readonly size: Pair; readonly strides: Pair; readonly before: Pair };
  readonly rows?: number;
  readonly chunk?: number;
  readonly block?: number;
  /** Tiles of eight points and of seven. */
  readonly mixed?: boolean;
}

const all: readonly Points[] = [4, 6, 7, 8];
const kinds = ([2, 3] as const).flatMap((taps) => all.map((points) => ({ points, taps })));
const plain = { channels: 3, filters: 5, size: [7, 9] as const };

/** Cases of a tile. */
function tiledCases({ points, taps }: { readonly points: Points; readonly taps: Taps }): Case[] {
  const shapes: Omit<Case, "taps">[] = [
    // Whole tiles, tiles over every edge, tiles larger than the picture, a single pixel.
    { points, channels: 8, filters: 8, size: [2 * points - taps + 1, 3 * points - 2 * taps + 2], rows: 3 },
    { points, ...plain },
    { points, ...plain, same: true },
    { points, ...plain, form: "relu" },
    { points, ...plain, form: "relu", same: true, rows: 7, chunk: 3 },
    { points, ...plain, form: "pool" },
    { points, ...plain, size: [3, 3], channels: 1, filters: 1 },
    { points, ...plain, size: [1, 1], same: true },
    { points, ...plain, size: [1, 13], same: true, form: "relu" },
    // Rests of a line of channels, of quads and of panels.
    { points, size: [points, points + 1], channels: 16, filters: 12, form: "relu" },
    { points, size: [points + 1, points], channels: 21, filters: 34, form: "relu", same: true },
    { points, size: [5, 5], channels: 33, filters: 20, same: true, form: "pool" },
    { points, size: [14, 13], channels: 4, filters: 4, form: "pool", same: true, block: 4 },
    // Blocks that end within a row of tiles.
    { points, size: [30, 31], channels: 4, filters: 8, form: "relu", block: 8, rows: 2, chunk: 1 },
  ];
  return shapes.map((shape) => ({ ...shape, taps }));
}

/** Tiles of two sizes along both axes or along one; blocks of one row of tiles, of several, and of several pictures. */
function mixedCases(taps: Taps): Case[] {
  const shapes: Omit<Case, "points">[] = [
    { size: [18, 15], channels: 8, filters: 8, block: 4 },
    // Every tile is short: none has the point of infinity down. Two chunks, so that sums of one lie where the other's are.
    { size: [taps + 4, 8 + taps + 2], channels: 8, filters: 8, block: 4, rows: 4, chunk: 2 },
    { size: [8 + taps + 2, taps + 4], channels: 8, filters: 8, block: 4, rows: 4, chunk: 2 },
    { size: [16, 16], channels: 7, filters: 13, same: true, block: 20, form: "relu" },
    { size: [9, 32], channels: 4, filters: 9, same: true, block: 8, form: "pool" },
    { size: [32, 11], channels: 17, filters: 6, same: true, block: 40, form: "pool", rows: 3 },
    { size: [20, 14], channels: 5, filters: 24, block: 12, form: "relu", rows: 7, chunk: 3 },
    { size: [14, 25], channels: 3, filters: 8, block: 28 },
    { size: [5, 23], channels: 9, filters: 5, same: true, block: 8 },
    { size: [32, 32], channels: 32, filters: 32, same: true, block: 36, form: "pool", rows: 2 },
  ];
  return shapes.map((shape) => ({ ...shape, points: 8, taps, mixed: true }));
}

const cases: readonly Case[] = [
  ...kinds.flatMap(tiledCases),
  ...([2, 3] as const).flatMap(mixedCases),
  // Windows that overlap, that leave gaps, and that begin outside.
  { points: 6, ...plain, form: "pool", pool: { size: [3, 3], strides: [2, 1], before: [0, 0] } },
  { points: 7, ...plain, form: "pool", pool: { size: [2, 1], strides: [3, 2], before: [0, 0] }, same: true },
  { points: 8, ...plain, form: "pool", pool: { size: [3, 4], strides: [1, 2], before: [1, 1] }, same: true },
  { points: 4, ...plain, form: "pool", pool: { size: [7, 9], strides: [1, 1], before: [0, 0] }, same: true },
  // As in a network.
  { points: 8, size: [26, 26], channels: 64, filters: 64, form: "pool", rows: 3, chunk: 2 },
  { points: 7, size: [12, 12], channels: 64, filters: 128, form: "relu", rows: 6, chunk: 3 },
  { points: 6, size: [10, 10], channels: 128, filters: 128, form: "relu", rows: 5, chunk: 4 },
  { points: 8, taps: 2, size: [15, 15], channels: 128, filters: 64, form: "relu", rows: 3, chunk: 2 },
];

function geometryOf({ size, same = false, points, taps = 3, pool, mixed = false }: Case) {
  const [height, width] = size;
  // With two taps the padding is behind the rows and before the columns.
  const [padTop, padLeft] = same ? [taps - 2, 1] : [0, 0];
  const [outHeight, outWidth] = same ? [height, width] : [height - taps + 1, width - taps + 1];
  const { size: high, strides, before } = pool ?? { size: [2, 2], strides: [2, 2], before: [0, 0] };
  const count = (length: number, i: 0 | 1) => Math.max(0, Math.floor((length + before[i] - high[i]) / strides[i]) + 1);
  const pooling: Pooling = {
    pooledHeight: count(outHeight, 0),
    pooledWidth: count(outWidth, 1),
    poolHeight: high[0],
    poolWidth: high[1],
    poolStrideHeight: strides[0],
    poolStrideWidth: strides[1],
    poolTop: before[0],
    poolLeft: before[1],
  };
  const window = { height, width, outHeight, outWidth, padTop, padLeft };
  const tiling = mixed ? mixedTiling({ outHeight, outWidth }, taps) : tilingOf({ outHeight, outWidth }, points, taps);
  return { window, pooling, tiling };
}

/** Sends p where the route says, for pictures of outHeight by outWidth pixels. */
function unpooled(
  p: Float32Array,
  route: Uint8Array,
  pool: Pooling,
  [rows, height, width, filters]: readonly number[],
): Float64Array {
  const result = new Float64Array(rows! * height! * width! * filters!);
  p.forEach((value, i) => {
    const window = Math.floor(i / filters!);
    const [q, line] = [window % pool.pooledWidth, Math.floor(window / pool.pooledWidth)];
    const [o, picture] = [line % pool.pooledHeight, Math.floor(line / pool.pooledHeight)];
    const place = route[i]!;
    const r = o * pool.poolStrideHeight - pool.poolTop + Math.floor(place / pool.poolWidth);
    const c = q * pool.poolStrideWidth - pool.poolLeft + (place % pool.poolWidth);
    if (place === 255 || r < 0 || r >= height! || c < 0 || c >= width!) return;
    result[((picture * height! + r) * width! + c) * filters! + (i % filters!)]! += value;
  });
  return result;
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}

/** The largest error, in roundings (2^-24) of the terms' sizes. */
function errorOf(actual: Float32Array, expected: Float64Array, size: Float64Array): number {
  return largest(expected.map((v, i) => (actual[i] === v ? 0 : (actual[i]! - v) / (2 ** -24 * size[i]!))));
}

describe.each(moduleNames)("winogradGradient, %s", (module) => {
  it.each(cases)(
    "$points points, $taps taps, $size x $channels to $filters, same $same, $form, $rows pictures, chunk $chunk, block $block, mixed $mixed",
    async (sample) => {
      const machine = await KernelMachine.of(module);
      const { channels, filters, form, rows = 5, chunk = 2, block = 16 } = sample;
      const { window, pooling, tiling } = geometryOf(sample);
      const { height, width, outHeight, outWidth, padTop, padLeft } = window;
      const { points, taps } = tiling;
      const outputs = rows * outHeight * outWidth * filters;
      const pooled = rows * pooling.pooledHeight * pooling.pooledWidth * filters;
      const x = randomFloats(rows * height * width * channels, 1);
      const k = randomFloats(taps * taps * channels * filters, 2);
      const given = randomFloats(form === "pool" ? pooled : outputs, 3);
      const y = randomFloats(outputs, 4);
      const places = pooling.poolHeight * pooling.poolWidth;
      const route = Uint8Array.from(randomFloats(pooled, 5), (v) => {
        const place = Math.floor(((v + 1) / 2) * (places + 1));
        return place >= places ? 255 : place;
      });
      const dy =
        form === "pool"
          ? unpooled(given, route, pooling, [rows, outHeight, outWidth, filters])
          : Float64Array.from(given, (v, i) => (form === "relu" && !(y[i]! > 0) ? 0 : v));

      const depth = taps * taps * channels;
      const zeros = (length: number) => [new Float64Array(length), new Float64Array(length)] as const;
      const [dx, dxSize] = zeros(x.length);
      const [dk, dkSize] = zeros(k.length);
      const [db, dbSize] = zeros(filters);
      const add = ([sum, size]: readonly [Float64Array, Float64Array], i: number, term: number) => {
        sum[i]! += term;
        size[i]! += Math.abs(term);
      };
      for (let i = 0; i < outputs; i++) {
        if (dy[i] === 0) continue;
        add([db, dbSize], i % filters, dy[i]!);
        const pixel = Math.floor(i / filters);
        const [p, line] = [pixel % outWidth, Math.floor(pixel / outWidth)];
        const [o, picture] = [line % outHeight, Math.floor(line / outHeight)];
        for (let tap = 0; tap < taps * taps; tap++) {
          const [h, w] = [o + Math.floor(tap / taps) - padTop, p + (tap % taps) - padLeft];
          if (h < 0 || h >= height || w < 0 || w >= width) continue;
          for (let c = 0; c < channels; c++) {
            const xi = ((picture * height + h) * width + w) * channels + c;
            const ki = (tap * channels + c) * filters + (i % filters);
            add([dx, dxSize], xi, dy[i]! * k[ki]!);
            add([dk, dkSize], ki, dy[i]! * x[xi]!);
          }
        }
      }

      const guard = 7;
      const room = (length: number) => machine.put(new Float32Array(length + 1).fill(guard));
      const [dxAt, dxOnly, dkAt, dkOnly] = [
        room(x.length),
        room(x.length),
        room(k.length + filters),
        room(k.length + filters),
      ];
      const stride = (depth + 1) * filters;
      const filter = machine.allocate(filterPointBytes(points, filters, channels));
      const [partials, partialsOnly] = [room(Math.ceil(rows / chunk) * stride), room(Math.ceil(rows / chunk) * stride)];
      const words = {
        x: machine.put(x),
        dy: machine.put(given),
        ...(form === "relu" ? { y: machine.put(y) } : {}),
        ...(form === "pool" ? { route: machine.put(route), ...pooling } : {}),
        n: { perRow: 1 },
        ...window,
        ...tiling,
        channels,
        filters,
        block,
        chunk,
      };
      const sum = { n: stride, stride, units: { perRow: 1 }, chunk };
      const failed = machine.run(
        [
          call("winogradFilter", { w: machine.put(k), backward: filter, points, taps, channels, filters }),
          call("winogradGradient", { ...words, filter, partials, dx: dxAt }),
          call("winogradGradient", { ...words, filter, dx: dxOnly }),
          call("winogradGradient", { ...words, partials: partialsOnly }),
          call("reducePartials", { partials, y: dkAt, ...sum }),
          call("reducePartials", { partials: partialsOnly, y: dkOnly, ...sum }),
        ],
        { rows },
      );
      expect(failed).toBe(0);
      const [gotX, gotK] = [machine.floats(dxAt, x.length), machine.floats(dkAt, stride)];
      spreadTerms(dxSize, height * width, channels);
      spreadTerms(dkSize, taps * taps, channels * filters);
      const e = {
        dx: errorOf(gotX, dx, dxSize),
        dw: errorOf(gotK.subarray(0, k.length), dk, dkSize),
        db: errorOf(gotK.subarray(k.length), db, dbSize),
      };
      expect(e.dx).toBeLessThan(winogradBound[taps][points]);
      expect(e.dw).toBeLessThan(winogradBound[taps][points]);
      // The bias's gradient is a plain sum, a tile first.
      expect(e.db).toBeLessThan(2);
      // What is wanted changes no bit of it.
      expect(machine.floats(dxOnly, x.length)).toEqual(gotX);
      expect(machine.floats(dkOnly, stride)).toEqual(gotK);
      for (const [at, length] of [
        [dxAt, x.length],
        [dxOnly, x.length],
        [dkAt, stride],
        [partials, Math.ceil(rows / chunk) * stride],
      ] as const) {
        expect(machine.floats(at, length + 1)[length]).toBe(guard);
      }
    },
  );
});

describe("gradientBlocks", () => {
  const blocksOf = (side: number, points: Points, channels: number, filters: number, pictures: number) =>
    gradientBlocks(tilingOf({ outHeight: side, outWidth: side }, points, 3), channels, filters, pictures);

  it("cuts a batch into chunks that threads can share, and these into blocks", () => {
    expect(blocksOf(24, 8, 64, 64, 128)).toEqual({ chunk: 8, block: 32 });
    expect(blocksOf(10, 7, 64, 128, 128)).toEqual({ chunk: 16, block: 32 });
    expect(blocksOf(8, 6, 128, 128, 128)).toEqual({ chunk: 16, block: 32 });
    expect(blocksOf(8, 6, 128, 128, 32)).toEqual({ chunk: 8, block: 32 });
    expect(blocksOf(8, 6, 512, 512, 8)).toEqual({ chunk: 4, block: 16 });
    expect(blocksOf(224, 8, 16, 16, 1)).toEqual({ chunk: 1, block: 32 });
    expect(blocksOf(1, 4, 1, 1, 1)).toEqual({ chunk: 1, block: 4 });
  });
});
