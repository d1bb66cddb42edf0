import { describe, expect, it } from "vitest";
import {
  call,
  firstBeyond,
  KernelMachine,
  moduleNames,
  randomFloats,
} from "../../../../test/support/kernel-machine.js";
import { gemmBlocks, kernels, packedBytes, pairBytes, panelBytes, type Size } from "../kernels.js";
import { sizeAt } from "./kernel.js";

const sizes = [1, 2, 3, 5, 13, 16, 127, 129];

/** a [m, k] times b [k, n] in float64, and the sums of the absolute terms. */
function product(a: Float32Array, b: Float32Array, m: number, n: number, k: number) {
  const sum = new Float64Array(m * n);
  const magnitude = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let l = 0; l < k; l++) {
      for (let j = 0; j < n; j++) {
        const term = a[i * k + l]! * b[l * n + j]!;
        sum[i * n + j]! += term;
        magnitude[i * n + j]! += Math.abs(term);
      }
    }
  }
  return { sum, magnitude };
}

/** x [rows, columns] transposed. */
function turned(x: Float32Array, rows: number, columns: number): Float32Array {
  return x.map((_, i) => x[(i % rows) * columns + Math.floor(i / rows)]!);
}

/** About so many of the values zero, in runs as pictures have them and here and there as relu makes them. */
function thinned(x: Float32Array, share: number, seed: number): Float32Array {
  const dice = randomFloats(x.length, seed);
  return x.map((v, i) => ((dice[i]! + 1) / 2 < share || (dice[i >> 3]! + 1) / 2 < share / 2 ? 0 : v));
}

interface Sides {
  readonly m: Size;
  readonly n: Size;
  readonly k: Size;
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly pairs?: boolean;
  readonly bias?: Float32Array;
  readonly relu?: boolean;
  readonly blocks?: { mBlock: number; nBlock: number; kBlock: number };
  readonly rows?: number;
  /** Columns of c, of which n are written. */
  readonly cStride?: number;
}

/** c with one number behind it, from which each call starts: 9. a and b are as they lie in memory. */
function multiply(machine: KernelMachine, { a, b, rows = 1, ...sides }: Sides): Float32Array {
  const [m, n, k] = [sides.m, sides.n, sides.k].map((size) => sizeAt(size, rows)) as [number, number, number];
  const { cStride = n, blocks = gemmBlocks(sides.m, sides.n, sides.k, rows) } = sides;
  const [transposeA, transposeB] = [sides.transposeA ? 1 : 0, sides.transposeB ? 1 : 0];
  const aStride = transposeA ? m : k;
  const [left, panels] = [machine.put(a), machine.put(new Uint8Array(panelBytes(k, n)).fill(255))];
  const c = machine.put(new Float32Array(m * cStride + 1).fill(9));
  const pairs = sides.pairs ? machine.put(new Uint8Array(pairBytes(m, k, blocks.kBlock)).fill(255)) : undefined;
  const size = { m: sides.m, k: sides.k };
  const failed = machine.run(
    [
      call("packPanels", {
        x: machine.put(b),
        y: panels,
        k: sides.k,
        n: sides.n,
        stride: transposeB ? k : n,
        transposed: transposeB,
      }),
      ...(pairs === undefined
        ? []
        : [
            call("packPairs", {
              a: left,
              y: pairs,
              ...size,
              aStride,
              transposed: transposeA,
              kBlock: blocks.kBlock,
            }),
          ]),
      call("gemm", {
        a: left,
        ...(pairs === undefined ? {} : { pairs }),
        b: panels,
        ...(sides.bias === undefined ? {} : { bias: machine.put(sides.bias) }),
        c,
        ...size,
        n: sides.n,
        aStride,
        cStride,
        transposed: transposeA,
        relu: sides.relu ? 1 : 0,
        ...blocks,
      }),
    ],
    { rows },
  );
  expect(failed).toBe(0);
  return machine.floats(c, m * cStride + 1);
}

