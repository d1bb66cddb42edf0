/**
 * The engine's memory: blocks taken and given back, growth when none fits. Only called between dispatches. Not here:
 * which bytes are free (allocator.ts) and who holds them (port.ts).
 */

import { EngineError } from "../../core/errors.js";
import { Allocator } from "./allocator.js";
import { ALIGNMENT } from "./layout.js";
import { macrotask } from "./macrotask.js";
import type { Port } from "./port.js";

/** Nothing lies below: address 0 means "none" to kernels. */
const FIRST = 1024;

/** Where the last line of 32-bit addresses begins. It is not used: what ends behind it would end at address 0. */
const LAST = 2 ** 32 - ALIGNMENT;

/** Bytes by which the memory grows at least. */
const STEP = 2 ** 20;

/** Memory in blocks. */
export class EngineMemory {
  private readonly allocator: Allocator;

  constructor(private readonly port: Port) {
    this.allocator = new Allocator(FIRST, Math.min(port.size, LAST));
  }

  /** Bytes in use. */
  get used(): number {
    return this.allocator.used;
  }

  /**
   * A block; of zeros if `zeros`.
   * @throws EngineError saying what was asked for, used and possible; `what` says for what.
   */
  async allocate(bytes: number, what: string, zeros = false): Promise<number> {
    let taken = await this.take(bytes);
    if (taken === undefined) {
      // What was dropped but not collected yet may still be freed.
      (globalThis as { gc?: () => void }).gc?.();
      await macrotask();
      taken = await this.take(bytes);
    }
    if (taken === undefined) throw this.exhausted(bytes, what);
    if (zeros) await this.port.zero(taken.address, Math.min(bytes, taken.cleanFrom - taken.address));
    return taken.address;
  }

  /** Gives a block back. */
  free(address: number): void {
    this.allocator.release(address);
  }

  private async take(bytes: number) {
    const missing = this.allocator.missing(bytes);
    if (missing > 0) {
      const least = this.allocator.limit + missing;
      // By an eighth at least, so that many small blocks do not grow it each by a little.
      const ample = Math.min(
        Math.max(least, this.allocator.limit + Math.max(STEP, this.allocator.limit / 8)),
        this.port.maximum,
      );
      if (least > Math.min(this.port.maximum, LAST)) return undefined;
      if (!(await this.port.grow(ample)) && !(await this.port.grow(least))) return undefined;
      this.allocator.extend(Math.min(this.port.size, LAST));
    }
    return this.allocator.take(bytes);
  }

  private exhausted(bytes: number, what: string): EngineError {
    const megabytes = (n: number): string => `${Math.ceil(n / 2 ** 20).toLocaleString("en")} MB`;
    return new EngineError(
      `wasm: out of memory: ${what} asked for ${megabytes(bytes)} (${bytes} bytes); ${megabytes(this.used)} are in use, ` +
        `${megabytes(this.port.size)} reserved, ${megabytes(this.port.maximum)} is the limit. Free models or data, or use smaller batches.`,
    );
  }
}

/** A block that several programs use in turn, as large as the largest needs it. Its contents do not survive growth. */
export class Region {
  private at: number | undefined;
  private bytes = 0;

  constructor(
    private readonly memory: EngineMemory,
    private readonly what: string,
  ) {}

  /** Its address, after making it at least `bytes` long. */
  async ensure(bytes: number): Promise<number> {
    if (this.at === undefined || bytes > this.bytes) {
      // First given back: the new one may take its place.
      this.drop();
      this.at = await this.memory.allocate(bytes, this.what);
      this.bytes = bytes;
    }
    return this.at;
  }

  /** Gives it back if more than `bytes` of it are taken. */
  shrink(bytes: number): void {
    if (bytes < this.bytes) this.drop();
  }

  private drop(): void {
    if (this.at !== undefined) this.memory.free(this.at);
    this.at = undefined;
    this.bytes = 0;
  }
}
