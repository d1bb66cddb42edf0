import { describe, expect, it } from "vitest";
import {
  call,
  firstBeyond,
  KernelMachine,
  moduleNames,
  randomFloats,
} from "../../../../test/support/kernel-machine.js";
import { dropoutWords } from "../kernels.js";

const lengths = [1, 2, 3, 5, 7, 10, 13, 127, 129];
const rows = 11;
const epsilon = 1e-7;

function softmaxOf(row: Float32Array): number[] {
  const largest = Math.max(...row);
  const e = [...row].map((v) => Math.exp(v - largest));
  const sum = e.reduce((s, v) => s + v, 0);
  return e.map((v) => v / sum);
}

function rowsOf(x: Float32Array, length: number): Float32Array[] {
  return Array.from({ length: x.length / length }, (_, r) => x.subarray(r * length, (r + 1) * length));
}

describe.each(moduleNames)("row kernels, %s", (module) => {
  it("softmax, its logarithm and its gradient", async () => {
    const machine = await KernelMachine.of(module);
    for (const length of lengths) {
      const x = randomFloats(rows * length, length).map((v) => v * 20);
      x[0] = 60;
      const dy = randomFloats(rows * length, 2);
      const [xAt, y, l, dx] = [machine.put(x), ...[0, 1, 2].map(() => machine.allocate(x.byteLength))] as [
        number,
        number,
        number,
        number,
      ];
      const shared = { n: { perRow: 1 }, length };
      machine.run(
        [
          call("softmax", { x: xAt, y, ...shared }),
          call("softmax", { x: xAt, y: l, log: 1, ...shared }),
          call("softmaxGradient", { y, dy: machine.put(dy), dx, ...shared }),
        ],
        { rows },
      );
      const p = rowsOf(x, length).flatMap(softmaxOf);
      expect(firstBeyond(machine.floats(y, p.length), p, p, 2 * length + 120)).toBe("");
      const logarithms = p.map(Math.log);
      const size = rowsOf(x, length).flatMap((row) =>
        [...row].map((v) => Math.abs(v) + Math.max(...row.map(Math.abs)) + 9),
      );
      expect(firstBeyond(machine.floats(l, p.length), logarithms, size, 4)).toBe("");
      const dots = rowsOf(dy, length).map((g, r) => g.reduce((s, v, j) => s + v * p[r * length + j]!, 0));
      const expected = p.map((v, i) => v * (dy[i]! - dots[Math.floor(i / length)]!));
      expect(
        firstBeyond(
          machine.floats(dx, p.length),
          expected,
          p.map((v) => 2 * v),
          2 * length + 120,
        ),
      ).toBe("");
    }
  });

  it("losses on labels and their gradients", async () => {
    const machine = await KernelMachine.of(module);
    for (const classes of lengths) {
      for (const bytes of [1, 4]) {
        const z = randomFloats(rows * classes, classes).map((v) => v * 3);
        const labels = Array.from({ length: rows }, (_, r) => (r * 5) % classes);
        const g = randomFloats(rows, 8);
        // Probabilities that do not add up to 1, a right one that is clipped below (row 1) and one above (row 2).
        const p = Float32Array.from(rowsOf(z, classes).flatMap(softmaxOf), (v) => v * 0.75);
        if (classes > 1) {
          p[classes + labels[1]!] = 1e-12;
          p.fill(0, 2 * classes, 3 * classes);
          p[2 * classes + labels[2]!] = 0.75;
        }
        const labelled = {
          labels: machine.put(bytes === 1 ? Uint8Array.from(labels) : Int32Array.from(labels)),
          labelBytes: bytes,
          n: { perRow: 1 },
          classes,
        };
        const upstream = { upstream: machine.put(g), upstreamStride: 1 };
        const [zAt, pAt] = [machine.put(z), machine.put(p)];
        const [loss, loss2] = [machine.allocate(rows * 4), machine.allocate(rows * 4)];
        const [dp, dz, dz2, hot] = [0, 1, 2, 3].map(() => machine.allocate(z.byteLength)) as [
          number,
          number,
          number,
          number,
        ];
        machine.run(
          [
            call("sparseCategoricalCrossentropy", { p: pAt, loss, epsilon, ...labelled }),
            call("sparseCategoricalCrossentropyGradient", { p: pAt, dp, epsilon, ...labelled, ...upstream }),
            call("softmaxCrossentropyGradient", { p: pAt, dz, epsilon, ...labelled, ...upstream }),
            call("sparseSoftmaxCrossentropy", { z: zAt, loss: loss2, ...labelled }),
            call("sparseSoftmaxCrossentropyGradient", { z: zAt, dz: dz2, ...labelled, ...upstream, upstreamStride: 0 }),
            call("oneHot", { y: hot, ...labelled }),
          ],
          { rows },
        );
        const sums = rowsOf(p, classes).map((row) => row.reduce((s, v) => s + v, 0));
        const right = labels.map((label, r) => p[r * classes + label]! / sums[r]!);
        const clipped = right.map((q) => q < epsilon || q > Math.fround(1 - Math.fround(epsilon)));
        const low = Math.fround(epsilon);
        const losses = right.map((q) => -Math.log(Math.min(Math.max(q, low), Math.fround(1 - low))));
        const c = 2 * classes + 20;
        expect(
          firstBeyond(
            machine.floats(loss, rows),
            losses,
            losses.map((v) => v + 1),
            c,
          ),
        ).toBe("");
        const is = (i: number) => Number(labels[Math.floor(i / classes)] === i % classes);
        const row = (i: number) => Math.floor(i / classes);
        const gradient = [...p].map((_, i) =>
          clipped[row(i)] ? 0 : g[row(i)]! * (1 / sums[row(i)]! - is(i) / (right[row(i)]! * sums[row(i)]!)),
        );
        const size = [...p].map((_, i) =>
          clipped[row(i)] ? 0 : 1 / sums[row(i)]! + is(i) / (right[row(i)]! * sums[row(i)]!),
        );
        expect(firstBeyond(machine.floats(dp, p.length), gradient, size, c)).toBe("");
        const fused = [...p].map((v, i) => (clipped[row(i)] ? 0 : g[row(i)]! * (v / sums[row(i)]! - is(i))));
        expect(
          firstBeyond(
            machine.floats(dz, p.length),
            fused,
            [...p].map((v) => v + 1),
            c,
          ),
        ).toBe("");
        const soft = rowsOf(z, classes).flatMap(softmaxOf);
        const losses2 = labels.map((label, r) => -Math.log(soft[r * classes + label]!));
        expect(
          firstBeyond(
            machine.floats(loss2, rows),
            losses2,
            losses2.map((v) => v + 9),
            c,
          ),
        ).toBe("");
        const fused2 = soft.map((v, i) => g[0]! * (v - is(i)));
        expect(
          firstBeyond(
            machine.floats(dz2, p.length),
            fused2,
            soft.map((v) => v + 1),
            c,
          ),
        ).toBe("");
        expect([...machine.floats(hot, p.length)]).toEqual([...p].map((_, i) => is(i)));
      }
    }
  });

  it("a label that does not exist gives NaN, never memory beside the row", async () => {
    const machine = await KernelMachine.of(module);
    const p = Float32Array.of(0.2, 0.3, 0.5, 0.2, 0.3, 0.5);
    const labelled = { labels: machine.put(Int32Array.of(3, -1)), labelBytes: 4, n: 2, classes: 3 };
    const [loss, dz] = [machine.allocate(8), machine.allocate(24)];
    const one = { upstream: machine.put(Float32Array.of(1)), upstreamStride: 0 };
    machine.run([
      call("sparseCategoricalCrossentropy", { p: machine.put(p), loss, epsilon, ...labelled }),
      call("softmaxCrossentropyGradient", { p: machine.put(p), dz, epsilon, ...labelled, ...one }),
    ]);
    expect([...machine.floats(loss, 2)]).toEqual([NaN, NaN]);
    expect([...machine.floats(dz, 6)]).toEqual([NaN, NaN, NaN, NaN, NaN, NaN]);
  });

  it("argmax takes the first of several", async () => {
    const machine = await KernelMachine.of(module);
    const x = Float32Array.of(1, 5, 5, -1, -3, -1, -Infinity, -Infinity, -Infinity);
    const y = machine.allocate(12);
    machine.run([call("argmax", { x: machine.put(x), y, n: { perRow: 1 }, length: 3 })], { rows: 3 });
    expect([...machine.ints(y, 3)]).toEqual([1, 0, 0]);
  });

  it("gathers rows, and scales bytes on the way", async () => {
    const machine = await KernelMachine.of(module);
    for (const length of lengths) {
      const table = Uint8Array.from({ length: 20 * length }, (_, i) => (i * 37) % 256);
      const picks = Int32Array.of(3, 19, 0, 3, 7);
      const indices = machine.put(picks);
      const [y, f] = [
        machine.put(new Uint8Array(5 * length + 1).fill(77)),
        machine.put(new Float32Array(5 * length + 1).fill(7)),
      ];
      machine.run(
        [
          call("gatherRows", { table: machine.put(table), indices, y, n: { perRow: 1 }, rowBytes: length }),
          call("gatherScale", {
            table: machine.put(table),
            indices,
            y: f,
            n: { perRow: 1 },
            rowLength: length,
            scale: 0.5,
            offset: 1,
          }),
        ],
        { rows: 5 },
      );
      const bytes = [...picks].flatMap((i) => [...table.subarray(i * length, (i + 1) * length)]);
      expect([...machine.bytes(y, 5 * length + 1)]).toEqual([...bytes, 77]);
      expect([...machine.floats(f, 5 * length + 1)]).toEqual([...bytes.map((b) => b * 0.5 + 1), 7]);
    }
  });

  it("dropout keeps what Philox says, at any length", async () => {
    const machine = await KernelMachine.of(module);
    const [key0, key1, epoch, step, stream] = [0xa4093822 | 0, 0x299f31d0, 3, 9, 0x85a308d3 | 0];
    const state = machine.put(Int32Array.of(key0, key1, epoch, step));
    for (const rate of [0, 0.3, 0.5, 0.9]) {
      for (const n of [1, 3, 5, 13, 127, 129, 9000]) {
        const x = randomFloats(n, n).map((v) => v + 3);
        const y = machine.put(new Float32Array(n + 1).fill(7));
        machine.run([call("dropout", { x: machine.put(x), y, state, stream, ...dropoutWords(rate), n })]);
        const expected = [...x].map((v, i) => {
          const word = philox([i >>> 2, step, epoch, stream], [key0, key1])[i & 3]!;
          return (word >>> 8) * 2 ** -24 >= rate ? Math.fround(v * Math.fround(1 / (1 - rate))) : 0;
        });
        expect([...machine.floats(y, n + 1)]).toEqual([...expected, 7]);
      }
    }
  });
});

/** Philox 4x32-10. */
function philox(counter: number[], key: number[]): number[] {
  let [c0, c1, c2, c3] = counter.map((c) => BigInt(c >>> 0)) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map((k) => BigInt(k >>> 0)) as [bigint, bigint];
  const mask = 0xffffffffn;
  for (let round = 0; round < 10; round++) {
    const [a, b] = [c0 * 0xd2511f53n, c2 * 0xcd9e8d57n];
    [c0, c1, c2, c3] = [(b >> 32n) ^ c1 ^ k0, b & mask, (a >> 32n) ^ c3 ^ k1, a & mask];
    k0 = (k0 + 0x9e3779b9n) & mask;
    k1 = (k1 + 0xbb67ae85n) & mask;
  }
  return [c0, c1, c2, c3].map(Number);
}

describe("the test's own Philox", () => {
  it("gives the published vector", () => {
    const counter = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];
    const words = philox(counter, [0xa4093822, 0x299f31d0]).map((w) => w.toString(16));
    expect(words).toEqual(["d16cfe09", "94fdcceb", "5001e420", "24126ea1"]);
  });
});
