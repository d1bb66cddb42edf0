/**
 * Runs a program: for each step, binds its rows, then has the threads share out the tiles of one instruction after
 * another. All threads of a job call `execute` with the same control block and program. The numbers are those of
 * layout.ts. Not here: any kernel.
 */
import { call } from "./generated/dispatch";

@external("env", "now")
declare function now(): f64;

// layout.ts: CONTROL
@inline const ARRIVED: usize = 0;
@inline const GENERATION: usize = 64;
@inline const SLEEPING: usize = 68;
@inline const LEFT: usize = 72;
@inline const FAILED: usize = 128;
@inline const STOP: usize = 192;
@inline const STEPS_DONE: usize = 196;
@inline const DECISION: usize = 200;
@inline const THREADS: usize = 256;
@inline const SPINS: usize = 260;
@inline const FIRST_ROW: usize = 264;
@inline const ROWS: usize = 268;
@inline const BATCH: usize = 272;
@inline const TIMED: usize = 276;
@inline const PATIENCE: usize = 280;
@inline const PER_THREAD: usize = 384;

// layout.ts: FAILED
@inline const WORKER_DIED: i32 = 3;

// layout.ts: THREAD
@inline const THREAD_BYTES: usize = 64;
@inline const CURRENT: usize = 0;
@inline const STEP: usize = 4;
@inline const SCRATCH_HEADER: usize = 64;

// layout.ts: PROGRAM
@inline const INSTRUCTIONS: usize = 0;
@inline const FIRST_INSTRUCTION: usize = 4;
@inline const RELOCATIONS: usize = 8;
@inline const FIRST_RELOCATION: usize = 12;
@inline const SLOTS: usize = 16;

// layout.ts: INSTRUCTION
@inline const KERNEL: usize = 0;
@inline const FLAGS: usize = 4;
@inline const UNITS_PER_ROW: usize = 8;
@inline const UNITS_FIXED: usize = 12;
@inline const BLOCK: usize = 16;
@inline const TIMES: usize = 20;
@inline const WORDS: usize = 24;
@inline const COUNTER: usize = 192;
@inline const TIME: usize = 200;
@inline const WORKED: usize = 208;
@inline const INSTRUCTION_BYTES: usize = 256;
@inline const BARRIER: i32 = 1;
@inline const CHAINED: i32 = 2;

// layout.ts: RELOCATION
@inline const RELOCATION_BYTES: usize = 16;

/** Binds the rows of a step: every relocated word becomes slots[slot] + row * rowBytes + offset. */
export function relocate(control: usize, program: usize, step: i32): void {
  const row = load<u32>(control, FIRST_ROW) + <u32>step * load<u32>(control, BATCH);
  const slots = load<usize>(program, SLOTS);
  let r = load<usize>(program, FIRST_RELOCATION);
  for (let n = load<i32>(program, RELOCATIONS); n > 0; n--, r += RELOCATION_BYTES) {
    store<u32>(load<usize>(r), load<u32>(slots + (<usize>load<u32>(r, 4) << 2)) + row * load<u32>(r, 8) + load<u32>(r, 12));
  }
}

/**
 * What one thread does alone while the others wait: tiles of the stage (instructions `from` to `to`) can be claimed anew,
 * and where a step begins, the last one is counted, its rows are bound and it is decided whether it runs at all.
 */
@inline function alone(control: usize, program: usize, from: usize, to: usize, step: i32, steps: i32): void {
  for (let i = from; i < to; i += INSTRUCTION_BYTES) store<i32>(i, 0, COUNTER);
  if (step < 0 || load<i32>(control, FAILED) != 0) return;
  store<i32>(control, step, STEPS_DONE);
  const go = step < steps && atomic.load<i32>(control, STOP) == 0;
  if (go) relocate(control, program, step);
  store<i32>(control, i32(go), DECISION);
}

