/**
 * Where the arena blocks of a schedule lie: each lives from the first to the last stage that touches it. Not here: the
 * placing itself, which is graph/memory.ts's.
 */

import { type Block as PlannedBlock, planMemory } from "../../graph/memory.js";
import type { KeptPlan } from "./kept.js";
import { ALIGNMENT } from "./layout.js";
import type { Block } from "./place.js";
import type { Schedule } from "./schedule.js";

/** Offsets of blocks in the arena. */
export interface ArenaPlan {
  readonly offsets: ReadonlyMap<Block, number>;
  readonly lives: ReadonlyMap<Block, PlannedBlock>;
  readonly bytes: number;
}

/** Plans the arena of a schedule, without what is kept. */
export function planArena({ calls, stages }: Schedule, { offsets: kept }: KeptPlan): ArenaPlan {
  const lives = new Map<Block, { bytes: number; from: number; to: number }>();
  calls.forEach(({ reads, writes }, i) => {
    const stage = stages[i]!;
    for (const block of [...reads, ...writes]) {
      if (block.kind !== "arena" || kept.has(block)) continue;
      const life = lives.get(block);
      if (life === undefined) lives.set(block, { bytes: block.bytes, from: stage, to: stage });
      else {
        life.from = Math.min(life.from, stage);
        life.to = Math.max(life.to, stage);
      }
    }
  });
  const { offsets, total } = planMemory([...lives.values()], ALIGNMENT);
  return { offsets: new Map([...lives.keys()].map((block, i) => [block, offsets[i]!])), lives, bytes: total };
}
