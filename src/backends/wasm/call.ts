/**
 * One call of a kernel as the lowering emits it: addresses are still places. Here is also which words a kernel writes
 * through, for the order of calls depends on it. Not here: in which order (schedule.ts).
 */

import type { KernelName, KernelValues, kernels, Size } from "./kernels.js";
import type { Block, Place } from "./place.js";

type WordsOf<N extends KernelName> = (typeof kernels)[N]["words"];

/** The names of a kernel's words that hold addresses. */
export type AddressWord<N extends KernelName> = {
  [W in keyof WordsOf<N>]: WordsOf<N>[W] extends "address" | "address?" ? W : never;
}[keyof WordsOf<N>] &
  string;

/** The values of a kernel's words, with places for addresses; what is undefined is left out. */
export type CallValues<N extends KernelName> = {
  readonly [W in keyof KernelValues<N>]: W extends AddressWord<N>
    ? Place | (undefined extends KernelValues<N>[W] ? undefined : never)
    : KernelValues<N>[W];
};

/** A call of some kernel. */
export interface Call {
  readonly kernel: KernelName;
  readonly values: Readonly<Record<string, Place | Size | undefined>>;
  /** The op it is for, for messages and profiles. */
  readonly op: string;
  readonly reads: ReadonlySet<Block>;
  readonly writes: ReadonlySet<Block>;
  /** Index of the effect it is a part of; undefined for a part of a value. */
  readonly effect: number | undefined;
  /** It ends the step if a number is not finite; writes to variables by later effects come behind it. */
  readonly check: boolean;
  /** Copies an output out; not run where the output is not wanted. */
  readonly output: string | undefined;
  /** Units of a tile, where they are not the kernel's own. */
  readonly block?: number | undefined;
}

/** Whether a word's value is a place. */
export function isPlace(value: Place | Size | undefined): value is Place {
  return typeof value === "object" && "block" in value;
}
