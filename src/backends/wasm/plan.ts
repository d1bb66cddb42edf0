/**
 * Where the arena blocks of a schedule lie: each lives from the first to the last stage that touches it. Not here: the
 * placing itself, which is graph/memory.ts's.
 */

import { type Block as PlannedBlock, planMemory } from "../../graph/memory.js";
import { inPlace } from "./in-place.js";
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
export function planArena(order: Schedule, { offsets: kept }: KeptPlan): ArenaPlan {
  const { calls, stages } = order;
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
  const firsts = inPlace(order, new Set(lives.keys()));
  const places = new Map<Block, { bytes: number; from: number; to: number }>();
  for (const [block, life] of lives) {
    const first = firsts.get(block) ?? block;
    const place = places.get(first) ?? { ...life };
    places.set(first, { ...place, from: Math.min(place.from, life.from), to: Math.max(place.to, life.to) });
  }
  const { offsets, total } = planMemory([...places.values()], ALIGNMENT);
  const at = new Map([...places.keys()].map((block, i) => [block, offsets[i]!]));
  return {
    offsets: new Map([...lives.keys()].map((block) => [block, at.get(firsts.get(block) ?? block)!])),
    lives,
    bytes: total,
  };
}
