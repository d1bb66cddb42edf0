/**
 * Calls of a program that could meet: both touch the same memory, one writes, and no barrier of the image lies between
 * them. Whether threads really meet there is chance, so a barrier that is missing is looked for, not waited for.
 */

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
  const meet = (a: Iterable<Block>, b: Iterable<Block>): boolean =>
    [...a]
      .map(span)
      .some((one) =>
        [...b].map(span).some((two) => one.region === two.region && one.from < two.to && two.from < one.to),
      );
  const conflict = (a: Call, b: Call): boolean =>
    meet(a.writes, b.writes) || meet(a.writes, b.reads) || meet(a.reads, b.writes);
  const found: string[] = [];
  let begin = 0;
  schedule.calls.forEach((call, i) => {
    for (let j = begin; j < i; j++) {
      const other = schedule.calls[j]!;
      if (conflict(other, call)) found.push(`${other.kernel} (${other.op}), ${call.kernel} (${call.op})`);
    }
    const flags = view.getInt32(layout.instructions + i * INSTRUCTION.bytes + INSTRUCTION.flags, true);
    if ((flags & FLAG.barrier) !== 0) begin = i + 1;
  });
  return found;
}
