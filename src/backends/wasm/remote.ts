/**
 * The port of a memory that a worker owns, where none can be shared: everything is copied in and out by messages, and
 * one thread computes. If that worker dies, the memory dies with it.
 */

import { EngineError } from "../../core/errors.js";
import { controlWords } from "./control.js";
import { CONTROL, THREAD } from "./layout.js";
import type { Reply, Request } from "./messages.js";
import { type ControlBlock, type Dispatch, DispatchFailure, type Port } from "./port.js";
import { INITIAL_PAGES, MAXIMUM_PAGES, PAGE, PIECE, silenceHere } from "./shared.js";
import { type WorkerFailure, WorkerThread } from "./worker-thread.js";

/** Operations a millisecond of a machine slower than any: 0.1 GFLOP/s. */
const SLOWEST = 1e5;

/** A memory that a worker owns. */
export class RemotePort implements Port {
  readonly threads = 1;
  size = INITIAL_PAGES * PAGE;

  private constructor(
    private readonly worker: WorkerThread,
    readonly maximum: number,
    private readonly silence: number,
  ) {}

  /** Starts the worker and has it make its memory. `module` imports an unshared one. @throws EngineError */
  static async open(
    module: WebAssembly.Module,
    limits: readonly number[] = MAXIMUM_PAGES,
    silence = silenceHere(),
  ): Promise<RemotePort> {
    const worker = new WorkerThread(() => undefined);
    worker.ref();
    let reason = "";
    for (const maximum of limits) {
      try {
        await worker.request({ kind: "own", module, pages: INITIAL_PAGES, maximum });
        return new RemotePort(worker, maximum * PAGE, silence);
      } catch (failure) {
        reason = (failure as Error).message;
      }
    }
    const what = worker.alive ? "the worker has no memory" : "a worker did not start";
    await worker.terminate();
    throw new EngineError(`wasm: ${what}: ${reason}.`);
  }

  async grow(bytes: number): Promise<boolean> {
    const pages = Math.ceil((bytes - this.size) / PAGE);
    if (pages <= 0) return true;
    try {
      this.size = (await this.ask({ kind: "grow", pages }, "done")).value;
      return true;
    } catch (error) {
      if (this.worker.alive) return false;
      throw error;
    }
  }

  async write(address: number, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += PIECE) {
      // The reply is a turn for others too.
      const copy = Uint8Array.from(bytes.subarray(at, at + PIECE));
      await this.ask({ kind: "write", address: address + at, bytes: copy }, "done", [copy.buffer]);
    }
  }

  async zero(address: number, length: number): Promise<void> {
    await this.ask({ kind: "zero", address, length }, "done");
  }

  async read(address: number, into: Uint8Array): Promise<void> {
    into.set((await this.ask({ kind: "read", address, length: into.length }, "bytes")).bytes);
  }

  async dispatch(dispatch: Dispatch): Promise<ControlBlock> {
    const { control, program, scratch, writes } = dispatch;
    const all = [...writes, { address: control, words: controlWords(dispatch) }];
    const bytes = CONTROL.perThread + THREAD.bytes;
    const silence = this.watch(dispatch);
    try {
      const reply = await this.request({
        kind: "runAlone",
        control,
        controlBytes: bytes,
        program,
        scratch: scratch[0]!,
        writes: all,
      });
      if (reply.kind !== "ran") throw new DispatchFailure(`unexpected reply "${reply.kind}"`, undefined, "death");
      const block = new DataView(reply.control.buffer);
      if (reply.trap === "") return block;
      const instruction = block.getInt32(CONTROL.perThread + THREAD.instruction, true);
      throw new DispatchFailure(reply.trap, instruction < 0 ? undefined : instruction, "trap");
    } finally {
      clearInterval(silence);
    }
  }

  ref(): void {
    this.worker.ref();
  }

  unref(): void {
    this.worker.unref();
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  /** The memory is the worker's: it is gone with it, but a trap leaves both. */
  get survives(): boolean {
    return this.worker.alive;
  }

  private async request(request: Request, transfer?: Transferable[]): Promise<Reply> {
    try {
      return await this.worker.request(request, transfer);
    } catch (failure) {
      throw new DispatchFailure((failure as WorkerFailure).message, undefined, "death");
    }
  }

  private async ask<K extends Reply["kind"]>(
    request: Request,
    kind: K,
    transfer?: Transferable[],
  ): Promise<Extract<Reply, { kind: K }>> {
    const reply = await this.request(request, transfer);
    if (reply.kind !== kind) throw new DispatchFailure(`unexpected reply "${reply.kind}"`, undefined, "death");
    return reply as Extract<Reply, { kind: K }>;
  }

  /**
   * A browser does not say when a worker is gone. It cannot answer while it computes, so it has the time that its work
   * may take on a slow machine, and twice the silence that is allowed.
   */
  private watch({ operations }: Dispatch): ReturnType<typeof setInterval> | undefined {
    if (this.silence === 0) return undefined;
    const patience = this.silence + operations / SLOWEST;
    return setInterval(() => {
      void this.worker.ping(patience).then((answered) => {
        if (!answered) return this.worker.terminate("it does not answer");
      });
    }, patience);
  }
}
