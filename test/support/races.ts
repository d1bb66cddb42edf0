/**
 * Calls of a program that could meet: both touch the same memory, one writes, and no barrier of the image lies between
 * them. Whether threads really meet there is chance, so a barrier that is missing is looked for, not waited for. Links of a
 * chain are done tile by tile: they meet where not both walk along the memory from the same byte on.
 */

import { alongOf } from "../../src/backends/wasm/along.js";
import { assemble } from "../../src/backends/wasm/assemble.js";
import type { Call } from "../../src/backends/wasm/call.js";
import { FLAG, INSTRUCTION } from "../../src/backends/wasm/layout.js";
import type { Block } from "../../src/backends/wasm/place.js";
import type { LoweredGraph } from "../../src/backends/wasm/program.js";

interface Span {
  /** Where: the arena, what is kept, or a block with memory of its own. */
  readonly region: unknown;
  readonly from: number;
  readonly to: number;
}

/** Pairs of calls that could meet, in words; none if every barrier is there. */
export function races({ schedule, layout, arena, kept }: LoweredGraph): string[] {
  const addresses = { program: 0, arena: 0, kept: 0, variable: () => 0 };
  const view = new DataView(assemble(schedule, layout, arena, kept, addresses).buffer);
  const span = (block: Block): Span => {
    const [inArena, inKept] = [arena.offsets.get(block), kept.offsets.get(block)];
    const from = inKept ?? inArena ?? 0;
    if (block.kind !== "arena") {
      // Blocks of one variable, or of one slot, are the same memory.
      const region = block.kind === "variable" ? block.variable : block.kind === "constant" ? block : block.slot;
      return { region, from: 0, to: 1 };
    }
    return { region: inKept === undefined ? "arena" : "kept", from, to: from + block.bytes };
  };
  /** Where a call begins to walk along a block. */
  const start = (call: Call, block: Block): number | undefined => {
    const offset = alongOf(call)?.arrays.get(block);
    return offset === undefined ? undefined : span(block).from + offset;
  };
  const meet = (a: Call, of: Iterable<Block>, b: Call, and: Iterable<Block>, links: boolean): boolean =>
    [...of].some((one) =>
      [...and].some((two) => {
        const [x, y] = [span(one), span(two)];
        if (x.region !== y.region || x.from >= y.to || y.from >= x.to) return false;
        const along = start(a, one);
        return !links || along === undefined || along !== start(b, two);
      }),
    );
  const conflict = (a: Call, b: Call, links: boolean): boolean =>
    meet(a, a.writes, b, b.writes, links) ||
    meet(a, a.writes, b, b.reads, links) ||
    meet(a, a.reads, b, b.writes, links);
  const found: string[] = [];
  let begin = 0;
  let chain = 0;
  schedule.calls.forEach((call, i) => {
    for (let j = begin; j < i; j++) {
      const other = schedule.calls[j]!;
      if (conflict(other, call, j >= chain)) found.push(`${other.kernel} (${other.op}), ${call.kernel} (${call.op})`);
    }
    const flags = view.getInt32(layout.instructions + i * INSTRUCTION.bytes + INSTRUCTION.flags, true);
    if ((flags & FLAG.chained) === 0) chain = i + 1;
    if ((flags & FLAG.barrier) !== 0) begin = i + 1;
  });
  return found;
}
