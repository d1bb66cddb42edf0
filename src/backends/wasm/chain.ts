/**
 * Chains of walks: calls of which each goes along the same elements as the one before it, and reads what that one wrote.
 * A thread then does a tile of all of them in a row, while it lies in the cache, and no barrier stands between. The numbers
 * stay the same to the bit. Not here: where a chain runs (schedule.ts) and what is spared in memory (plan.ts).
 */

import { type Along, alongOf } from "./along.js";
import type { Call } from "./call.js";
import { planKept } from "./kept.js";
import { parts } from "./kernels/kernel.js";
import type { Chain } from "./schedule.js";

/** Elements of a tile, about: two or three arrays of them stay in the second-level cache. */
const TILE = 8192;

interface Growing {
  readonly members: number[];
  readonly walks: Along[];
}

/**
 * The chains of calls, longest possible from the first call on. `before`: for each call those that it must come behind,
 * and through nothing else may it wait for its own chain.
 */
export function chainsOf(calls: readonly Call[], before: readonly ReadonlySet<number>[]): Chain[] {
  const { calls: kept } = planKept({ calls });
  const chainOf = new Map<number, Growing>();
  calls.forEach((call, i) => {
    // What is not in every job cannot be a link.
    const along = kept.has(i) || call.output !== undefined ? undefined : alongOf(call);
    if (along === undefined) return;
    const candidates = new Set([...before[i]!].flatMap((j) => chainOf.get(j) ?? []));
    const chain = [...candidates].find((one) => fits(one, call, along, calls) && !waits(i, one, before, chainOf));
    if (chain !== undefined) {
      chain.members.push(i);
      chain.walks.push(along);
    }
    chainOf.set(i, chain ?? { members: [i], walks: [along] });
  });
  const chains = [...new Set(chainOf.values())].filter(({ members }) => members.length > 1);
  return chains.map(({ members, walks }) => {
    const tile = tileOf(walks)!;
    return { members, blocks: walks.map(({ unit }) => tile / unit) };
  });
}

/** Whether a call walks with a chain: reads what it writes, and touches all that it touches along. */
function fits({ members, walks }: Growing, call: Call, along: Along, calls: readonly Call[]): boolean {
  const [mine, theirs] = [parts(along.elements), parts(walks[0]!.elements)];
  if (mine.perRow !== theirs.perRow || mine.fixed !== theirs.fixed) return false;
  if (tileOf([...walks, along]) === undefined) return false;
  const reads = members.some((j) =>
    [...calls[j]!.writes].some((block) => along.arrays.has(block) && call.reads.has(block)),
  );
  return reads && members.every((j, m) => meet(call, along, calls[j]!, walks[m]!));
}

/** Whether all that one of two calls writes and the other touches is touched along by both, from the same byte on. */
function meet(a: Call, along: Along, b: Call, beside: Along): boolean {
  return [...new Set([...a.writes, ...b.writes])].every((block) => {
    const touched = (call: Call): boolean => call.reads.has(block) || call.writes.has(block);
    if (!touched(a) || !touched(b)) return true;
    const offset = along.arrays.get(block);
    return offset !== undefined && offset === beside.arrays.get(block);
  });
}

/** Elements of a tile that suits all walks; undefined where none does. */
function tileOf(walks: readonly Along[]): number | undefined {
  const given = walks.flatMap(({ tile }) => tile ?? []);
  // Pixels of the same channels, and whatever can be cut anywhere.
  const unit = Math.max(...walks.map((walk) => walk.unit));
  const tile = given[0] ?? Math.max(1, Math.floor(TILE / unit)) * unit;
  const suits = walks.every((walk) => tile % walk.unit === 0) && given.every((other) => other === tile);
  return suits ? tile : undefined;
}

/** Whether a call waits for a chain through a call that is not of it. */
function waits(
  i: number,
  chain: Growing,
  before: readonly ReadonlySet<number>[],
  chainOf: ReadonlyMap<number, Growing>,
): boolean {
  const members = new Set(chain.members);
  const seen = new Set<number>();
  const open = [...before[i]!].filter((j) => !members.has(j));
  for (let j = open.pop(); j !== undefined; j = open.pop()) {
    // Chains wait as a whole.
    for (const k of chainOf.get(j)?.members ?? [j]) {
      if (seen.has(k)) continue;
      seen.add(k);
      for (const next of before[k]!) {
        if (members.has(next)) return true;
        if (!seen.has(next)) open.push(next);
      }
    }
  }
  return false;
}