describe.each(moduleNames)("gemm, packPanels and packPairs, %s", (module) => {
  it("agree with float64 for every edge, and pairs with rows to the bit", async () => {
    let machine = await KernelMachine.of(module);
    let done = 0;
    for (const m of sizes) {
      for (const n of sizes) {
        for (const k of [1, 3, 4, 13, 127, 129]) {
          // It forgets what run() allocated, not what put() did.
          if (++done % 40 === 0) machine = await KernelMachine.of(module);
          const a = thinned(randomFloats(m * k, m + n), [0, 0.5, 0.9, 1][done % 4]!, k);
          const b = randomFloats(k * n, k + 7);
          const bias = randomFloats(n, 3);
          const { sum, magnitude } = product(a, b, m, n, k);
          const transposeA = done % 3 === 0;
          const transposeB = n % 3 === 0;
          const relu = m % 3 === 0;
          const sides = {
            m,
            n,
            k,
            a: transposeA ? turned(a, m, k) : a,
            b: transposeB ? turned(b, k, n) : b,
            transposeA,
            transposeB,
            bias,
            relu,
            blocks: { ...gemmBlocks(m, n, k, 1), kBlock: Math.max(1, Math.floor(k / 2)) },
          };
          const name = `${m} ${n} ${k}: `;
          const result = multiply(machine, { ...sides, pairs: true });
          const expected = sum.map((s, i) => (relu ? Math.max(0, s + bias[i % n]!) : s + bias[i % n]!));
          const bound = magnitude.map((s, i) => s + Math.abs(bias[i % n]!));
          expect(name + firstBeyond(result.subarray(0, m * n), expected, bound, 8)).toBe(name);
          expect(result[m * n]).toBe(9);
          expect(multiply(machine, { ...sides, pairs: false })).toEqual(result);
        }
      }
    }
  });

  it("leave out only what is zero in both rows: half of it saves half of the entries", async () => {
    const machine = await KernelMachine.of(module);
    const [m, k, kBlock] = [5, 100, 60];
    const a = new Float32Array(m * k).map((_, i) => (Math.floor((i % k) / 2) % 2 === 0 ? i + 1 : 0));
    const pairs = machine.put(new Uint8Array(pairBytes(m, k, kBlock)).fill(255));
    machine.run([call("packPairs", { a: machine.put(a), y: pairs, m, k, aStride: k, kBlock })]);
    expect([...machine.ints(pairs, 6)]).toEqual([30, 20, 30, 20, 30, 20]);
    // The second pair's second part: columns 60, 61, 64, 65, ... of rows 2 and 3.
    const at = pairs + 64 + (1 * k + 60) * 12;
    const entries = Array.from({ length: 20 }, (_, i) => {
      const column = 60 + 4 * Math.floor(i / 2) + (i % 2);
      return [(column - 60) * 64, 2 * k + column + 1, 3 * k + column + 1];
    });
    const read = Array.from({ length: 20 }, (_, i) => [
      machine.ints(at + i * 12, 1)[0],
      ...machine.floats(at + i * 12 + 4, 2),
    ]);
    expect(read).toEqual(entries);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "hide no %s on the right behind a zero on the left",
    async (special) => {
      const machine = await KernelMachine.of(module);
      const [m, n, k] = [6, 40, 30];
      for (const transposeB of [false, true]) {
        for (const transposeA of [false, true]) {
          // In the last column of the second panel, and in the third, which is not full.
          for (const column of [31, 33]) {
            const a = new Float32Array(m * k);
            const b = randomFloats(k * n, 5);
            b[17 * n + column] = special;
            const result = multiply(machine, {
              m,
              n,
              k,
              a,
              b: transposeB ? turned(b, k, n) : b,
              transposeA,
              transposeB,
              pairs: true,
            });
            for (let i = 0; i < m * n; i++) expect(result[i]).toBe(i % n === column ? Number.NaN : 0);
          }
        }
      }
    },
  );

  it("keep what is not finite on the left", async () => {
    const machine = await KernelMachine.of(module);
    const [m, n, k] = [4, 48, 20];
    const a = new Float32Array(m * k);
    a[1 * k + 3] = Number.NaN;
    a[2 * k + 4] = Number.POSITIVE_INFINITY;
    const b = new Float32Array(k * n).fill(1);
    b[4 * n] = 0;
    const result = multiply(machine, { m, n, k, a, b, pairs: true });
    const expected = Array.from({ length: m * n }, (_, i) => {
      if (i < n || i >= 3 * n) return 0;
      return i === 2 * n || i < 2 * n ? Number.NaN : Number.POSITIVE_INFINITY;
    });
    expect([...result.subarray(0, m * n)]).toEqual(expected);
  });

  it("writes a part of a wider matrix, and nothing beside it", async () => {
    const machine = await KernelMachine.of(module);
    const [m, n, k, stride] = [9, 11, 20, 16];
    const [a, b, before] = [randomFloats(m * k, 1), randomFloats(k * n, 2), randomFloats(m * stride, 3)];
    const { sum, magnitude } = product(a, b, m, n, k);
    const panels = machine.allocate(panelBytes(k, n));
    const c = machine.put(before);
    machine.run([
      call("packPanels", { x: machine.put(b), y: panels, k, n, stride: n }),
      call("gemm", {
        ...{ a: machine.put(a), b: panels, c, m, n, k, aStride: k, cStride: stride },
        ...{ mBlock: 4, nBlock: 16, kBlock: 8 },
      }),
    ]);
    const after = machine.floats(c, m * stride);
    for (let i = 0; i < m; i++) {
      const row = after.subarray(i * stride, i * stride + n);
      const [expected, bound] = [sum, magnitude].map((all) => all.slice(i * n, i * n + n));
      expect(firstBeyond(row, expected!, bound!, 8)).toBe("");
      expect(after.slice(i * stride + n, (i + 1) * stride)).toEqual(before.slice(i * stride + n, (i + 1) * stride));
    }
  });

  it.each([true, false])("takes n from the rows: a batch on the right side; pairs %s", async (pairs) => {
    const machine = await KernelMachine.of(module);
    const [rows, m, k, room] = [37, 9, 20, 50];
    const [a, b] = [randomFloats(m * k, 1), randomFloats(rows * k, 2)];
    const { sum, magnitude } = product(a, turned(b, rows, k), m, rows, k);
    const blocks = { mBlock: 4, nBlock: 16, kBlock: k };
    const n = { perRow: 1 };
    const result = multiply(machine, { m, n, k, a, b, transposeB: true, pairs, blocks, rows, cStride: room });
    for (let i = 0; i < m; i++) {
      const expected = sum.slice(i * rows, (i + 1) * rows);
      const bound = magnitude.slice(i * rows, (i + 1) * rows);
      expect(firstBeyond(result.subarray(i * room, i * room + rows), expected, bound, 8)).toBe("");
      expect([...result.subarray(i * room + rows, (i + 1) * room)]).toEqual(new Array(room - rows).fill(9));
    }
  });

  it("takes k from the rows of the step, and the blocks change nothing", async () => {
    const machine = await KernelMachine.of(module);
    const [rows, m, n] = [37, 24, 13];
    const [a, b] = [thinned(randomFloats(rows * m, 5), 0.6, 2), randomFloats(rows * n, 6)];
    const k = { perRow: 1 };
    const [first, ...others] = [1, 3].flatMap((scale) =>
      [true, false].map((pairs) => {
        const blocks = { mBlock: 4 * scale, nBlock: 16 * scale, kBlock: 16 };
        return multiply(machine, { m, n, k, a, b, transposeA: true, pairs, blocks, rows });
      }),
    );
    const { sum, magnitude } = product(turned(a, rows, m), b, m, n, rows);
    expect(firstBeyond(first!.subarray(0, m * n), sum, magnitude, 8)).toBe("");
    for (const other of others) expect(other).toEqual(first);
  });
});

describe("a product that packs its own rows", () => {
  const k = 8;
  const product = { a: 128, b: 128, c: 128, m: 4, n: 16, k, aStride: k, cStride: 16, packs: 1 };
  it.each([{ transposed: 1 }, { keep: 128, keepScale: 1 }])("refuses %j, which it would not heed", (more) => {
    const tiles = () => kernels.gemm.tiles({ ...product, mBlock: 8, nBlock: 16, kBlock: k, ...more });
    expect(tiles).toThrow(/packs its own rows/);
  });
});

describe.each(moduleNames)("packB, %s", (module) => {
  it("makes panels of 8 columns", async () => {
    const machine = await KernelMachine.of(module);
    const [k, n] = [5, 11];
    const x = randomFloats(k * n, 1);
    for (const transposed of [0, 1]) {
      const y = machine.allocate(packedBytes(k, n));
      const from = machine.put(transposed ? turned(x, k, n) : x);
      machine.run([call("packB", { x: from, y, k, n, stride: transposed ? k : n, transposed, count: 1 })]);
      const expected = Array.from({ length: 2 * k * 8 }, (_, i) => {
        const column = Math.floor(i / (k * 8)) * 8 + (i % 8);
        return column < n ? x[(Math.floor(i / 8) % k) * n + column]! : 0;
      });
      expect([...machine.floats(y, 2 * k * 8)]).toEqual(expected);
    }
  });
});
