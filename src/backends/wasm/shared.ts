/** The port of a memory that this thread shares with its workers: reading and writing are plain copies. */

import { EngineError } from "../../core/errors.js";
import { currentPlatform } from "../../platform/current.js";
import { controlWords } from "./control.js";
import { CONTROL } from "./layout.js";
import { turn } from "./macrotask.js";
import { Pool } from "./pool.js";
import type { ControlBlock, Dispatch, Port } from "./port.js";
import type { EngineSettings } from "./settings.js";
import { MOMENT, PATIENCE, Together } from "./together.js";

/** Bytes of a page of WebAssembly memory. */
export const PAGE = 65_536;

/** The most pages asked for, and what is asked for where that is refused: some devices grant little address space. */
export const MAXIMUM_PAGES = [65_536, 32_768, 16_384, 4_096] as const;

/** Pages a memory begins with. */
export const INITIAL_PAGES = 16;

/** How much is copied at once, a few milliseconds' worth where the memory is new; between two pieces others get a turn. */
export const PIECE = 4 * 2 ** 20;

/** From here on a copy counts as long: after others like it, or after its values were computed, a turn may be due. */
const LONG = 2 ** 18;

/**
 * Makes a memory as large as it may grow, trying the limits in turn.
 * @throws EngineError if even the smallest is refused.
 */
function createMemory(limits: readonly number[] = MAXIMUM_PAGES): {
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
export type PortSettings = {
  readonly [N in "limits" | "silence" | "patience" | "moment"]?: EngineSettings[N] | undefined;
};

/** Whether this thread may sleep at a barrier: that of a page may not, nor that of every window that has Node in it. */
function mayBlock(): boolean {
  if (currentPlatform().environment.isBrowser) return false;
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
}

/** A memory shared with workers. */
export class SharedPort implements Port {
  readonly maximum: number;
  readonly survives = true;
  private readonly memory: WebAssembly.Memory;
  private readonly silence: number;
  private readonly together: Together;
  private pool: Pool;
  private referenced = false;
  private readonly mayBlock = mayBlock();

  constructor(
    private readonly module: WebAssembly.Module,
    readonly threads: number,
    { limits, silence = silenceHere(), patience = PATIENCE, moment = MOMENT }: PortSettings = {},
  ) {
    this.silence = silence;
    const { memory, maximum } = createMemory(limits);
    this.memory = memory;
    this.maximum = maximum * PAGE;
    this.pool = new Pool(module, memory, silence);
    this.together = new Together(module, memory, { patience, moment });
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

  write(address: number, bytes: Uint8Array): Promise<void> {
    return inPieces(bytes.length, (at, length) => this.view(address + at, length).set(bytes.subarray(at, at + length)));
  }

  zero(address: number, length: number): Promise<void> {
    return inPieces(length, (at, length) => this.view(address + at, length).fill(0));
  }

  read(address: number, into: Uint8Array): Promise<void> {
    return inPieces(into.length, (at, length) => into.set(this.view(address + at, length), at));
  }

  async dispatch(dispatch: Dispatch): Promise<ControlBlock> {
    const { small, threads } = dispatch;
    const alone = small === "alone" && threads === 1;
    if (!alone && !this.pool.usable) {
      await this.pool.end();
      this.pool = new Pool(this.module, this.memory, this.silence);
      if (this.referenced) this.pool.ref();
    }
    for (const { address, words } of dispatch.writes) this.words(address, words.length).set(words);
    const control = controlWords(dispatch);
    this.words(dispatch.control, control.length).set(control);
    if (small === "no" || !(alone || this.mayBlock)) await this.pool.run(dispatch);
    else {
      if (!(await this.together.run(dispatch, this.pool))) await this.pool.run(dispatch);
      this.together.hasEnded(this.pool, threads);
    }
    return new DataView(this.memory.buffer, dispatch.control, CONTROL.bytes);
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

async function inPieces(bytes: number, copy: (at: number, length: number) => void): Promise<void> {
  for (let at = 0; at < bytes; at += PIECE) {
    if (bytes >= LONG) await turn();
    copy(at, Math.min(PIECE, bytes - at));
  }
}
