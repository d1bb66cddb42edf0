import { describe, expect, it } from "vitest";
import {
  call,
  firstBeyond,
  KernelMachine,
  moduleNames,
  randomFloats,
} from "../../../../test/support/kernel-machine.js";
import { gemmBlocks, packedBytes } from "../kernels.js";

const sizes = [1, 3, 5, 7, 13, 127, 129];

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

describe.each(moduleNames)("gemm and packB, %s", (module) => {
  it("agree with float64 for every edge", async () => {
    const machine = await KernelMachine.of(module);
    for (const m of sizes) {
      for (const n of sizes) {
        for (const k of [1, 3, 13, 127, 129]) {
          // The machine forgets what run() allocated, not what put() did: one machine a size would be slow.
          const fresh = m * n * k > 500_000 ? await KernelMachine.of(module) : machine;
          const [a, b] = [randomFloats(m * k, m + n), randomFloats(k * n, k + 7)];
          const bias = randomFloats(n, 3);
          const { sum, magnitude } = product(a, b, m, n, k);
          const transposed = (m + n) % 4 === 0;
          const relu = m % 3 === 0;
          const at = fresh.put(transposed ? turned(a, m, k) : a);
          const bt = fresh.put(n % 3 === 0 ? turned(b, k, n) : b);
          const packed = fresh.allocate(packedBytes(k, n));
          const c = fresh.put(new Float32Array(m * n + 1).fill(9));
          const failed = fresh.run([
            call("packB", {
              x: bt,
              y: packed,
              k,
              n,
              stride: n % 3 === 0 ? k : n,
              transposed: n % 3 === 0 ? 1 : 0,
              count: 1,
            }),
            call("gemm", {
              a: at,
              b: packed,
              bias: fresh.put(bias),
              c,
              m,
              n,
              k,
              aStride: transposed ? m : k,
              cStride: n,
              transposed: transposed ? 1 : 0,
              relu: relu ? 1 : 0,
              ...gemmBlocks(m, n, k, 1),
              kBlock: Math.max(1, Math.floor(k / 2)),
            }),
          ]);
          expect(failed).toBe(0);
          const expected = sum.map((s, i) => (relu ? Math.max(0, s + bias[i % n]!) : s + bias[i % n]!));
          const bound = magnitude.map((s, i) => s + Math.abs(bias[i % n]!));
          expect(`${m} ${n} ${k}: ${firstBeyond(fresh.floats(c, m * n), expected, bound, 8)}`).toBe(`${m} ${n} ${k}: `);
          expect(fresh.floats(c, m * n + 1)[m * n]).toBe(9);
        }
      }
    }
  });

  it("adds to what is there, for a part of a wider matrix", async () => {
    const machine = await KernelMachine.of(module);
    const [m, n, k, stride] = [9, 11, 20, 16];
    const [a, b, before] = [randomFloats(m * k, 1), randomFloats(k * n, 2), randomFloats(m * stride, 3)];
    const { sum, magnitude } = product(a, b, m, n, k);
    const packed = machine.allocate(packedBytes(k, n));
    const c = machine.put(before);
    const shared = { a: machine.put(a), b: packed, c, m, n, k, aStride: k, cStride: stride, accumulate: 1 };
    machine.run([
      call("packB", { x: machine.put(b), y: packed, k, n, stride: n, count: 1 }),
      call("gemm", { ...shared, mBlock: 4, nBlock: 8, kBlock: 8 }),
    ]);
    const after = machine.floats(c, m * stride);
    for (let i = 0; i < m; i++) {
      const row = after.subarray(i * stride, i * stride + n);
      const expected = sum.slice(i * n, i * n + n).map((s, j) => s + before[i * stride + j]!);
      const bound = magnitude.slice(i * n, i * n + n).map((s) => s + 1);
      expect(firstBeyond(row, expected, bound, 8)).toBe("");
      expect(after.slice(i * stride + n, (i + 1) * stride)).toEqual(before.slice(i * stride + n, (i + 1) * stride));
    }
  });

  it("takes n from the rows: a batch on the right side", async () => {
    const machine = await KernelMachine.of(module);
    const [rows, m, k, room] = [37, 9, 20, 50];
    const [a, b] = [randomFloats(m * k, 1), randomFloats(rows * k, 2)];
    const { sum, magnitude } = product(a, turned(b, rows, k), m, rows, k);
    const packed = machine.allocate(packedBytes(k, room));
    const c = machine.put(new Float32Array(m * room).fill(9));
    const n = { perRow: 1 };
    machine.run(
      [
        call("packB", { x: machine.put(b), y: packed, k, n, stride: k, transposed: 1, count: 1 }),
        call("gemm", {
          a: machine.put(a),
          b: packed,
          c,
          m,
          n,
          k,
          aStride: k,
          cStride: room,
          mBlock: 4,
          nBlock: 8,
          kBlock: k,
        }),
      ],
      { rows },
    );
    const result = machine.floats(c, m * room);
    for (let i = 0; i < m; i++) {
      const expected = sum.slice(i * rows, (i + 1) * rows);
      const bound = magnitude.slice(i * rows, (i + 1) * rows);
      expect(firstBeyond(result.subarray(i * room, i * room + rows), expected, bound, 8)).toBe("");
      expect([...result.subarray(i * room + rows, (i + 1) * room)]).toEqual(new Array(room - rows).fill(9));
    }
  });

  it("takes k from the rows of the step, and the blocks change nothing", async () => {
    const machine = await KernelMachine.of(module);
    const [rows, width, other] = [37, 24, 13];
    const [x, y] = [randomFloats(rows * width, 5), randomFloats(rows * other, 6)];
    const packed = machine.allocate(packedBytes(64, 64));
    const perRow = { perRow: 1 };
    const results = [1, 3].map((scale) => {
      const c = machine.put(new Float32Array(width * other));
      machine.run(
        [
          call("packB", { x: machine.put(y), y: packed, k: perRow, n: other, stride: other, count: 1 }),
          call("gemm", {
            a: machine.put(x),
            b: packed,
            c,
            m: width,
            n: other,
            k: perRow,
            aStride: width,
            cStride: other,
            transposed: 1,
            mBlock: 4 * scale,
            nBlock: 8 * scale,
            kBlock: 16,
          }),
        ],
        { rows },
      );
      return machine.floats(c, width * other);
    });
    const { sum, magnitude } = product(turned(x, rows, width), y, width, other, rows);
    expect(firstBeyond(results[0]!, sum, magnitude, 8)).toBe("");
    expect(results[1]).toEqual(results[0]);
  });
});
