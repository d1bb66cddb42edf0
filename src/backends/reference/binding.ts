/** What a job binds to the names of a graph, checked before its first step. */

import { DataError, OptionError, StateError } from "../../core/errors.js";
import { formatShape, sameShape } from "../../core/shape.js";
import { isBatched, sizePerRow } from "../../graph/dimensions.js";
import type { Value } from "../../graph/op.js";
import type { Tensor } from "../../graph/tensor.js";
import type { Buffer, Job, Rows } from "../backend.js";
import { ReferenceBuffer } from "./buffers.js";

/** A tensor's rows in a buffer: the value of each step. */
export class BoundRows {
  private constructor(
    private readonly tensor: Tensor,
    private readonly data: Float64Array,
    private readonly firstRow: number,
  ) {}

  /**
   * Binds a buffer's rows to an input or output.
   * @throws DataError or StateError naming it, if the buffer is of another type, too short or freed.
   */
  static of(what: string, tensor: Tensor, rows: Rows, job: Job): BoundRows {
    const { buffer, firstRow = 0 } = rows;
    const data = checkedBuffer(what, buffer);
    const batched = isBatched(tensor.shape);
    const expected = (batched ? [buffer.shape[0] ?? 0, ...tensor.shape.slice(1)] : tensor.shape) as number[];
    if (buffer.dtype !== tensor.dtype || !sameShape(buffer.shape, expected)) {
      throw new DataError(
        `${what}: ${tensor.dtype} ${formatShape(tensor.shape)} expected, received a buffer ${buffer.dtype} ${formatShape(buffer.shape)}.`,
      );
    }
    if (!Number.isSafeInteger(firstRow) || firstRow < 0) {
      throw new DataError(`${what}: firstRow must be a whole number >= 0, received ${firstRow}.`);
    }
    if (batched && firstRow + job.rows > buffer.shape[0]!) {
      throw new DataError(
        `${what}: ${job.rows} rows from row ${firstRow} on expected, the buffer has ${buffer.shape[0]}.`,
      );
    }
    return new BoundRows(tensor, data, firstRow);
  }

  /** The value of the step that begins at row `start` of the job. */
  at(start: number, rows: number): Value {
    if (!isBatched(this.tensor.shape)) return { shape: this.tensor.shape as number[], data: this.data };
    const size = sizePerRow(this.tensor.shape);
    const from = (this.firstRow + start) * size;
    return {
      shape: [rows, ...(this.tensor.shape.slice(1) as number[])],
      data: this.data.subarray(from, from + rows * size),
    };
  }
}

/** Checks rows and batch of a job. @throws OptionError */
export function checkJob(job: Job, capacity: number): void {
  const whole = (n: number): boolean => Number.isSafeInteger(n) && n >= 1;
  if (!whole(job.rows)) throw new OptionError(`run: rows must be a whole number >= 1, received ${job.rows}.`);
  if (!whole(job.batch) || job.batch > capacity) {
    throw new OptionError(
      `run: batch must be a whole number from 1 to the program's capacity of ${capacity}, received ${job.batch}.`,
    );
  }
}

/**
 * The buffers a job names, under the names a graph has.
 * @throws DataError for a name that the graph does not have, or that the job leaves out where all are needed.
 */
export function matchNames<T>(
  what: string,
  given: Readonly<Record<string, T>>,
  known: readonly string[],
  all: boolean,
): [name: string, value: T][] {
  const list = known.length === 0 ? "none" : known.join(", ");
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) throw new DataError(`run: there is no ${what} "${name}"; the graph has: ${list}.`);
  }
  for (const name of known) {
    if (all && given[name] === undefined) throw new DataError(`run: ${what} "${name}" is not bound.`);
  }
  return Object.entries(given);
}

/** The numbers of a buffer. @throws StateError naming what it is for, if it was freed or is another backend's. */
export function checkedBuffer(what: string, buffer: Buffer): Float64Array {
  if (!(buffer instanceof ReferenceBuffer)) throw new StateError(`${what}: the buffer is not one of this backend.`);
  return buffer.values(what);
}
