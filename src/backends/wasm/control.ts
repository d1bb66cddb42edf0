/** The control block of a dispatch: in words, as both ports write it, and what a thread was doing. */

import { CONTROL, MAX_THREADS, THREAD } from "./layout.js";
import type { Dispatch } from "./port.js";

/** The words of the control block: a fresh barrier, nothing failed, the rows of the job, every thread outside of it. */
export function controlWords(dispatch: Dispatch): Uint32Array {
  const words = new Uint32Array(CONTROL.bytes / 4);
  const set = (offset: number, value: number): void => {
    words[offset / 4] = value;
  };
  set(CONTROL.threads, dispatch.threads);
  set(CONTROL.spins, dispatch.spins);
  set(CONTROL.firstRow, dispatch.firstRow);
  set(CONTROL.rows, dispatch.rows);
  set(CONTROL.batch, dispatch.batch);
  for (let thread = 0; thread < MAX_THREADS; thread++) {
    set(CONTROL.perThread + thread * THREAD.bytes + THREAD.instruction, 0xffffffff);
  }
  set(CONTROL.timed, dispatch.timed ? 1 : 0);
  return words;
}

/** The instruction that a thread is in; undefined outside of a job. */
export function instructionOf(memory: WebAssembly.Memory, control: number, thread: number): number | undefined {
  const line = control + CONTROL.perThread + thread * THREAD.bytes;
  const index = new DataView(memory.buffer).getInt32(line + THREAD.instruction, true);
  return index < 0 ? undefined : index;
}
