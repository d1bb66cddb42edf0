/**
 * Which bytes of the engine's memory are taken: a free list with coalescing, in plain numbers. It touches no memory, so
 * it serves a memory of this thread and one that a worker owns alike. Not here: growing (engine-memory.ts).
 */

import { StateError } from "../../core/errors.js";
import { ALIGNMENT } from "./layout.js";

/** A stretch of memory. */
export interface Span {
  readonly address: number;
  readonly bytes: number;
}

/** A stretch that was taken. */
export interface Taken extends Span {
  /** Where bytes begin that nothing was ever written to; all before it may hold anything. */
  readonly cleanFrom: number;
}

/** The bytes that a block of `bytes` really takes: a multiple of the alignment, at least one. */
export function roundUp(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / ALIGNMENT)) * ALIGNMENT;
}

/** The free list. Addresses may pass 2^31, so they stay numbers and are never shifted. */
export class Allocator {
  /** Free stretches by ascending address, no two of them touching. */
  private readonly free: { address: number; bytes: number }[] = [];
  private readonly taken = new Map<number, number>();
  private end: number;
  /** Nothing at or behind it was ever handed out. */
  private touched: number;
  private usedBytes = 0;

  /** Hands out [start, end). */
  constructor(start: number, end: number) {
    this.end = roundUp(start);
    this.touched = this.end;
    this.extend(end);
  }

  /** Bytes handed out. */
  get used(): number {
    return this.usedBytes;
  }

  /** The first byte that does not belong to it. */
  get limit(): number {
    return this.end;
  }

  /** Moves the end, after the memory has grown. */
  extend(end: number): void {
    const rounded = Math.floor(end / ALIGNMENT) * ALIGNMENT;
    if (rounded <= this.end) return;
    this.insert({ address: this.end, bytes: rounded - this.end });
    this.end = rounded;
  }

  /** Bytes by which the memory must grow until a block of `bytes` can be had; 0 if it can be had now. */
  missing(bytes: number): number {
    const wanted = roundUp(bytes);
    if (this.free.some((span) => span.bytes >= wanted)) return 0;
    const last = this.free.at(-1);
    const atEnd = last !== undefined && last.address + last.bytes === this.end ? last.bytes : 0;
    return wanted - atEnd;
  }

  /** Takes a block of at least `bytes`, the smallest stretch it fits in; undefined where there is none. */
  take(bytes: number): Taken | undefined {
    const wanted = roundUp(bytes);
    let best = -1;
    for (let i = 0; i < this.free.length; i++) {
      const size = this.free[i]!.bytes;
      if (size >= wanted && (best < 0 || size < this.free[best]!.bytes)) best = i;
    }
    const span = this.free[best];
    if (span === undefined) return undefined;
    const address = span.address;
    if (span.bytes === wanted) this.free.splice(best, 1);
    else {
      span.address += wanted;
      span.bytes -= wanted;
    }
    this.taken.set(address, wanted);
    this.usedBytes += wanted;
    const cleanFrom = Math.min(Math.max(address, this.touched), address + wanted);
    this.touched = Math.max(this.touched, address + wanted);
    return { address, bytes: wanted, cleanFrom };
  }

  /** Gives a block back. @throws StateError if there is no block at this address. */
  release(address: number): void {
    const bytes = this.taken.get(address);
    if (bytes === undefined) throw new StateError(`allocator: no block begins at ${address}.`);
    this.taken.delete(address);
    this.usedBytes -= bytes;
    this.insert({ address, bytes });
  }

  private insert(span: { address: number; bytes: number }): void {
    let low = 0;
    let high = this.free.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.free[middle]!.address < span.address) low = middle + 1;
      else high = middle;
    }
    const before = this.free[low - 1];
    const after = this.free[low];
    const joinsBefore = before !== undefined && before.address + before.bytes === span.address;
    const joinsAfter = after !== undefined && span.address + span.bytes === after.address;
    if (joinsBefore && joinsAfter) {
      before.bytes += span.bytes + after.bytes;
      this.free.splice(low, 1);
    } else if (joinsBefore) before.bytes += span.bytes;
    else if (joinsAfter) {
      after.address = span.address;
      after.bytes += span.bytes;
    } else this.free.splice(low, 0, span);
  }
}
