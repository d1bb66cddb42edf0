/** The time each kernel of a program took, read from the instructions after a timed job, and its printed form. */

import type { KernelTime } from "../backend.js";
import { INSTRUCTION } from "./layout.js";
import type { Port } from "./port.js";
import type { WasmProgram } from "./program.js";

/** Reads the times of a job on so many threads, in running order, and sets them to zero. */
export async function timesOf(port: Port, program: WasmProgram, threads: number): Promise<KernelTime[]> {
  const { lowered, address } = program;
  const { calls } = lowered.schedule;
  const first = address + lowered.layout.instructions;
  const bytes = new Uint8Array(calls.length * INSTRUCTION.bytes);
  await port.read(first, bytes);
  const view = new DataView(bytes.buffer);
  const times: KernelTime[] = [];
  for (let i = 0; i < calls.length; i++) {
    const at = i * INSTRUCTION.bytes;
    const milliseconds = view.getFloat64(at + INSTRUCTION.time, true);
    const worked = Number(view.getBigInt64(at + INSTRUCTION.worked, true)) / 1e6;
    times.push({ kernel: program.nameOf(i), milliseconds, waiting: milliseconds - worked / threads });
    await port.zero(first + at + INSTRUCTION.time, 16);
  }
  return times;
}

/** The times as lines of text, longest first; calls of one name are added up. */
export function formatTimes(name: string, times: readonly KernelTime[], steps: number): string {
  const sums = new Map<string, number>();
  for (const { kernel, milliseconds } of times) sums.set(kernel, (sums.get(kernel) ?? 0) + milliseconds);
  const all = times.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const waiting = times.reduce((sum, time) => sum + time.waiting, 0);
  const lines = [...sums]
    .sort(([, a], [, b]) => b - a)
    .map(([kernel, milliseconds]) => {
      const share = all === 0 ? 0 : (100 * milliseconds) / all;
      return `  ${(milliseconds / Math.max(1, steps)).toFixed(3).padStart(9)} ms ${share.toFixed(1).padStart(5)} %  ${kernel}`;
    });
  const each = (sum: number): string => (sum / Math.max(1, steps)).toFixed(3);
  const head = `${name}: ${steps} steps, ${each(all)} ms a step, ${each(waiting)} of them waiting at barriers`;
  return [head, ...lines].join("\n");
}
