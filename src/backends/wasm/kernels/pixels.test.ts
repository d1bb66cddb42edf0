import { describe, expect, it } from "vitest";
import { call, KernelMachine, moduleNames, randomFloats } from "../../../../test/support/kernel-machine.js";
import { packingBlocks, pairBytes, panelBytes, pixelBlocks } from "../kernels.js";

/** Half of the values zero, one way or the other. */
function halved(x: Float32Array, seed: number): Float32Array {
  const dice = randomFloats(x.length, seed);
  return x.map((v, i) => (dice[i]! > 0 ? v : 0));
}

interface Sides {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly mask?: Float32Array;
  readonly kBlock?: number;
}

/** c as its tiles pack their own rows, and as rows packed before give it, with a number behind the end of each. */
function products(machine: KernelMachine, { m, n, k, a, b, mask, kBlock = k }: Sides) {
  const masked = mask === undefined ? a : a.map((v, i) => (mask[i]! > 0 ? v : 0));
  const [left, ready] = [machine.put(a), machine.put(masked)];
  const panels = machine.allocate(panelBytes(k, n));
  const pairs = machine.allocate(pairBytes(m, k, kBlock));
  const room = () => machine.put(new Float32Array(m * n + 1).fill(9));
  const [own, before] = [room(), room()];
  const words = { b: panels, bias: machine.put(randomFloats(n, 5)), m, n, k, aStride: k, cStride: n, relu: 1 };
  const failed = machine.run([
    call("packPanels", { x: machine.put(b), y: panels, k, n, stride: n }),
    call("packPairs", { a: ready, y: pairs, m, k, aStride: k, kBlock }),
    call("gemm", { ...words, a: ready, pairs, c: before, mBlock: 8, nBlock: 16, kBlock }),
    call("gemm", {
      ...words,
      a: left,
      ...(mask === undefined ? {} : { mask: machine.put(mask) }),
      packs: 1,
      c: own,
      ...packingBlocks(m, n, k, 1),
      kBlock,
    }),
  ]);
  expect(failed).toBe(0);
  return { own: machine.floats(own, m * n + 1), before: machine.floats(before, m * n + 1) };
}

describe.each(moduleNames)("gemm whose tiles pack their own rows, %s", (module) => {
  it.each([
    { m: 1, n: 1, k: 1 },
    { m: 7, n: 5, k: 3 },
    { m: 33, n: 16, k: 13 },
    { m: 128, n: 96, k: 48 },
    { m: 129, n: 127, k: 30, kBlock: 11 },
    { m: 600, n: 33, k: 17 },
  ])("gives what packed rows give, to the bit, masked or not: $m x $k x $n", async ({ m, n, k, kBlock }) => {
    const machine = await KernelMachine.of(module);
    const sides = { m, n, k, a: halved(randomFloats(m * k, 1), 2), b: randomFloats(k * n, 3), kBlock: kBlock ?? k };
    for (const mask of [undefined, randomFloats(m * k, 4)]) {
      const { own, before } = products(machine, { ...sides, ...(mask === undefined ? {} : { mask }) });
      expect(own).toEqual(before);
      expect(own[m * n]).toBe(9);
    }
  });

  it("leaves nothing out beside numbers that are not finite", async () => {
    const machine = await KernelMachine.of(module);
    const [m, n, k] = [6, 20, 9];
    const b = randomFloats(k * n, 3);
    b[4 * n + 2] = Number.POSITIVE_INFINITY;
    const a = new Float32Array(m * k);
    const { own } = products(machine, { m, n, k, a, b });
    for (let i = 0; i < m; i++) expect(own[i * n + 2]).toBeNaN();
    const mask = new Float32Array(m * k).fill(-1);
    const { own: masked } = products(machine, { m, n, k, a: a.fill(1), b, mask });
    for (let i = 0; i < m; i++) expect(masked[i * n + 2]).toBeNaN();
    expect(masked.filter(Number.isNaN)).toHaveLength(m);
  });
});

/** What pixelGradients leaves for so many pixels: dx, and dw and db as the sums of its chunks. */
function gradients(machine: KernelMachine, g: PixelCase, { x, dy, y, w }: PixelOperands) {
  const { pixels, channels, filters } = g;
  const panels = machine.allocate(panelBytes(filters, channels));
  const blocks = pixelBlocks(pixels, channels, filters, 1);
  const chunks = Math.ceil(pixels / blocks.chunk);
  const stride = (channels + 1) * filters;
  const partials = machine.put(new Float32Array(chunks * stride + 1).fill(9));
  const dx = machine.put(new Float32Array(pixels * channels + 1).fill(9));
  const failed = machine.run([
    call("packPanels", { x: machine.put(w), y: panels, k: filters, n: channels, stride: filters, transposed: 1 }),
    call("pixelGradients", {
      ...{ x: machine.put(x), dy: machine.put(dy), filter: panels, partials, dx },
      ...(y === undefined ? {} : { y: machine.put(y) }),
      ...{ pixels, channels, filters },
      ...blocks,
    }),
  ]);
  expect(failed).toBe(0);
  const sums = new Float64Array(stride);
  const left = machine.floats(partials, chunks * stride + 1);
  for (let i = 0; i < chunks * stride; i++) sums[i % stride]! += left[i]!;
  const input = machine.floats(dx, pixels * channels + 1);
  expect([left[chunks * stride], input[pixels * channels]]).toEqual([9, 9]);
  return { dw: sums.slice(0, channels * filters), db: sums.slice(channels * filters), dx: input.subarray(0, -1) };
}

