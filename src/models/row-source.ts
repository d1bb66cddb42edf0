/**
 * How rows reach the engine: resident in its memory and gathered there by index, resident and read in order, or, where
 * they are too many, copied over in chunks.
 */

import type { Backend, Buffer, Job } from "../backends/backend.js";
import { arrayType, bytesPerElement, type TypedArray } from "../core/dtype.js";
import { type Graph, roots, topological } from "../graph/graph.js";
import type { BatchOrigin } from "./graphs.js";
import { type RowData, rowSize } from "./rows.js";

/** The most bytes of data that fit keeps in engine memory. */
export const residentLimit = 512 * 2 ** 20;

/** The most bytes of a chunk that is copied over. */
const chunkBytes = 16 * 2 ** 20;

/** Named rows of equal number: `{ x, y }`, or `{ x }` alone. */
export type NamedRows = Readonly<Record<string, RowData>>;

/** Named buffers of the engine. */
export type NamedBuffers = Readonly<Record<string, Buffer>>;

/** What a job reads its rows from. */
export type Bound = Pick<Job, "inputs" | "tables">;

/** Where a job's rows come from. */
export interface RowSource {
  readonly origin: BatchOrigin;
  /** The most rows one job may take. */
  readonly chunk: number;
  /** What a job needs to take `rows` rows from position `from` on. */
  bind(from: number, rows: number): Promise<Bound>;
  /** Gives back the engine's memory that the source took itself. */
  free(): void;
}

/** A source whose order is set anew for each epoch. */
export interface ShuffledSource extends RowSource {
  begin(order: Int32Array): Promise<void>;
}

/** Names of the leaves of graphs that have been asked for. */
const namesRead = new WeakMap<Graph, ReadonlySet<unknown>>();

/**
 * Of what a source binds that which a graph reads: a loss or a metric of one's own may look at the predictions alone, or
 * at the labels.
 */
export function readBy(graph: Graph, { inputs, tables }: Bound): Bound {
  let names = namesRead.get(graph);
  if (names === undefined) {
    names = new Set(topological(roots(graph)).map(({ attributes }) => attributes.name));
    namesRead.set(graph, names);
  }
  const read = <T>(given: Readonly<Record<string, T>> = {}) =>
    Object.fromEntries(Object.entries(given).filter(([name]) => names.has(name)));
  return { inputs: read(inputs), tables: read(tables) };
}

/** Bytes of all rows. */
export function bytesOf(rows: RowData): number {
  return rows.rows * rowSize(rows) * bytesPerElement(rows.dtype);
}

/** Copies rows into buffers of the engine; all or none. */
export async function upload(backend: Backend, named: NamedRows): Promise<NamedBuffers> {
  const buffers: Record<string, Buffer> = {};
  try {
    for (const [name, rows] of Object.entries(named)) {
      buffers[name] = await backend.allocate(rows.dtype, [rows.rows, ...rows.rowShape]);
      await backend.write(buffers[name], rows.data);
    }
  } catch (error) {
    backend.free(...Object.values(buffers));
    throw error;
  }
  return buffers;
}

/** Rows of resident tables, gathered by the step itself in the order of an index of `rows` entries. */
export async function gatheredSource(backend: Backend, tables: NamedBuffers, rows: number): Promise<ShuffledSource> {
  const indices = await backend.allocate("int32", [rows]);
  return {
    origin: "gathered",
    chunk: rows,
    begin: (order) => backend.write(indices, order),
    bind: async (from) => ({ tables, inputs: { indices: { buffer: indices, firstRow: from } } }),
    free: () => backend.free(indices),
  };
}

/** Resident rows from `firstRow` on, read in order. The buffers stay the caller's. */
export function residentSource(buffers: NamedBuffers, firstRow: number): RowSource {
  return {
    origin: "direct",
    chunk: Number.POSITIVE_INFINITY,
    bind: async (from) => ({
      inputs: Object.fromEntries(
        Object.entries(buffers).map(([name, buffer]) => [name, { buffer, firstRow: firstRow + from }]),
      ),
    }),
    free: () => undefined,
  };
}

/** Rows that stay with the caller and are copied over in chunks, in order or in the order that `begin` sets. */
export async function streamedSource(backend: Backend, named: NamedRows, batch: number): Promise<ShuffledSource> {
  const all = Object.values(named);
  const total = all[0]!.rows;
  const rowBytes = all.reduce((sum, rows) => sum + bytesOf(rows) / total, 0);
  const fitting = Math.max(1, Math.floor(chunkBytes / rowBytes / batch)) * batch;
  const chunk = Math.min(fitting, Math.ceil(total / batch) * batch);
  const buffers: Record<string, Buffer> = {};
  let freed = false;
  const free = () => {
    freed = true;
    backend.free(...Object.values(buffers));
  };
  try {
    for (const [name, rows] of Object.entries(named)) {
      buffers[name] = await backend.allocate(rows.dtype, [chunk, ...rows.rowShape]);
    }
  } catch (error) {
    free();
    throw error;
  }
  let order: Int32Array | undefined;
  let ahead: { readonly from: number; readonly rows: number; readonly picked: Map<string, TypedArray> } | undefined;
  const pick = (from: number, rows: number) =>
    new Map(
      Object.entries(named).map(([name, data]) => [
        name,
        order === undefined ? slice(data, from, rows) : gather(data, order.subarray(from, from + rows)),
      ]),
    );
  return {
    origin: "direct",
    chunk,
    free,
    begin: async (next) => {
      order = next;
      ahead = undefined;
    },
    bind: async (from, rows) => {
      const ready = ahead !== undefined && ahead.from === from && ahead.rows >= rows ? ahead.picked : pick(from, rows);
      ahead = undefined;
      for (const [name, data] of Object.entries(named)) {
        await backend.write(buffers[name]!, ready.get(name)!.subarray(0, rows * rowSize(data)));
      }
      const left = (order?.length ?? total) - from - rows;
      // Gathering takes time on this thread: the next rows are gathered while the engine works on these.
      if (order !== undefined && left > 0) setTimeout(() => prefetch(from + rows, Math.min(left, rows + batch)), 0);
      return { inputs: Object.fromEntries(Object.entries(buffers).map(([name, buffer]) => [name, { buffer }])) };
    },
  };

  function prefetch(from: number, rows: number): void {
    if (!freed) ahead = { from, rows, picked: pick(from, rows) };
  }
}

function slice(rows: RowData, from: number, count: number): TypedArray {
  const size = rowSize(rows);
  return rows.data.subarray(from * size, (from + count) * size);
}

function gather(rows: RowData, order: Int32Array): TypedArray {
  const size = rowSize(rows);
  const picked = new arrayType[rows.dtype](order.length * size);
  order.forEach((row, i) => {
    picked.set(rows.data.subarray(row * size, (row + 1) * size), i * size);
  });
  return picked;
}
