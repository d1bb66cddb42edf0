/**
 * A worker as the engine sees it: requests, a reply to each in their order, and a death that no one misses. Not here: which
 * requests there are (messages.ts).
 */

import { STANDBY, STATE } from "./layout.js";
import type { Reply, Request } from "./messages.js";
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

  /** Sends for it, so that it stands by for small programs for a moment; nothing where it does already. */
  invite(): void {
    if (this.ended === undefined && this.changes("away", "invited")) this.spawned.post({ kind: "linger" });
  }

  /** Calls it from where it stands by; false where it does not. */
  call(): boolean {
    return this.ended === undefined && this.changes("waiting", "called");
  }

  /** Whether it has come since it was called. */
  get come(): boolean {
    return Atomics.load(this.standby!, STANDBY.state) === STATE.come;
  }

  /** Calls it no more; false where it has come already. */
  dismiss(): boolean {
    return this.changes("called", "away");
  }

  /**
   * Has it stand by no longer, nor come to stand by where it was sent for, nor go back to it from a program that it has left:
   * a message that follows is taken at once. It looks at nothing but the words by which it is called, which are its own.
   */
  release(): void {
    if (!this.changes("invited", "away") && !this.changes("waiting", "away")) this.changes("go", "away");
  }

  /** Has it run one thread of a program, when it has come. It says something only if it traps. */
  go(control: number, program: number, thread: number, scratch: number): void {
    const standby = this.standby!;
    standby[STANDBY.control] = control;
    standby[STANDBY.program] = program;
    standby[STANDBY.thread] = thread;
    standby[STANDBY.scratch] = scratch;
    Atomics.store(standby, STANDBY.state, STATE.go);
  }

  private changes(from: keyof typeof STATE, to: keyof typeof STATE): boolean {
    const { standby } = this;
    if (standby === undefined) return false;
    return Atomics.compareExchange(standby, STANDBY.state, STATE[from], STATE[to]) === STATE[from];
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
