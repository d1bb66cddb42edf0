/**
 * Calls that go on with what a product made, joined with it: the mask of relu (and dropout's behind it), dropout, the update
 * of weights by their gradient. What nothing else reads never leaves the cache then, and the barrier between is gone. The
 * numbers stay the same to the bit. Not here: fusions of ops (graph/passes/).
 */

import { type Call, isPlace } from "./call.js";
import { binaryOps } from "./kernels/elementwise.js";
import { sizeAt } from "./kernels/kernel.js";
import { type KernelName, type Size, updateBlocks } from "./kernels.js";
import type { Block } from "./place.js";

type Values = Call["values"];

/** Joins what can be joined. `capacity`: the most rows of a step. */
export function join(calls: readonly Call[], capacity: number): readonly Call[] {
  const readers = uses(calls.map(({ reads }) => reads));
  const writers = uses(calls.map(({ writes }) => writes));
  const result: Call[] = [];
  for (const call of calls) {
    const way = waysOf(call).find(({ block }) => readers.get(block) === 1 && writers.get(block) === 1);
    const product = way && result.find(({ kernel, writes }) => kernel === "gemm" && writes.has(way.block));
    const values = product && takesAll(product, call, capacity) ? way?.joined(product.values) : undefined;
    // A call that reads the product twice still needs it.
    const needed = Object.values(values ?? {}).some((value) => isPlace(value) && value.block === way?.block);
    if (way === undefined || product === undefined || values === undefined || needed) {
      result.push(call);
      continue;
    }
    result.splice(result.indexOf(product), 1);
    const reads = new Set([...product.reads, ...call.reads]);
    reads.delete(way.block);
    result.push({ ...call, kernel: way.kernel, values, op: `${product.op}, ${call.op}`, reads });
  }
  return result;
}

/** How many calls use each block. */
function uses(lists: readonly ReadonlySet<Block>[]): ReadonlyMap<Block, number> {
  const counts = new Map<Block, number>();
  for (const list of lists) for (const block of list) counts.set(block, (counts.get(block) ?? 0) + 1);
  return counts;
}

/** Whether a call takes all of a product, row by row; and what the product reads is not what the call overwrites. */
function takesAll({ values: { m, n, c, cStride }, reads }: Call, { values, writes }: Call, capacity: number): boolean {
  const whole = isPlace(c) && c.offset === 0 && typeof n === "number" && cStride === n;
  const isVariable = ({ kind }: Block): boolean => kind === "variable";
  if (!whole || ([...writes].some(isVariable) && [...reads].some(isVariable))) return false;
  return sizeAt(values.n as Size, capacity) === sizeAt(m as Size, capacity) * n;
}

/** How a call may go on with a product: that of which block, as which kernel. */
interface Way {
  readonly block: Block;
  readonly kernel: KernelName;
  /** The words of both; undefined where this product is of another kind. */
  joined(product: Values): Values | undefined;
}

function waysOf({ kernel, values }: Call): readonly Way[] {
  const { x, y, a, b, gradient, n, op, ...words } = values;
  const way = (place: Values[string], kernel: KernelName, joined: Way["joined"]): readonly Way[] =>
    isPlace(place) && place.offset === 0 && place.block.kind === "arena"
      ? [{ block: place.block, kernel, joined }]
      : [];
  const updates: Way["joined"] = (product) =>
    typeof product.m === "number" && plain(product)
      ? { ...plain(product), ...updateBlocks(product.m, product.n as number), ...words }
      : undefined;
  if (kernel === "sgdUpdate") return way(gradient, "gemmSgd", updates);
  if (kernel === "adamUpdate") return way(gradient, "gemmAdam", updates);
  if (kernel === "dropout") {
    // Random numbers come in fours.
    return way(x, "gemmDropout", (product) =>
      plain(product) && (product.n as number) % 4 === 0 ? { ...plain(product), y, ...words } : undefined,
    );
  }
  if (kernel === "binary" && op === binaryOps.reluGradient) {
    return way(b, "gemm", (product) =>
      plain(product) && !product.relu ? { ...product, c: y, keep: a, keepScale: 1 } : undefined,
    );
  }
  if (kernel === "binary" && op === binaryOps.multiply) {
    // Of what was masked: dropout's scale.
    const scaled = (place: Values[string], factor: number | undefined): readonly Way[] =>
      way(place, "gemm", (product) =>
        // What was masked is 0: of other factors -0, or NaN.
        product.keep && product.keepScale === 1 && factor !== undefined && factor > 0 && Number.isFinite(factor)
          ? { ...product, c: y, keepScale: factor }
          : undefined,
      );
    return [...scaled(a, numberAt(b)), ...scaled(b, numberAt(a))];
  }
  return [];
}

/** The words of a product that does nothing else, but for where it goes. */
function plain({ packs, mask, keep, keepScale, c, cStride, ...product }: Values): Values | undefined {
  return packs || mask || keep ? undefined : product;
}

/** The only number of a constant. */
function numberAt(place: Values[string]): number | undefined {
  if (!isPlace(place) || place.block.kind !== "constant" || place.block.data.byteLength !== 4) return undefined;
  const { buffer, byteOffset } = place.block.data;
  return new DataView(buffer, byteOffset).getFloat32(0, true);
}
