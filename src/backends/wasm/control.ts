/** The control block of a dispatch in words, as both ports write it. */

import { CONTROL } from "./layout.js";
import type { Dispatch } from "./port.js";

/** The words of the control block up to the threads' lines: a fresh barrier, nothing failed, the rows of the job. */
export function controlWords(dispatch: Dispatch): Uint32Array {
  const words = new Uint32Array(CONTROL.perThread / 4);
  const set = (offset: number, value: number): void => {
    words[offset / 4] = value;
  };
  set(CONTROL.threads, dispatch.threads);
  set(CONTROL.spins, dispatch.spins);
  set(CONTROL.firstRow, dispatch.firstRow);
  set(CONTROL.rows, dispatch.rows);
  set(CONTROL.batch, dispatch.batch);
  set(CONTROL.timed, dispatch.timed ? 1 : 0);
  return words;
}
