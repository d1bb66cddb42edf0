/**
 * Small programs: the calling thread runs them itself, with those workers that stand by. There is no way to a worker and
 * back, which takes as long as such a program, and no waiting for a worker whose core does something else. Not here: which
 * programs are small (engine.ts).
 */

import { instructionOf } from "./control.js";
import { CONTROL, FAILED, NAP } from "./layout.js";
import { macrotask } from "./macrotask.js";
import type { Pool } from "./pool.js";
import { type Dispatch, DispatchFailure } from "./port.js";
import { sayOnce } from "./say.js";
import type { WorkerThread } from "./worker-thread.js";

/** How long a worker that has come may be missing, in milliseconds, before it is taken for dead, where nothing is set. */
export const PATIENCE = 30_000;

/** How long a worker may take to come, in milliseconds, where nothing is set: one that is running takes a tenth of it. */
export const MOMENT = 0.005;

/** Milliseconds after which timers and events have their turn: what this thread does itself waits for no message. */
const COURTESY = 20;

/** Milliseconds between two programs for which it pays that workers stand by. */
const SOON = 1;

/** How often in a row workers are started that do not start, before small programs do without. */
const TRIES = 3;

type Execute = (control: number, program: number, thread: number, scratch: number) => number;

/** Runs small programs on a memory. */
export class Together {
  /** The module for this thread, made when it is first needed. */
  private own: Promise<WebAssembly.Instance> | undefined;
  /** When others last had their turn. */
  private courteous = 0;
  /** When the last program ended, and whether this one came soon behind it. */
  private ended = 0;
  private soon = false;
  /** How often workers were started since they last did start. */
  private tries = 0;

  constructor(
    private readonly module: WebAssembly.Module,
    private readonly memory: WebAssembly.Memory,
    private readonly wait: { readonly patience: number; readonly moment: number },
  ) {}

  /**
   * Runs a program whose control block is written already. False: it did not, for no worker came and it takes less time to
   * send for them than on one thread. Where none has started, to start some takes longest.
   * @throws DispatchFailure; if workers took part, the pool is then ended.
   */
  async run(dispatch: Dispatch, pool: Pool): Promise<boolean> {
    if (performance.now() > this.courteous + COURTESY) {
      await macrotask();
      this.courteous = performance.now();
    }
    const execute = await this.interpreter();
    const others = dispatch.threads - 1;
    this.soon = performance.now() < this.ended + SOON;
    const helpers = pool.gather(others, this.wait.moment);
    if (helpers.length === 0 && dispatch.small !== "alone" && pool.ready) return false;
    try {
      this.execute(execute, dispatch, helpers);
      if (!this.haveLeft(dispatch, helpers.length + 1)) throw await this.trapped(dispatch, helpers);
    } catch (failure) {
      if (helpers.length > 0) await pool.end();
      throw failure;
    }
    return true;
  }

  /**
   * A small program has ended, here or by messages: where they come close behind each other, workers stand by. Those that are
   * missing are started.
   */
  hasEnded(pool: Pool, threads: number): void {
    if (pool.ready) this.tries = 0;
    const wanted = this.soon || !pool.ready;
    if (wanted && pool.invite(threads - 1, this.tries < TRIES ? this.notStarted : undefined)) this.tries++;
    this.ended = performance.now();
  }

  private readonly notStarted = ({ reason }: DispatchFailure): void => {
    if (this.tries === TRIES) sayOnce(`Small programs go on with one thread: ${reason}.`);
  };

  /** The module's interpreter for this thread. */
  private async interpreter(): Promise<Execute> {
    const now = (): number => performance.now();
    this.own ??= WebAssembly.instantiate(this.module, { env: { memory: this.memory, now } });
    try {
      return (await this.own).exports.execute as Execute;
    } catch (error) {
      this.own = undefined;
      throw error;
    }
  }

  private execute(execute: Execute, { control, program, scratch }: Dispatch, helpers: readonly WorkerThread[]): void {
    const words = new Int32Array(this.memory.buffer);
    words[(control + CONTROL.threads) / 4] = helpers.length + 1;
    words[(control + CONTROL.patience) / 4] = Math.ceil(this.wait.patience / NAP);
    helpers.forEach((helper, i) => {
      helper.go(control, program, i + 1, scratch[i + 1]!);
    });
    try {
      execute(control, program, 0, scratch[0]!);
    } catch (trap) {
      Atomics.store(words, (control + CONTROL.failed) / 4, FAILED.trapped);
      Atomics.notify(words, (control + CONTROL.generation) / 4);
      throw new DispatchFailure((trap as Error).message, instructionOf(this.memory, control, 0), "trap");
    }
  }

  /**
   * Waits until no thread looks at the control block any more, a moment behind the last barrier. False: one trapped.
   * @throws DispatchFailure if one is missing.
   */
  private haveLeft({ control }: Dispatch, threads: number): boolean {
    const words = new Int32Array(this.memory.buffer);
    const late = performance.now() + this.wait.patience;
    const reason = () => Atomics.load(words, (control + CONTROL.failed) / 4);
    for (let missing = false; Atomics.load(words, (control + CONTROL.left) / 4) < threads; ) {
      if (reason() === FAILED.trapped) return false;
      if (missing || reason() === FAILED.workerDied) break;
      missing = performance.now() > late;
    }
    const all = Atomics.load(words, (control + CONTROL.left) / 4) === threads;
    if (all && reason() !== FAILED.workerDied) return reason() !== FAILED.trapped;
    throw new DispatchFailure("it did not come to a barrier", undefined, "death");
  }

  /** How a worker trapped, which is about to tell it. */
  private trapped({ control }: Dispatch, helpers: readonly WorkerThread[]): Promise<DispatchFailure> {
    const failures = helpers.map(async (helper) => {
      const reply = await helper.expect();
      if (reply.kind !== "ran") return new DispatchFailure(`it replied "${reply.kind}"`, undefined, "death");
      return new DispatchFailure(reply.trap, instructionOf(this.memory, control, reply.thread), "trap");
    });
    return Promise.race(failures).catch((death: Error) => new DispatchFailure(death.message, undefined, "death"));
  }
}
