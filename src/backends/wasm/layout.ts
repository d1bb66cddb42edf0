/**
 * How a program lies in the engine's memory: the words that the lowering writes and the interpreter inside WASM
 * reads. Everything is in 32-bit words at 4-byte offsets. assembly/interpreter.ts holds the same numbers; a test
 * compares the two. Before a job the main side sets arrived, sleeping, left, failed, stop and stepsDone to 0, and after a job
 * that failed also the counters of the program's instructions. Not here: what the words of one kernel mean (kernels.ts).
 *
 * ```
 * control block (one an engine)      program (one a graph)              instruction (INSTRUCTION_BYTES each)
 *   job, barrier, failure              header                             kernel, flags, tile rule, counter
 *                                      instructions                       words of the kernel
 *                                      relocations
 * ```
 */

/** Milliseconds that a thread sleeps at a barrier at a time. */
export const NAP = 100;

/** Alignment of every buffer in bytes: two cache lines. */
export const ALIGNMENT = 128;

/** Offsets in the control block, in bytes. What different threads write lies on different lines. */
export const CONTROL = {
  /** Barrier: threads that have arrived (i32, atomic). */
  arrived: 0,
  /** Barrier: counts completed barriers; threads wait for it to change (i32, atomic, futex). */
  generation: 64,
  /** Threads asleep at the barrier, or about to be (i32, atomic). */
  sleeping: 68,
  /** Threads that have left the job without a trap, and look at this block no more (i32, atomic). */
  left: 72,
  /** 0, or what ended the job early: FAILED codes (i32, atomic). */
  failed: 128,
  /** Index of the step within the job at which it ended early (i32). */
  failedStep: 136,
  /** Instruction index at which it ended early (i32). */
  failedInstruction: 140,
  /** 1 asks the workers to stop after the step they are in (i32, atomic). */
  stop: 192,
  /** Steps completed in this job (i32). */
  stepsDone: 196,
  /** Whether the next step runs: decided by one thread at the barrier before it (i32). */
  decision: 200,
  /** Threads of this job (i32). */
  threads: 256,
  /** How many loads a waiting thread spins before it sleeps (i32). */
  spins: 260,
  /** First row of the job (u32). */
  firstRow: 264,
  /** Rows of the job in all (u32). */
  rows: 268,
  /** Rows of a step; the last may have fewer (u32). */
  batch: 272,
  /** 1 asks for the time of each instruction, by the imported clock (i32). */
  timed: 276,
  /** How often a thread sleeps at a barrier (NAP) before it takes the others for dead; 0: for ever (i32). */
  patience: 280,
  /** A line for each thread begins here: THREAD. */
  perThread: 384,
  bytes: 384 + 16 * 64,
} as const;

/** The most threads of a job. */
export const MAX_THREADS = 16;

/** Offsets in a thread's line of the control block, in bytes: what it is doing, for whoever looks after a trap. */
export const THREAD = {
  /** Index of the instruction it is in, -1 outside of a job (i32). */
  instruction: 0,
  /** Index of the step within the job (i32). */
  step: 4,
  bytes: 64,
} as const;

/** A thread's scratch region begins with this many bytes of the interpreter's own; kernels get what lies behind them. */
export const SCRATCH_HEADER = 64;

/**
 * The words by which a worker that stands by is called to a small program, in a buffer of its own: a message would take as
 * long as the program does. `state` (atomic) is one of STATE; with `go` the rest says to what.
 */
export const STANDBY = { state: 0, control: 1, program: 2, thread: 3, scratch: 4, words: 16 } as const;

/** A worker is away, has been sent for, waits; it is called, has come, and goes to work. */
export const STATE = { away: 0, invited: 1, waiting: 2, called: 3, come: 4, go: 5 } as const;

/** Why a job ended early. */
export const FAILED = { none: 0, trapped: 1, nonFinite: 2, workerDied: 3 } as const;

/** Offsets in a program's header, in bytes. */
export const PROGRAM = {
  instructions: 0,
  firstInstruction: 4,
  relocations: 8,
  firstRelocation: 12,
  /** Address of the slot table: one u32 address per bound buffer. */
  slots: 16,
  bytes: 64,
} as const;

/** Offsets in an instruction, in bytes. tiles = ceil((rows * unitsPerRow + unitsFixed) / block) * times. */
export const INSTRUCTION = {
  kernel: 0,
  flags: 4,
  unitsPerRow: 8,
  unitsFixed: 12,
  block: 16,
  times: 20,
  /** The kernel's own words begin here; at most WORDS of them. */
  words: 24,
  /** Next unclaimed tile (i32, atomic), on a line of its own. */
  counter: 192,
  /** Milliseconds of the imported clock that thread 0 spent in this instruction and the barrier after it, when timed (f64). */
  time: 200,
  /** Nanoseconds that all threads together spent in it without the barrier, when timed (i64, atomic). */
  worked: 208,
  bytes: 256,
} as const;

/** Words a kernel has for itself. */
export const WORDS = 40;

/** Instruction flags. */
export const FLAG = {
  /** A barrier follows: everything before is complete before anything after begins. */
  barrier: 1,
  /** A thread that has done a tile of this does the same tile of the next at once: the two are claimed as one. */
  chained: 2,
} as const;

/**
 * A relocation: at each step thread 0 stores slots[slot] + row * rowBytes + offset into the word at `address`. rowBytes 0 binds a
 * whole buffer (a table); `row` is the first row of the step within the job's range.
 */
export const RELOCATION = { address: 0, slot: 4, rowBytes: 8, offset: 12, bytes: 16 } as const;
