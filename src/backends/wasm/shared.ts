/** The port of a memory that this thread shares with its workers: reading and writing are plain copies. */

import { EngineError } from "../../core/errors.js";
import { currentPlatform } from "../../platform/current.js";
import { controlWords } from "./control.js";
import { CONTROL, THREAD } from "./layout.js";
import { type Execute, PATIENCE, Pool } from "./pool.js";
import { type ControlBlock, type Dispatch, DispatchFailure, type Port } from "./port.js";
import type { EngineSettings } from "./settings.js";

/** Bytes of a page of WebAssembly memory. */
export const PAGE = 65_536;

/** The most pages asked for, and what is asked for where that is refused: some devices grant little address space. */
export const MAXIMUM_PAGES = [65_536, 32_768, 16_384, 4_096] as const;

/** Pages a memory begins with. */
export const INITIAL_PAGES = 16;

/** Milliseconds that a thread sleeps at a barrier at a time (assembly/interpreter.ts). */
const NAP = 100;

/** Milliseconds after which programs that run in this thread let timers and events have their turn. */
const COURTESY = 20;

/** How much is copied at once; between two pieces a page can draw and a timer can tick. */
export const PIECE = 32 * 2 ** 20;

/**
 * Makes a memory as large as it may grow, trying the limits in turn.
 * @throws EngineError if even the smallest is refused.
 */
export function createMemory(limits: readonly number[] = MAXIMUM_PAGES): {
  memory: WebAssembly.Memory;
  maximum: number;
} {
  let cause: unknown;
  for (const maximum of limits) {
    try {
      return { memory: new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared: true }), maximum };
    } catch (error) {
      cause = error;
    }
  }
  throw new EngineError(`wasm: no memory: even ${limits.at(-1)! / 16} MB of address space were refused.`, { cause });
}

/**
 * How long workers may show no sign of life before they are asked for one, and again to answer, in milliseconds; 0: for
 * ever. Only a browser does not say when a worker is gone.
 */
export function silenceHere(): number {
  return currentPlatform().environment.isBrowser ? 30_000 : 0;
}

/** How much memory is asked for, and how long is waited for workers: settings.ts. */
export type Waiting = { readonly [N in "limits" | "silence" | "patience"]?: EngineSettings[N] | undefined };

/** A memory shared with workers. */
export class SharedPort implements Port {
  readonly maximum: number;
  readonly survives = true;
  private readonly memory: WebAssembly.Memory;
  private readonly silence: number;
  private readonly patience: number;
  private pool: Pool;
  private referenced = false;
  /** When this thread last let others have their turn, though it waited for nobody. */
  private selfish = 0;
  /** Whether this thread may sleep at a barrier: a page's may not. */
  private readonly mayBlock = !currentPlatform().environment.isBrowser;
  /** The module for this thread, made when it is first needed. */
  private own: Promise<WebAssembly.Instance> | undefined;

  constructor(
    private readonly module: WebAssembly.Module,
    readonly threads: number,
    { limits, silence = silenceHere(), patience = PATIENCE }: Waiting = {},
  ) {
    this.patience = patience;
    this.silence = silence;
    const { memory, maximum } = createMemory(limits);
    this.memory = memory;
    this.maximum = maximum * PAGE;
    this.pool = new Pool(module, memory, silence);
  }

  get size(): number {
    return this.memory.buffer.byteLength;
  }

  async grow(bytes: number): Promise<boolean> {
    const pages = Math.ceil((bytes - this.size) / PAGE);
    if (pages <= 0) return true;
    try {
      this.memory.grow(pages);
      return true;
    } catch {
      return false;
    }
  }

  async write(address: number, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += PIECE) {
      if (at > 0) await macrotask();
      this.view(address + at, Math.min(PIECE, bytes.length - at)).set(bytes.subarray(at, at + PIECE));
    }
  }

  async zero(address: number, length: number): Promise<void> {
    for (let at = 0; at < length; at += PIECE) {
      if (at > 0) await macrotask();
      this.view(address + at, Math.min(PIECE, length - at)).fill(0);
    }
  }

  async read(address: number, into: Uint8Array): Promise<void> {
    for (let at = 0; at < into.length; at += PIECE) {
      if (at > 0) await macrotask();
      into.set(this.view(address + at, Math.min(PIECE, into.length - at)), at);
    }
  }

  async dispatch(dispatch: Dispatch): Promise<ControlBlock> {
    const here = dispatch.small && (dispatch.threads === 1 || this.mayBlock);
    if (!(here && dispatch.threads === 1) && !this.pool.usable) {
      await this.pool.end();
      this.pool = new Pool(this.module, this.memory, this.silence);
      if (this.referenced) this.pool.ref();
    }
    for (const { address, words } of dispatch.writes) this.words(address, words.length).set(words);
    const control = controlWords(dispatch, here ? Math.ceil(this.patience / NAP) : 0);
    this.words(dispatch.control, control.length).set(control);
    if (here) await this.courtesy();
    if (!here) await this.pool.run(dispatch);
    else if (dispatch.threads === 1) await this.runHere(dispatch);
    else await this.pool.runWith(await this.execute(), dispatch, this.patience);
    return new DataView(this.memory.buffer, dispatch.control, CONTROL.bytes);
  }

  /** Runs a program of one thread as that thread, which waits for no other at a barrier. */
  private async runHere({ control, program, scratch }: Dispatch): Promise<void> {
    const execute = await this.execute();
    try {
      execute(control, program, 0, scratch[0]!);
    } catch (trap) {
      const line = control + CONTROL.perThread + THREAD.instruction;
      const index = new DataView(this.memory.buffer).getInt32(line, true);
      throw new DispatchFailure((trap as Error).message, index < 0 ? undefined : index, "trap");
    }
  }

  /** What this thread does itself waits for no message: from time to time timers and events have their turn. */
  private async courtesy(): Promise<void> {
    if (performance.now() < this.selfish + COURTESY) return;
    await macrotask();
    this.selfish = performance.now();
  }

  /** The interpreter of this thread. */
  private async execute(): Promise<Execute> {
    const now = (): number => performance.now();
    this.own ??= WebAssembly.instantiate(this.module, { env: { memory: this.memory, now } });
    return (await this.own).exports.execute as Execute;
  }

  ref(): void {
    this.referenced = true;
    this.pool.ref();
  }

  unref(): void {
    this.referenced = false;
    this.pool.unref();
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  /** Fetched anew each time: after the memory has grown, an old buffer keeps its old length. */
  private view(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, length);
  }

  private words(address: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, address, length);
  }
}

/** Lets everything else that waits have its turn. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    // Node's timers wait for a millisecond at least.
    if (typeof setImmediate === "function") setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
