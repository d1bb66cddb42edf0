/** The time each kernel of a program took, read from the instructions after a timed job, and its printed form. */

import type { KernelTime } from "../backend.js";
import { INSTRUCTION } from "./layout.js";
import type { Port } from "./port.js";
import type { WasmProgram } from "./program.js";

/** Reads the times since the last reading, longest first, and sets them to zero. Calls of one name are added up. */
export async function timesOf(port: Port, program: WasmProgram): Promise<KernelTime[]> {
  const { lowered, address } = program;
  const { calls } = lowered.schedule;
  const first = address + lowered.layout.instructions;
  const bytes = new Uint8Array(calls.length * INSTRUCTION.bytes);
  await port.read(first, bytes);
  const view = new DataView(bytes.buffer);
  const sums = new Map<string, number>();
  for (let i = 0; i < calls.length; i++) {
    const name = program.nameOf(i);
    sums.set(name, (sums.get(name) ?? 0) + view.getFloat64(i * INSTRUCTION.bytes + INSTRUCTION.time, true));
    await port.zero(first + i * INSTRUCTION.bytes + INSTRUCTION.time, 8);
  }
  return [...sums]
    .map(([kernel, milliseconds]) => ({ kernel, milliseconds }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
}

/** The times as lines of text. */
export function formatTimes(name: string, times: readonly KernelTime[], steps: number): string {
  const all = times.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const lines = times.map(({ kernel, milliseconds }) => {
    const share = all === 0 ? 0 : (100 * milliseconds) / all;
    return `  ${(milliseconds / Math.max(1, steps)).toFixed(3).padStart(9)} ms ${share.toFixed(1).padStart(5)} %  ${kernel}`;
  });
  return [`${name}: ${steps} steps, ${(all / Math.max(1, steps)).toFixed(3)} ms a step`, ...lines].join("\n");
}