/** Waits for all threads. False: the job has failed, leave. */
@inline function barrier(control: usize, program: usize, threads: i32, from: usize, to: usize, step: i32, steps: i32): bool {
  if (threads == 1) {
    alone(control, program, from, to, step, steps);
    return load<i32>(control, FAILED) == 0;
  }
  const generation = atomic.load<i32>(control, GENERATION);
  if (atomic.add<i32>(control, 1, ARRIVED) == threads - 1) {
    alone(control, program, from, to, step, steps);
    atomic.store<i32>(control, 0, ARRIVED);
    atomic.store<i32>(control, generation + 1, GENERATION);
    if (atomic.load<i32>(control, SLEEPING) != 0) atomic.notify(control + GENERATION, -1);
  } else {
    let spins = load<i32>(control, SPINS), naps = load<i32>(control, PATIENCE);
    while (atomic.load<i32>(control, GENERATION) == generation) {
      if (atomic.load<i32>(control, FAILED) != 0) return false;
      if (spins-- > 0) continue;
      // Whoever is asleep is counted first: the last one to arrive looks at the count after changing the generation.
      atomic.add<i32>(control, 1, SLEEPING);
      // 2 is what it returns where nobody woke it.
      const woken = atomic.wait<i32>(control + GENERATION, generation, 100000000);
      atomic.sub<i32>(control, 1, SLEEPING);
      if (woken != 2 || naps == 0 || --naps > 0) continue;
      atomic.cmpxchg<i32>(control, 0, WORKER_DIED, FAILED);
      atomic.notify(control + GENERATION, -1);
    }
  }
  return atomic.load<i32>(control, FAILED) == 0;
}

/** Runs a whole job as one of its threads. Returns why it ended early (layout.ts: FAILED), or 0. */
export function execute(control: usize, program: usize, thread: i32, scratch: usize): i32 {
  const reason = runSteps(control, program, thread, scratch);
  atomic.add<i32>(control, 1, LEFT);
  return reason;
}

function runSteps(control: usize, program: usize, thread: i32, scratch: usize): i32 {
  const threads = load<i32>(control, THREADS);
  const batch = load<i32>(control, BATCH);
  const rows = load<i32>(control, ROWS);
  const steps = (rows + batch - 1) / batch;
  const first = load<usize>(program, FIRST_INSTRUCTION);
  const last = first + <usize>load<i32>(program, INSTRUCTIONS) * INSTRUCTION_BYTES;
  const timed = load<i32>(control, TIMED) != 0;
  const line = control + PER_THREAD + <usize>thread * THREAD_BYTES;
  store<usize>(scratch, control);
  store<usize>(scratch, line, 4);
  scratch += SCRATCH_HEADER;
  store<i32>(line, -1, CURRENT);
  let stage = last; // nothing has been claimed yet
  for (let step = 0; ; step++) {
    if (!barrier(control, program, threads, stage, last, step, steps)) return load<i32>(control, FAILED);
    if (load<i32>(control, DECISION) == 0) break;
    const rowsNow = min(batch, rows - step * batch);
    store<i32>(line, step, STEP);
    stage = first;
    for (let i = first; i < last; i += INSTRUCTION_BYTES) {
      const head = i;
      while ((load<i32>(i, FLAGS) & CHAINED) != 0) i += INSTRUCTION_BYTES;
      store<i32>(line, <i32>((head - first) / INSTRUCTION_BYTES), CURRENT);
      const start = timed ? now() : 0;
      const block = load<i32>(head, BLOCK);
      const units = rowsNow * load<i32>(head, UNITS_PER_ROW) + load<i32>(head, UNITS_FIXED);
      const tiles = ((units + block - 1) / block) * load<i32>(head, TIMES);
      // One call for both: a second copy of the switch would double the function.
      let tile = threads == 1 ? 0 : atomic.add<i32>(head, 1, COUNTER);
      while (tile < tiles) {
        for (let link = head; link <= i; link += INSTRUCTION_BYTES) {
          if (head != i) store<i32>(line, <i32>((link - first) / INSTRUCTION_BYTES), CURRENT);
          call(load<i32>(link, KERNEL), link + WORDS, tile, rowsNow, scratch);
        }
        tile = threads == 1 ? tile + 1 : atomic.add<i32>(head, 1, COUNTER);
      }
      if (timed) atomic.add<i64>(head, <i64>((now() - start) * 1e6), WORKED);
      if ((load<i32>(i, FLAGS) & BARRIER) != 0) {
        if (!barrier(control, program, threads, stage, i + INSTRUCTION_BYTES, -1, steps)) return load<i32>(control, FAILED);
        stage = i + INSTRUCTION_BYTES;
      }
      if (timed && thread == 0) store<f64>(head, load<f64>(head, TIME) + (now() - start), TIME);
    }
  }
  store<i32>(line, -1, CURRENT);
  return 0;
}
