/** Buffers of the engine: a stretch of its memory with a type. Freed at once, or when the last pending use has ended. */

import { arrayType, bytesPerElement, type DType } from "../../core/dtype.js";
import { DataError, OptionError, StateError } from "../../core/errors.js";
import { formatShape, type Shape, sizeOf } from "../../core/shape.js";
import type { Buffer } from "../backend.js";

/** What a buffer asks of its engine. */
export interface BufferOwner {
  /** Nothing works any more, and the memory is gone. */
  readonly closed: boolean;
  /** Whether calls can still be made. */
  readonly works: boolean;
  readonly memory: { free(address: number): void };
}

/** A block of engine memory. */
export class WasmBuffer implements Buffer {
  /** Counts whatever may have changed its contents; results kept of it are compared by this. */
  changes = 0;
  private pending = 0;
  private freed = false;

  constructor(
    readonly engine: BufferOwner,
    readonly dtype: DType,
    readonly shape: Shape,
    /** Where it lies; above 2^31 too. */
    readonly address: number,
  ) {}

  /** Its elements' bytes. */
  get bytes(): number {
    return sizeOf(this.shape) * bytesPerElement(this.dtype);
  }

  get lost(): boolean {
    return !this.engine.works;
  }

  /** `float32 [2, 3]`. */
  describe(): string {
    return `${this.dtype} ${formatShape(this.shape)}`;
  }

  /** Holds the memory until `release`. */
  hold(): void {
    this.pending++;
  }

  release(): void {
    this.pending--;
    if (this.freed && this.pending === 0) this.engine.memory.free(this.address);
  }

  /** Gives it up; doing so twice does nothing. */
  free(): void {
    if (this.freed) return;
    this.freed = true;
    if (this.pending === 0) this.engine.memory.free(this.address);
  }

  /** @throws StateError if it was freed, or the engine it belongs to is gone; `what` says whose buffer it is. */
  check(what: string): void {
    if (this.freed) throw new StateError(`${what}: the buffer ${this.describe()} was freed.`);
    if (this.engine.closed) {
      throw new StateError(
        `${what}: the buffer ${this.describe()} is gone: the engine was closed, or its worker died.`,
      );
    }
  }

  /** The byte offset of a range of elements. @throws DataError if there are not so many. */
  range(what: string, offset: number, length: number): number {
    const size = sizeOf(this.shape);
    const whole = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
    if (!whole(offset) || !whole(length) || offset + length > size) {
      throw new DataError(
        `${what}: ${length} elements from element ${offset} on do not fit the buffer ${this.describe()} of ${size}.`,
      );
    }
    return offset * bytesPerElement(this.dtype);
  }
}

/** A buffer of this engine. @throws StateError */
export function ownBuffer(what: string, buffer: Buffer): WasmBuffer {
  if (!(buffer instanceof WasmBuffer)) throw new StateError(`${what}: the buffer is not one of this backend.`);
  buffer.check(what);
  return buffer;
}

/** Refuses a type that no buffer has. @throws OptionError */
export function checkType(dtype: DType, shape: Shape): void {
  if (!Object.hasOwn(arrayType, dtype)) throw new OptionError(`allocate: there is no dtype "${String(dtype)}".`);
  if (!Array.isArray(shape) || !shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    throw new OptionError(`allocate: a shape of whole numbers expected, received ${formatShape(shape)}.`);
  }
}
