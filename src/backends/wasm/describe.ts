/** A lowered graph in words, as FOVEA_DEBUG=plan prints it. */

import { type Call, isPlace } from "./call.js";
import { costOf } from "./cost.js";
import type { Place } from "./place.js";
import type { LoweredGraph } from "./program.js";

/** Stages, calls with where they read and write, and the arena. */
export function describeLowered({ name, capacity, schedule, kept, arena }: LoweredGraph): string {
  const lines = [
    `plan of "${name}" for ${capacity} rows: ${schedule.calls.length} calls in ${schedule.length} stages, arena ${arena.bytes} bytes, ${kept.bytes} bytes kept`,
  ];
  let before = -1;
  schedule.calls.forEach((call, i) => {
    const stage = schedule.stages[i]!;
    if (stage !== before) lines.push(` stage ${stage}`);
    before = stage;
    const operations = (costOf(call, capacity) / 1e6).toFixed(2);
    const link = schedule.chained[i - 1] ? "and " : "";
    lines.push(
      `  ${link}${call.kernel} (${call.op}${call.output === undefined ? "" : ` "${call.output}"`}) ${operations} M${kept.calls.has(i) ? ", when a variable has changed" : ""}`,
    );
    for (const [word, place] of places(call)) lines.push(`    ${word.padEnd(10)} ${where(place)}`);
  });

  function where({ block, offset }: Place): string {
    const more = offset === 0 ? "" : ` + ${offset}`;
    if (block.kind === "variable") return `variable ${block.variable.name}${more}`;
    if (block.kind === "constant") return `constant of ${block.data.length} bytes${more}`;
    if (block.kind !== "arena") return `slot ${block.slot}${more}`;
    const keptAt = kept.offsets.get(block);
    if (keptAt !== undefined) return `kept ${keptAt}${more}, ${block.bytes} bytes`;
    const life = arena.lives.get(block)!;
    return `arena ${arena.offsets.get(block)}${more}, ${block.bytes} bytes, stages ${life.from} to ${life.to}`;
  }
  return lines.join("\n");
}

function places({ values }: Call): [string, Place][] {
  return Object.entries(values).filter((entry): entry is [string, Place] => isPlace(entry[1]));
}
