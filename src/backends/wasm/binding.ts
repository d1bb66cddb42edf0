/** What a job binds to the names of a program, checked before its first step. */

import { bytesPerElement } from "../../core/dtype.js";
import { DataError, OptionError } from "../../core/errors.js";
import { formatShape, sameShape } from "../../core/shape.js";
import { sizePerRow } from "../../graph/dimensions.js";
import type { Job, Rows } from "../backend.js";
import { ownBuffer, type WasmBuffer } from "./buffers.js";
import { advances, type Binding, type WasmProgram } from "./program.js";

/** The buffers of a job and the address of each slot. */
export interface Bound {
  readonly buffers: readonly WasmBuffer[];
  readonly slots: Uint32Array;
  /** The outputs that are wanted, by name. */
  readonly outputs: ReadonlyMap<string, WasmBuffer>;
}

/**
 * Checks a job against its program.
 * @throws OptionError for rows or batch out of range; DataError for a name that is unknown or missing, a buffer of
 * another type or too short; StateError for a freed one.
 */
export function bind(program: WasmProgram, job: Job): Bound {
  const { inputs, tables, outputs } = program.lowered;
  checkRows(job, program.capacity);
  const slots = new Uint32Array(program.lowered.layout.slotCount);
  const buffers: WasmBuffer[] = [];
  const take = (what: string, binding: Binding, rows: Rows): WasmBuffer => {
    const buffer = boundBuffer(`${what} "${binding.name}"`, binding, rows, job, what === "table");
    const rowBytes = sizePerRow(binding.shape) * bytesPerElement(binding.dtype);
    slots[binding.slot] =
      buffer.address + (what !== "table" && advances(binding) ? (rows.firstRow ?? 0) * rowBytes : 0);
    buffers.push(buffer);
    return buffer;
  };
  for (const [binding, rows] of match("input", inputs, job.inputs ?? {}, true)) take("input", binding, rows);
  for (const [binding, buffer] of match("table", tables, job.tables ?? {}, true)) take("table", binding, { buffer });
  const wanted = match("output", outputs, job.outputs ?? {}, false);
  const taken = wanted.map(([binding, rows]) => [binding.name, take("output", binding, rows)] as const);
  return { buffers, slots, outputs: new Map(taken) };
}

function checkRows({ rows, batch }: Job, capacity: number): void {
  const whole = (n: number): boolean => Number.isSafeInteger(n) && n >= 1;
  if (!whole(rows)) throw new OptionError(`run: rows must be a whole number >= 1, received ${rows}.`);
  if (!whole(batch) || batch > capacity) {
    throw new OptionError(
      `run: batch must be a whole number from 1 to the program's capacity of ${capacity}, received ${batch}.`,
    );
  }
}

function match<T>(
  what: string,
  bindings: readonly Binding[],
  given: Readonly<Record<string, T>>,
  all: boolean,
): [Binding, T][] {
  for (const name of Object.keys(given)) {
    if (!bindings.some((binding) => binding.name === name)) {
      const list = bindings.length === 0 ? "none" : bindings.map((binding) => binding.name).join(", ");
      throw new DataError(`run: there is no ${what} "${name}"; the graph has: ${list}.`);
    }
  }
  return bindings.flatMap((binding): [Binding, T][] => {
    const value = given[binding.name];
    if (value !== undefined) return [[binding, value]];
    if (all) throw new DataError(`run: ${what} "${binding.name}" is not bound.`);
    return [];
  });
}

function boundBuffer(what: string, binding: Binding, rows: Rows, job: Job, table: boolean): WasmBuffer {
  const buffer = ownBuffer(what, rows.buffer);
  const { firstRow = 0 } = rows;
  const batched = advances(binding);
  const expected = (batched ? [buffer.shape[0] ?? 0, ...binding.shape.slice(1)] : binding.shape) as number[];
  if (buffer.dtype !== binding.dtype || !sameShape(buffer.shape, expected)) {
    throw new DataError(
      `${what}: ${binding.dtype} ${formatShape(binding.shape)} expected, received a buffer ${buffer.describe()}.`,
    );
  }
  if (!Number.isSafeInteger(firstRow) || firstRow < 0) {
    throw new DataError(`${what}: firstRow must be a whole number >= 0, received ${firstRow}.`);
  }
  if (batched && !table && firstRow + job.rows > buffer.shape[0]!) {
    throw new DataError(
      `${what}: ${job.rows} rows from row ${firstRow} on expected, the buffer has ${buffer.shape[0]}.`,
    );
  }
  return buffer;
}
