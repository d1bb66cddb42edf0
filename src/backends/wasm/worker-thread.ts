/**
 * A worker as the engine sees it: requests, a reply to each in their order, and a death that no one misses. Not here: which
 * requests there are (messages.ts).
 */

import { STANDBY } from "./layout.js";
import type { Reply, Request, RunRequest } from "./messages.js";
import { type Spawned, spawn } from "./spawn.js";

/** A worker died, or reported an error that is not a trap of a kernel. */
export class WorkerFailure extends Error {}

interface Pending {
  resolve(reply: Reply): void;
  reject(failure: WorkerFailure): void;
}

/** One worker. */
export class WorkerThread {
  private readonly spawned: Spawned;
  /** Shared with it; undefined where it owns the memory and nothing can be shared. */
  private standby: Uint32Array<SharedArrayBuffer> | undefined;
  private readonly pending: Pending[] = [];
  private ended: string | undefined;
  private onPong: (() => void) | undefined;

  /** `onDeath` is told when it ends unasked, also while no request is pending. */
  constructor(private readonly onDeath: (reason: string) => void) {
    this.spawned = spawn({ reply: (reply) => this.receive(reply), death: (reason) => this.die(reason) });
  }

  /** Whether it takes requests. */
  get alive(): boolean {
    return this.ended === undefined;
  }

  /** Has it share the memory. */
  share(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Reply> {
    this.standby = new Uint32Array(new SharedArrayBuffer(4 * STANDBY.words));
    return this.request({ kind: "share", module, memory, standby: this.standby.buffer });
  }

  /** Has it run one thread of a program that lingers: at once if it waits for the next one, else by a message. */
  call(request: RunRequest): void {
    const standby = this.standby!;
    standby[STANDBY.control] = request.control;
    standby[STANDBY.program] = request.program;
    standby[STANDBY.thread] = request.thread;
    standby[STANDBY.scratch] = request.scratch;
    const waits = Atomics.compareExchange(standby, STANDBY.state, 1, 2) === 1;
    if (!waits && this.ended === undefined) this.spawned.post(request);
  }

  /** Sends a request. @throws WorkerFailure if it dies before it replies, or replies with an error. */
  request(request: Request, transfer?: Transferable[]): Promise<Reply> {
    const reply = this.expect();
    if (this.ended === undefined) this.spawned.post(request, transfer);
    return reply;
  }

  /** Its next reply. @throws WorkerFailure as `request`. */
  expect(): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.ended !== undefined) reject(new WorkerFailure(this.ended));
      else this.pending.push({ resolve, reject });
    });
  }

  /** Whether it answers within so many milliseconds. It cannot while it runs a program. */
  ping(milliseconds: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), milliseconds);
      this.onPong = () => {
        clearTimeout(timer);
        resolve(true);
      };
      this.spawned.post({ kind: "ping" });
    });
  }

  ref(): void {
    this.spawned.ref();
  }

  unref(): void {
    this.spawned.unref();
  }

  /** Ends it on purpose; pending requests fail, `onDeath` is not told. */
  async terminate(reason = "it was ended"): Promise<void> {
    this.end(reason);
    await this.spawned.terminate();
  }

  private receive(reply: Reply): void {
    this.onPong?.();
    this.onPong = undefined;
    if (reply.kind === "pong") return;
    const pending = this.pending.shift();
    if (reply.kind === "error") pending?.reject(new WorkerFailure(reply.message));
    else pending?.resolve(reply);
  }

  private die(reason: string): void {
    if (this.ended !== undefined) return;
    this.end(reason);
    this.onDeath(reason);
  }

  private end(reason: string): void {
    if (this.ended !== undefined) return;
    this.ended = reason;
    for (const pending of this.pending.splice(0)) pending.reject(new WorkerFailure(reason));
  }
}
