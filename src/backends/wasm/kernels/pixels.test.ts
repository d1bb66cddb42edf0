import { describe, expect, it } from "vitest";
import { call, KernelMachine, moduleNames, randomFloats } from "../../../../test/support/kernel-machine.js";
import { packingBlocks, pairBytes, panelBytes } from "../kernels.js";

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
