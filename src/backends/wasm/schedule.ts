/**
 * In which order calls run: a stage for each, so that a call comes behind everything it depends on and calls of one
 * stage can run at the same time. A pure function of the calls; memory and barriers follow from the stages (plan.ts,
 * assemble.ts).
 *
 * Blocks of the arena are ordered as emitted: read after write, write after read, write after write. A variable is read
 * as it was at the start of the step: whoever writes it comes behind every reader, also those emitted later, but for the
 * calls of the effect itself, which keep their order.
 */

import { StateError } from "../../core/errors.js";
import type { Call } from "./call.js";
import type { Block } from "./place.js";

/** The calls in running order, and the stage of each. */
export interface Schedule {
  readonly calls: readonly Call[];
  readonly stages: readonly number[];
  /** Whether the call behind each is done tile by tile with it. */
  readonly chained: readonly boolean[];
  /** How many stages there are. */
  readonly length: number;
}

/** Calls that are done tile by tile, by their places, in order. */
export interface Chain {
  readonly members: readonly number[];
  /** Units of a tile of each. */
  readonly blocks: readonly number[];
}

/** What is decided of calls once it is known which wait for which. */
export type Chaining = (calls: readonly Call[], before: readonly ReadonlySet<number>[]) => readonly Chain[];

/**
 * Schedules calls. Within a stage the most expensive comes first, so that threads finish together.
 * @throws StateError where calls wait for each other in a circle.
 */
export function schedule(
  calls: readonly Call[],
  costOf: (call: Call) => number = () => 0,
  chainsOf: Chaining = () => [],
): Schedule {
  const before = dependencies(calls);
  const groups = groupsOf(calls, chainsOf(calls, before));
  const behind = grouped(groups, before);
  const stages = earliest(behind);
  postpone(groups, behind, stages);
  const costs = groups.map((group) => group.reduce((sum, { call }) => sum + costOf(call), 0));
  const order = groups.map((_, i) => i);
  order.sort((i, j) => stages[i]! - stages[j]! || costs[j]! - costs[i]! || i - j);
  return {
    calls: order.flatMap((i) => groups[i]!.map(({ call }) => call)),
    stages: order.flatMap((i) => groups[i]!.map(() => stages[i]!)),
    chained: order.flatMap((i) => groups[i]!.map((_, member, { length }) => member < length - 1)),
    length: stages.reduce((most, stage) => Math.max(most, stage + 1), 0),
  };
}

/** Calls of one stage that follow each other: a chain, or one alone. */
type Group = readonly { readonly call: Call; readonly index: number }[];

/** Chains and all other calls, in the order of what each begins with. */
function groupsOf(calls: readonly Call[], chains: readonly Chain[]): Group[] {
  const first = new Map(chains.map((chain) => [chain.members[0]!, chain]));
  const others = new Set(chains.flatMap(({ members }) => members.slice(1)));
  return calls.flatMap((call, index) => {
    if (others.has(index)) return [];
    const chain = first.get(index);
    if (chain === undefined) return [[{ call, index }]];
    return [
      chain.members.map((member, m) => ({ call: { ...calls[member]!, block: chain.blocks[m]! }, index: member })),
    ];
  });
}

/** For each group the groups that it must come behind. */
function grouped(groups: readonly Group[], before: readonly ReadonlySet<number>[]): Set<number>[] {
  const groupOf = new Map(groups.flatMap((group, g) => group.map(({ index }) => [index, g] as const)));
  return groups.map((group, g) => {
    const all = new Set(group.flatMap(({ index }) => [...before[index]!].map((earlier) => groupOf.get(earlier)!)));
    all.delete(g);
    return all;
  });
}

/** For each call the calls that it must come behind. */
function dependencies(calls: readonly Call[]): Set<number>[] {
  const before = calls.map(() => new Set<number>());
  const accesses = new Map<Block, { call: number; writes: boolean }[]>();
  calls.forEach(({ reads, writes }, call) => {
    for (const block of new Set([...reads, ...writes])) {
      const list = accesses.get(block) ?? [];
      accesses.set(block, list);
      list.push({ call, writes: writes.has(block) });
    }
  });
  for (const [block, list] of accesses) {
    list.forEach((late, i) => {
      for (const early of list.slice(0, i)) {
        if (!early.writes && !late.writes) continue;
        const same = calls[early.call]!.effect === calls[late.call]!.effect;
        if (block.kind !== "variable" || same) before[late.call]!.add(early.call);
        else if (late.writes) before[late.call]!.add(early.call);
        else before[early.call]!.add(late.call);
      }
    });
  }
  calls.forEach((call, i) => {
    if (call.effect === undefined || ![...call.writes].some(({ kind }) => kind === "variable")) return;
    calls.forEach((check, j) => {
      if (check.check && check.effect! < call.effect!) before[i]!.add(j);
    });
  });
  return before;
}

/** Every call as early as what it depends on allows. */
function earliest(before: readonly ReadonlySet<number>[]): number[] {
  const stages = new Array<number>(before.length).fill(0);
  const waiting = before.map((set) => set.size);
  const behind = reverse(before);
  const ready = waiting.flatMap((count, i) => (count === 0 ? [i] : []));
  let done = 0;
  for (let i = ready.pop(); i !== undefined; i = ready.pop()) {
    done++;
    for (const next of behind[i]!) {
      stages[next] = Math.max(stages[next]!, stages[i]! + 1);
      waiting[next]!--;
      if (waiting[next] === 0) ready.push(next);
    }
  }
  if (done < before.length) throw new StateError("wasm: calls of a step wait for each other in a circle.");
  return stages;
}

/**
 * What only prepares (packs weights, gathers a batch, casts labels) moves as late as its first consumer allows: its
 * result then takes arena memory for less long, and shares the stage of what runs just before.
 */
function postpone(groups: readonly Group[], before: readonly ReadonlySet<number>[], stages: number[]): void {
  const behind = reverse(before);
  const last = Math.max(0, ...stages);
  // Sources only: a call that reads an arena block would prolong that block's life instead.
  groups.forEach((group, i) => {
    const source = group.every(
      ({ call }) => call.effect === undefined && [...call.reads].every(({ kind }) => kind !== "arena"),
    );
    if (!source || behind[i]!.length === 0) return;
    stages[i] = behind[i]!.reduce((stage, next) => Math.min(stage, stages[next]! - 1), last);
  });
}

function reverse(before: readonly ReadonlySet<number>[]): number[][] {
  const behind: number[][] = before.map(() => []);
  before.forEach((set, i) => {
    for (const j of set) behind[j]!.push(i);
  });
  return behind;
}
