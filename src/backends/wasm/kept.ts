/**
 * What a program keeps from job to job: results of variables and constants alone (packed weights, transformed filters),
 * which change only when a variable does. Their calls run once after such a change and are switched off until the next.
 * Not here: when that is (program.ts).
 */

import type { Variable } from "../../graph/tensor.js";
import { type Call, isPlace } from "./call.js";
import { ALIGNMENT } from "./layout.js";
import type { Block } from "./place.js";
import type { Schedule } from "./schedule.js";

/** The calls that are seldom run, and where their results lie. */
export interface KeptPlan {
  /** Their places in the schedule. */
  readonly calls: ReadonlySet<number>;
  /** Offsets of their results in the memory that the program has for them. */
  readonly offsets: ReadonlyMap<Block, number>;
  readonly bytes: number;
  /** Whose values they are made of. */
  readonly variables: readonly Variable[];
}

/** Finds what can be kept. What a call gives must not depend on the rows of a step, nor on a variable that the program writes. */
export function planKept({ calls }: Pick<Schedule, "calls">): KeptPlan {
  const writers = new Map<Block, number[]>();
  calls.forEach(({ writes }, i) => {
    for (const block of writes) writers.set(block, [...(writers.get(block) ?? []), i]);
  });
  const kept = new Set(calls.flatMap((call, i) => (isFixed(call) ? [i] : [])));
  const lasts = (block: Block): boolean => {
    if (block.kind === "constant") return !writers.has(block);
    if (block.kind === "variable") return !writers.has(block);
    return block.kind === "arena" && (writers.get(block) ?? []).every((i) => kept.has(i)) && writers.has(block);
  };
  for (let before = -1; before !== kept.size; ) {
    before = kept.size;
    for (const i of [...kept]) {
      const { reads, writes } = calls[i]!;
      if (![...reads].every(lasts) || ![...writes].every(lasts)) kept.delete(i);
    }
  }
  const offsets = new Map<Block, number>();
  const variables = new Set<Variable>();
  let bytes = 0;
  for (const i of kept) {
    const { reads, writes } = calls[i]!;
    for (const block of writes) {
      if (block.kind !== "arena" || offsets.has(block)) continue;
      offsets.set(block, bytes);
      bytes += Math.ceil(block.bytes / ALIGNMENT) * ALIGNMENT;
    }
    for (const block of reads) if (block.kind === "variable") variables.add(block.variable);
  }
  return { calls: kept, offsets, bytes, variables: [...variables] };
}

/** Makes one value of others, as much of it in every step. A call that reads nothing may depend on the rows. */
export function isFixed({ effect, check, output, reads, writes, values }: Call): boolean {
  if (effect !== undefined || check || output !== undefined || reads.size === 0 || writes.size === 0) return false;
  return Object.values(values).every((value) => typeof value !== "object" || isPlace(value) || value.perRow === 0);
}
