/**
 * Where blocks that live for only a part of a program can lie in one arena. Not here: which blocks there are and when
 * they live, which a backend knows.
 */

import { OptionError } from "../core/errors.js";

/** A block and the stages of the program, both included, in which its contents matter. */
export interface Block {
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

/** Where each block begins, in their order, and the size of the arena. */
export interface MemoryPlan {
  readonly offsets: number[];
  readonly total: number;
}

/**
 * Places blocks so that none overlaps another that lives in the same stage. Largest first, each into the smallest gap
 * that takes it, or else behind the others: never more than all blocks together, and close to the largest sum of any
 * stage where the largest blocks' lives nest. A pure function of its arguments, so that a plan is the same everywhere.
 * @param alignment every offset is a multiple of it; a whole number >= 1.
 * @throws OptionError for a size or alignment that is not a whole number in range, or a life that ends before it begins.
 * @example
 * planMemory([{ bytes: 8, from: 0, to: 1 }, { bytes: 8, from: 2, to: 3 }], 4); // { offsets: [0, 0], total: 8 }
 */
export function planMemory(blocks: readonly Block[], alignment: number): MemoryPlan {
  if (!Number.isSafeInteger(alignment) || alignment < 1) {
    throw new OptionError(`planMemory: an alignment of at least 1 byte expected, received ${alignment}.`);
  }
  blocks.forEach(({ bytes, from, to }, i) => {
    if (!Number.isSafeInteger(bytes) || bytes < 0 || !(from <= to)) {
      throw new OptionError(
        `planMemory: a block of >= 0 bytes that lives from a stage to the same or a later one expected, received ${bytes} bytes from ${from} to ${to} (block ${i}).`,
      );
    }
  });
  const align = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;
  const order = blocks.map((_, i) => i).sort((i, j) => blocks[j]!.bytes - blocks[i]!.bytes || i - j);
  const offsets = new Array<number>(blocks.length).fill(0);
  // Placed blocks in ascending order of offset.
  const placed: number[] = [];
  let total = 0;
  for (const i of order) {
    const { bytes, from, to } = blocks[i]!;
    const size = align(bytes);
    let end = 0;
    let best = -1;
    let bestGap = Number.POSITIVE_INFINITY;
    for (const j of placed) {
      const other = blocks[j]!;
      if (other.to < from || to < other.from) continue;
      const gap = offsets[j]! - end;
      if (gap >= size && gap < bestGap) {
        best = end;
        bestGap = gap;
      }
      end = Math.max(end, offsets[j]! + align(other.bytes));
    }
    const offset = best >= 0 ? best : end;
    offsets[i] = offset;
    total = Math.max(total, offset + size);
    if (size === 0) continue;
    const at = placed.findIndex((j) => offsets[j]! > offset);
    placed.splice(at < 0 ? placed.length : at, 0, i);
  }
  return { offsets, total };
}