interface PixelCase {
  readonly pixels: number;
  readonly channels: number;
  readonly filters: number;
}

interface PixelOperands {
  readonly x: Float32Array;
  readonly dy: Float32Array;
  readonly y?: Float32Array;
  readonly w: Float32Array;
}

/** The same in float64, and sums of the terms' magnitudes, which bound what float32 may lose. */
function exact({ pixels, channels, filters }: PixelCase, { x, dy, y, w }: PixelOperands) {
  const zeros = (n: number) => ({ value: new Float64Array(n), magnitude: new Float64Array(n) });
  const [dw, db, dx] = [zeros(channels * filters), zeros(filters), zeros(pixels * channels)];
  const add = (to: typeof dw, i: number, v: number) => {
    to.value[i]! += v;
    to.magnitude[i]! += Math.abs(v);
  };
  for (let q = 0; q < pixels; q++) {
    for (let f = 0; f < filters; f++) {
      const d = y === undefined || y[q * filters + f]! > 0 ? dy[q * filters + f]! : 0;
      add(db, f, d);
      for (let c = 0; c < channels; c++) {
        add(dw, c * filters + f, x[q * channels + c]! * d);
        add(dx, q * channels + c, d * w[c * filters + f]!);
      }
    }
  }
  return { dw, db, dx };
}

describe.each(moduleNames)("pixelGradients, %s", (module) => {
  it.each([
    { pixels: 1, channels: 1, filters: 1 },
    { pixels: 5, channels: 3, filters: 2 },
    { pixels: 33, channels: 6, filters: 17 },
    { pixels: 300, channels: 13, filters: 30 },
    { pixels: 700, channels: 16, filters: 40 },
    { pixels: 900, channels: 5, filters: 16 },
    { pixels: 40, channels: 9, filters: 1100 },
    // Several blocks a chunk, the last one cut short.
    { pixels: 9001, channels: 13, filters: 50 },
  ])("agrees with float64, masked or not: $pixels x $channels to $filters", async (g) => {
    const machine = await KernelMachine.of(module);
    const { pixels, channels, filters } = g;
    const x = halved(randomFloats(pixels * channels, 1), 2);
    const operands = { x, dy: randomFloats(pixels * filters, 3), w: randomFloats(channels * filters, 4) };
    for (const y of [undefined, randomFloats(pixels * filters, 5)]) {
      const all = y === undefined ? operands : { ...operands, y };
      const found = gradients(machine, g, all);
      const wanted = exact(g, all);
      for (const name of ["dw", "db", "dx"] as const) {
        const { value, magnitude } = wanted[name];
        const off = (i: number) => Math.abs(found[name][i]! - value[i]!) / (magnitude[i]! + 1e-30);
        let worst = 0;
        for (let i = 0; i < value.length; i++) worst = Math.max(worst, off(i));
        expect(worst, name).toBeLessThan(2 ** -23 * 16);
      }
    }
  });

  it("leaves nothing out beside a number that is not finite in a later block", async () => {
    const machine = await KernelMachine.of(module);
    const g = { pixels: 9001, channels: 3, filters: 48 };
    const { block, chunk } = pixelBlocks(g.pixels, g.channels, g.filters, 1);
    expect(chunk).toBeGreaterThan(block + 3);
    const dy = randomFloats(g.pixels * g.filters, 3);
    dy[(block + 3) * g.filters + 5] = Number.POSITIVE_INFINITY;
    const x = new Float32Array(g.pixels * g.channels);
    const { dw, db } = gradients(machine, g, { x, dy, w: randomFloats(g.channels * g.filters, 4) });
    expect(db[5]).toBe(Number.POSITIVE_INFINITY);
    dw.forEach((v, i) => {
      expect(v).toBe(i % g.filters === 5 ? Number.NaN : 0);
    });
  });

  it("leaves nothing out beside numbers that are not finite, and nothing in that is masked", async () => {
    const machine = await KernelMachine.of(module);
    const g = { pixels: 50, channels: 7, filters: 9 };
    const x = new Float32Array(50 * 7);
    const w = randomFloats(63, 4);
    const dy = randomFloats(450, 3);
    dy[20 * 9 + 4] = Number.NaN;
    const { dw, db, dx } = gradients(machine, g, { x, dy, w });
    expect(db[4]).toBeNaN();
    for (let c = 0; c < 7; c++) expect(dw[c * 9 + 4]).toBeNaN();
    expect(dw.filter(Number.isNaN)).toHaveLength(7);
    expect(dx.filter(Number.isNaN)).toHaveLength(7);
    const y = new Float32Array(450).fill(1);
    y[20 * 9 + 4] = 0;
    const masked = gradients(machine, g, { x, dy, y, w });
    for (const values of [masked.dw, masked.db, masked.dx]) expect(values.every(Number.isFinite)).toBe(true);
    w[3 * 9 + 2] = Number.POSITIVE_INFINITY;
    const wide = gradients(machine, g, { x, dy: new Float32Array(450), w });
    expect(wide.dx.filter(Number.isNaN)).toHaveLength(50);
  });
});
