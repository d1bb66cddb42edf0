/**
 * The workers that share one memory: started when first needed, held to a job together, ended together when one of them
 * fails. A pool that has failed is thrown away; whoever owns it makes another. Not here: what runs (the engine) and in
 * which order (queue.ts).
 */

import { instructionOf } from "./control.js";
import { CONTROL, FAILED, THREAD } from "./layout.js";
import type { Reply } from "./messages.js";
import { type Dispatch, DispatchFailure } from "./port.js";
import { type WorkerFailure, WorkerThread } from "./worker-thread.js";

/** How long the other threads have to leave a job that failed. */
const LEAVE = 5_000;

/** Workers on one memory. */
export class Pool {
  private readonly workers: WorkerThread[] = [];
  private referenced = false;
  private running: Dispatch | undefined;
  /** Whether a worker failed or all were ended. */
  private dead = false;
  private starting = 0;
  /** Why the first worker that did not start did not; others are then ended. */
  private notStarted: string | undefined;

  /** `silence`: as of SharedPort. */
  constructor(
    private readonly module: WebAssembly.Module,
    private readonly memory: WebAssembly.Memory,
    private readonly silence: number,
  ) {}

  /** False once a worker failed. */
  get usable(): boolean {
    return !this.dead;
  }

  /** Whether there are workers, all started: sent a program, they begin at once. */
  get ready(): boolean {
    return !this.dead && this.workers.length > 0 && this.starting === 0;
  }

  ref(): void {
    this.referenced = true;
    for (const worker of this.workers) worker.ref();
  }

  unref(): void {
    this.referenced = false;
    for (const worker of this.workers) worker.unref();
  }

  /**
   * Runs a program whose control block is written already.
   * @throws DispatchFailure; the pool is then not usable any more, and has no worker left.
   */
  async run(dispatch: Dispatch): Promise<void> {
    await this.start(dispatch.threads);
    this.running = dispatch;
    // Who stands by, or is about to, would look at the message late.
    for (const worker of this.workers) worker.release();
    const { control, program, scratch } = dispatch;
    const replies = this.workers
      .slice(0, dispatch.threads)
      .map((worker, thread) =>
        worker
          .request({ kind: "run", control, program, thread, scratch: scratch[thread]! })
          .catch((failure: WorkerFailure) => this.fail(failure)),
      );
    const silence = this.watch(dispatch);
    try {
      await this.settle(replies);
    } finally {
      clearInterval(silence);
      this.running = undefined;
    }
  }

  /** The workers that stand by and come within `moment` milliseconds when they are called, at most so many. */
  gather(most: number, moment: number): WorkerThread[] {
    if (this.dead) return [];
    const called = this.workers.slice(0, most).filter((worker) => worker.call());
    const late = performance.now() + moment;
    while (called.some((worker) => !worker.come) && performance.now() < late);
    return called.filter((worker) => !worker.dismiss());
  }

  /**
   * Has workers stand by for the next small program. True: some are being started for it. If they do not start,
   * `notStarted` is told; without it none is started.
   */
  invite(most: number, notStarted?: (failure: DispatchFailure) => void): boolean {
    if (this.dead) return false;
    const starts = notStarted !== undefined && this.workers.length < most;
    if (starts) void this.start(most).catch(notStarted);
    for (const worker of this.workers.slice(0, most)) worker.invite();
    return starts;
  }

  /** Ends all workers. */
  async end(): Promise<void> {
    this.dead = true;
    await Promise.all(this.workers.splice(0).map((worker) => worker.terminate()));
  }

  /** @throws DispatchFailure if a worker does not start; the pool is then not usable any more. */
  private async start(threads: number): Promise<void> {
    const started: Promise<Reply>[] = [];
    while (this.workers.length < threads) {
      const worker = new WorkerThread(() => this.leave());
      if (this.referenced) worker.ref();
      this.workers.push(worker);
      started.push(worker.share(this.module, this.memory));
    }
    this.starting++;
    try {
      await Promise.all(started);
    } catch (error) {
      this.notStarted ??= (error as Error).message;
      await this.end();
      throw new DispatchFailure(`a worker did not start: ${this.notStarted}`, undefined, "death");
    } finally {
      this.starting--;
    }
  }

  /** Waits for all threads, or after a failure for as many as leave in time. */
  private async settle(replies: readonly Promise<Reply | DispatchFailure>[]): Promise<void> {
    let failure: DispatchFailure | undefined;
    let late: ReturnType<typeof setTimeout> | undefined;
    const failed = new Promise<void>((resolve) => {
      for (const reply of replies) {
        void reply.then((result) => {
          failure ??= this.failureOf(result);
          if (failure !== undefined) late ??= setTimeout(resolve, LEAVE);
        });
      }
    });
    await Promise.race([Promise.all(replies), failed]);
    clearTimeout(late);
    if (failure === undefined) return;
    await this.end();
    throw failure;
  }

  private failureOf(result: Reply | DispatchFailure): DispatchFailure | undefined {
    if (result instanceof DispatchFailure) return result;
    if (result.kind !== "ran" || result.trap === "") return undefined;
    return new DispatchFailure(result.trap, this.instructionOf(result.thread), "trap");
  }

  /** A worker died within a job: the others are told, or they would wait for it at a barrier. */
  private fail(failure: WorkerFailure): DispatchFailure {
    this.leave();
    const dead = this.workers.findIndex((worker) => !worker.alive);
    return new DispatchFailure(failure.message, dead < 0 ? undefined : this.instructionOf(dead), "death");
  }

  /** Tells all threads to leave the job, if there is one. */
  private leave(): void {
    this.dead = true;
    if (this.running === undefined) return;
    const words = new Int32Array(this.memory.buffer);
    Atomics.compareExchange(words, (this.running.control + CONTROL.failed) / 4, FAILED.none, FAILED.workerDied);
    Atomics.notify(words, (this.running.control + CONTROL.generation) / 4);
  }

  private instructionOf(thread: number): number | undefined {
    return this.running && instructionOf(this.memory, this.running.control, thread);
  }

  /** A browser does not say when a worker is gone: one that neither computes nor answers is taken for dead. */
  private watch(dispatch: Dispatch): ReturnType<typeof setInterval> | undefined {
    if (this.silence === 0) return undefined;
    let before = "";
    return setInterval(() => {
      const now = this.progress(dispatch);
      const silent = now === before;
      before = now;
      if (!silent) return;
      for (const worker of this.workers.slice(0, dispatch.threads)) {
        void worker.ping(this.silence).then((answered) => {
          const still = this.running === dispatch && this.progress(dispatch) === now;
          if (!answered && still) return worker.terminate("it does not answer");
        });
      }
    }, this.silence);
  }

  /** Everything that changes while threads compute. */
  private progress({ control, threads }: Dispatch): string {
    const length = CONTROL.perThread + threads * THREAD.bytes;
    return new Uint8Array(this.memory.buffer, control, length).join();
  }
}
