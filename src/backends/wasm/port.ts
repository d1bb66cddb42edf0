/**
 * What the engine asks of the side that holds the memory. Two implementations: shared.ts (this thread and the workers
 * see the same memory) and remote.ts (one worker owns it, and everything is a message). Not here: what is where in the
 * memory, which the engine decides.
 */

import type { WordWrite } from "./messages.js";

/** One call of a program: a few consecutive steps. */
export interface Dispatch {
  readonly program: number;
  readonly control: number;
  readonly threads: number;
  /** Where each thread's scratch memory begins. */
  readonly scratch: readonly number[];
  readonly spins: number;
  readonly firstRow: number;
  readonly rows: number;
  readonly batch: number;
  readonly timed: boolean;
  /** About how many operations it does. */
  readonly operations: number;
  /**
   * Whether it takes no longer than a worker takes to answer, so that the calling thread may run it, if it sees the memory:
   * together with workers that stand by, or, where that is short enough too, alone.
   */
  readonly small: "no" | "together" | "alone";
  /** Words that change before it runs: bound addresses, outputs switched on and off. */
  readonly writes: readonly WordWrite[];
}

/** A view of the control block after a program came to an end, if early. */
export type ControlBlock = DataView;

/** A thread trapped or died in the middle of a dispatch. What it wrote is unknown; the memory as such is intact. */
export class DispatchFailure extends Error {
  constructor(
    readonly reason: string,
    /** The instruction it happened in, where it is known. */
    readonly instruction: number | undefined,
    readonly kind: "trap" | "death",
  ) {
    super(reason);
  }
}

/** The memory and what computes on it. Only one call at a time. */
export interface Port {
  /** The most bytes the memory can grow to. */
  readonly maximum: number;
  /** The most threads a dispatch may ask for. */
  readonly threads: number;
  /** Whether the memory outlives a failed dispatch. */
  readonly survives: boolean;
  /** Bytes of memory now. */
  readonly size: number;
  /** Makes the memory at least `bytes` long. False where that is refused. */
  grow(bytes: number): Promise<boolean>;
  write(address: number, bytes: Uint8Array): Promise<void>;
  zero(address: number, length: number): Promise<void>;
  /** Copies what begins at an address into an array. */
  read(address: number, into: Uint8Array): Promise<void>;
  /** @throws DispatchFailure; the next call then runs on new threads. */
  dispatch(dispatch: Dispatch): Promise<ControlBlock>;
  /** Keeps the process alive while something is pending, and no longer. */
  ref(): void;
  unref(): void;
  /** Ends all threads. */
  close(): Promise<void>;
}
