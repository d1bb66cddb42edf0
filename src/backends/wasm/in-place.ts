/**
 * Which results of a schedule lie where an operand lay: a walk reads place i of its operands before it writes place i of its
 * result, so an operand that nothing needs any more hands its memory on, and less of it is touched. Not here: where blocks
 * lie (plan.ts).
 */

import { type Along, alongOf } from "./along.js";
import type { Call } from "./call.js";
import type { Block } from "./place.js";
import type { Schedule } from "./schedule.js";

type ArenaBlock = Extract<Block, { kind: "arena" }>;

/** For each block that takes over another's memory the first that had it. `arena`: the blocks that may. */
export function inPlace(schedule: Schedule, arena: ReadonlySet<Block>): ReadonlyMap<Block, Block> {
  const { calls, chained } = schedule;
  const walks = calls.map(alongOf);
  const touching = touchesOf(calls, arena);
  const firsts = new Map<Block, Block>();
  const given = new Set<Block>();
  let begin = 0;
  calls.forEach((call, i) => {
    if (!chained[i - 1]) begin = i;
    const along = walks[i];
    if (along === undefined) return;
    for (const result of call.writes) {
      if (touching.get(result)?.[0] !== i || along.arrays.get(result) !== 0) continue;
      const operand = [...along.arrays.keys()].find(
        (block) =>
          touching.has(block) &&
          !given.has(block) &&
          (block as ArenaBlock).bytes === (result as ArenaBlock).bytes &&
          !call.writes.has(block) &&
          isDone(block, touching.get(block)!, begin, i, schedule.stages, walks),
      );
      if (operand === undefined) continue;
      given.add(operand);
      firsts.set(result, firsts.get(operand) ?? operand);
    }
  });
  return firsts;
}

/** The calls that touch each block, in order. */
function touchesOf(calls: readonly Call[], arena: ReadonlySet<Block>): ReadonlyMap<Block, readonly number[]> {
  const touching = new Map<Block, number[]>();
  calls.forEach(({ reads, writes }, i) => {
    for (const block of new Set([...reads, ...writes])) {
      if (arena.has(block)) touching.set(block, [...(touching.get(block) ?? []), i]);
    }
  });
  return touching;
}

/**
 * Whether call i is the last to touch a block, and what runs at the same time has no other place of it in hand: only links
 * of its own chain, from `begin` on, and these along.
 */
function isDone(
  block: Block,
  touching: readonly number[],
  begin: number,
  i: number,
  stages: readonly number[],
  walks: readonly (Along | undefined)[],
): boolean {
  if (touching.at(-1) !== i) return false;
  return touching.every((j) => stages[j] !== stages[i] || (j >= begin && walks[j]?.arrays.get(block) === 0));
}
