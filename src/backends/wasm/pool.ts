/**
 * The workers that share one memory: started when first needed, held to a job together, ended together when one of them
 * fails. A pool that has failed is thrown away; whoever owns it makes another. Not here: what runs (the engine) and in
 * which order (queue.ts).
 */

import { CONTROL, FAILED, THREAD } from "./layout.js";
import type { Reply, RunRequest } from "./messages.js";
import { type Dispatch, DispatchFailure } from "./port.js";
import { type WorkerFailure, WorkerThread } from "./worker-thread.js";

/** How long the other threads have to leave a job that failed. */
const LEAVE = 5_000;

/** How long the calling thread waits for a worker, in milliseconds, before it takes it for dead, where nothing is set. */
export const PATIENCE = 30_000;

/** A module's `execute`. */
export type Execute = (control: number, program: number, thread: number, scratch: number) => number;

/** Workers on one memory. */
export class Pool {
  private readonly workers: WorkerThread[] = [];
  private referenced = false;
  private running: Dispatch | undefined;
  /** Why a worker died, by its place; set by death, read by whoever waits for it. */
  private dead = false;

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
    const replies = this.requests(dispatch, 0).map((request, i) =>
      this.workers[i]!.request(request).catch((failure: WorkerFailure) => this.fail(failure)),
    );
    const silence = this.watch(dispatch);
    try {
      await this.settle(replies);
    } finally {
      clearInterval(silence);
      this.running = undefined;
    }
  }

  /**
   * The same with the calling thread as the first one, which is blocked meanwhile: for programs that take no longer than
   * messages to the workers and back. The control block's patience must not be 0: here nobody hears that a worker died.
   */
  async runWith(execute: Execute, dispatch: Dispatch, patience: number): Promise<void> {
    await this.start(dispatch.threads - 1);
    this.running = dispatch;
    this.requests(dispatch, 1).forEach((request, i) => {
      this.workers[i]!.call(request);
    });
    try {
      if (!this.takePart(execute, dispatch, patience)) throw await this.trapped();
    } catch (failure) {
      await this.end();
      throw failure;
    } finally {
      this.running = undefined;
    }
  }

  /** Ends all workers. */
  async end(): Promise<void> {
    this.dead = true;
    await Promise.all(this.workers.splice(0).map((worker) => worker.terminate()));
  }

  /** What threads `first` and on of a program are asked. They linger where the caller is one of them. */
  private requests({ control, program, threads, scratch }: Dispatch, first: number): RunRequest[] {
    return Array.from({ length: threads - first }, (_, i) => {
      const thread = first + i;
      return { kind: "run", control, program, thread, scratch: scratch[thread]!, lingers: first > 0 };
    });
  }

  /** How a worker trapped, which is about to tell it. */
  private trapped(): Promise<DispatchFailure> {
    return new Promise((resolve) => {
      for (const worker of this.workers) {
        worker.expect().then(
          (reply) => resolve(this.failureOf(reply) ?? new DispatchFailure("it said something else", undefined, "trap")),
          (failure: WorkerFailure) => resolve(this.fail(failure)),
        );
      }
    });
  }

  /**
   * Runs thread 0 of a program here. False: a worker trapped, which its reply tells.
   * @throws DispatchFailure if this thread traps or a worker does not come to a barrier.
   */
  private takePart(execute: Execute, { control, program, threads, scratch }: Dispatch, patience: number): boolean {
    const words = new Int32Array(this.memory.buffer);
    const [left, failed] = [(control + CONTROL.left) / 4, (control + CONTROL.failed) / 4];
    try {
      execute(control, program, 0, scratch[0]!);
    } catch (trap) {
      Atomics.compareExchange(words, failed, FAILED.none, FAILED.trapped);
      Atomics.notify(words, (control + CONTROL.generation) / 4);
      throw new DispatchFailure((trap as Error).message, this.instructionOf(0), "trap");
    }
    // Behind the last barrier a worker looks at the control block for a moment more.
    const late = performance.now() + patience;
    while (Atomics.load(words, left) < threads) {
      const reason = Atomics.load(words, failed);
      if (reason === FAILED.trapped) return false;
      if (reason === FAILED.workerDied || performance.now() > late) {
        throw new DispatchFailure("it did not come to a barrier", undefined, "death");
      }
    }
    return true;
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
    try {
      await Promise.all(started);
    } catch (error) {
      await this.end();
      throw new DispatchFailure(`a worker did not start: ${(error as Error).message}`, undefined, "death");
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
    if (this.running === undefined) return undefined;
    const line = this.running.control + CONTROL.perThread + thread * THREAD.bytes;
    const index = new DataView(this.memory.buffer).getInt32(line + THREAD.instruction, true);
    return index < 0 ? undefined : index;
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
