/** `fovea info`: what computes here, and why it is slower than it could be. */

import os from "node:os";
import type { BackendDescription } from "../index.js";
import { currentPlatform } from "../platform/current.js";
import { type Styles, say, table } from "./screen.js";
import { version } from "./version.js";

/** What can be chosen on the command line. */
export interface InfoOptions {
  readonly threads?: number;
  readonly backend?: "wasm" | "reference";
}

/** In words, what the engine's module does. */
const modules: Readonly<Record<BackendDescription["simd"], string>> = {
  none: "none (plain loops)",
  baseline: "baseline (multiply, then add)",
  "relaxed-fused": "relaxed (fused multiply-add)",
  "relaxed-unfused": "relaxed (multiply-add, not fused on this processor)",
};

/** Prints the facts, then whatever holds fovea back. */
export async function showInfo(options: InfoOptions, styles: Styles): Promise<number> {
  const fovea = await import("../index.js");
  fovea.configure(options);
  const platform = currentPlatform();
  const engine = await fovea.describeEngine();
  const cores = os.cpus();
  const usable = platform.availableParallelism();
  const [total, free] = memory();
  const facts = [
    ["fovea", version()],
    ["runtime", `${platform.environment.version} (${process.platform} ${process.arch})`],
    ["processor", cores[0]?.model.trim() || "unknown"],
    ["cores", usable === cores.length ? String(usable) : `${usable} of ${cores.length} for this process`],
    ["memory", `${size(total)}, ${size(free)} free`],
    ["backend", engine.name],
    ["SIMD module", modules[engine.simd]],
    ["threads", String(engine.threads)],
  ];
  // The reference takes ordinary arrays, as many as it needs.
  if (engine.name === "wasm") {
    facts.push(["engine memory", `${size(engine.memory.reserved)} reserved, ${size(engine.memory.limit)} at most`]);
  }
  const lines = table(facts.map(([name, value]) => [name!, value!])).split("\n");
  for (const [index, line] of lines.entries()) {
    const width = facts[index]![0]!.length;
    say(`${styles.bold(line.slice(0, width))}${line.slice(width)}`);
  }
  const notes = [...engine.notes];
  if (usable < cores.length) notes.push(`This process may use ${usable} of the machine's ${cores.length} cores.`);
  say(
    notes.length === 0
      ? "\nNothing holds it back."
      : `\nIt could be faster:\n${notes.map((note) => `- ${note}`).join("\n")}`,
  );
  return 0;
}

/** Bytes in all and free, of the machine or of the container that this process may use. */
function memory(): [total: number, free: number] {
  const [total, free] = [os.totalmem(), os.freemem()];
  const limit = process.constrainedMemory?.() ?? 0;
  if (limit <= 0 || limit >= total) return [total, free];
  return [limit, Math.max(0, Math.min(free, limit - process.memoryUsage.rss()))];
}

function size(bytes: number): string {
  if (!Number.isFinite(bytes)) return "unlimited";
  const gib = bytes / 2 ** 30;
  return gib >= 1 ? `${gib.toFixed(1)} GiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
