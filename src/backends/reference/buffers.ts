/** The memory of the reference: every dtype in float64. Not here: what is computed with it. */

import { arrayType, type DType, type TypedArray } from "../../core/dtype.js";
import { DataError, EngineError, OptionError, StateError } from "../../core/errors.js";
import { formatShape, type Shape, sizeOf } from "../../core/shape.js";
import { stored } from "../../graph/evaluate.js";
import type { Buffer } from "../backend.js";
import { readTarget } from "../read-target.js";

/** A block of memory, until it is freed. */
export class ReferenceBuffer implements Buffer {
  /** `undefined` once freed. */
  data: Float64Array | undefined;

  /** @throws EngineError when memory runs out. */
  constructor(
    readonly dtype: DType,
    readonly shape: Shape,
  ) {
    if (!Object.hasOwn(arrayType, dtype)) throw new OptionError(`allocate: there is no dtype "${String(dtype)}".`);
    if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
      throw new OptionError(`allocate: a shape of whole numbers expected, received ${formatShape(shape)}.`);
    }
    try {
      this.data = new Float64Array(sizeOf(shape));
    } catch (cause) {
      throw new EngineError(`reference: ${sizeOf(shape) * 8} bytes for ${formatShape(shape)} are not to be had.`, {
        cause,
      });
    }
  }

  /** The numbers. @throws StateError if the buffer was freed. */
  values(what: string): Float64Array {
    if (this.data === undefined) throw new StateError(`${what}: the buffer ${this.describe()} was freed.`);
    return this.data;
  }

  /** `float32 [2, 3]`. */
  describe(): string {
    return `${this.dtype} ${formatShape(this.shape)}`;
  }

  /**
   * Copies `data` to element `offset` and on.
   * @throws DataError if it does not fit or is of another dtype.
   */
  write(data: TypedArray, offset: number): void {
    const values = this.values("write");
    if (!(data instanceof arrayType[this.dtype])) {
      throw new DataError(
        `write: a ${arrayType[this.dtype].name} expected for a ${this.dtype} buffer, received ${(data as object).constructor.name}.`,
      );
    }
    this.checkRange("write", offset, data.length);
    values.set(stored(Float64Array.from(data), this.dtype), offset);
  }

  /**
   * A copy of `length` elements from element `offset` on, in `into` if it is given.
   * @throws DataError if there are not so many, or `into` does not take them.
   */
  read(offset: number, length: number | undefined, into: TypedArray | undefined): TypedArray {
    const values = this.values("read");
    const count = length ?? values.length - offset;
    this.checkRange("read", offset, count);
    const result = readTarget(this.dtype, count, into);
    result.set(values.subarray(offset, offset + count));
    return result;
  }

  private checkRange(what: string, offset: number, length: number): void {
    const size = sizeOf(this.shape);
    if (Number.isSafeInteger(offset) && offset >= 0 && Number.isSafeInteger(length) && length >= 0) {
      if (offset + length <= size) return;
    }
    throw new DataError(
      `${what}: ${length} elements from element ${offset} on do not fit the buffer ${this.describe()} of ${size}.`,
    );
  }
}
