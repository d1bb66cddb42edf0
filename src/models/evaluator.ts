/** Judging and predicting: a program without effects over rows in order. */

import type { Backend, Buffer } from "../backends/backend.js";
import { arrayType, type TypedArray } from "../core/dtype.js";
import { sizeOf } from "../core/shape.js";
import type { Objective } from "./graphs.js";
import { Pace } from "./pace.js";
import type { Lowered } from "./program-cache.js";
import { RowResults } from "./row-results.js";
import { type Bound, type RowSource, readBy } from "./row-source.js";

/** A run over rows in order. */
export interface Sweep {
  readonly backend: Backend;
  readonly lowered: Lowered;
  readonly source: RowSource;
  readonly rows: number;
  readonly batch: number;
  /** Callbacks watch every batch. */
  readonly single: boolean;
  onBatchBegin?(batch: number): Promise<void>;
  /** After each job: batches done so far and the logs so far (of an evaluation). */
  onProgress?(batches: number, logs: Readonly<Record<string, number>>): Promise<void>;
}

/** What every output of an evaluation graph, which judges by an objective, comes to over all rows. */
export async function evaluateRows(sweep: Sweep, objective: Objective): Promise<Record<string, number>> {
  const pace = new Pace(sweep.batch, sweep.single);
  const { backend, lowered, batch } = sweep;
  const results = await RowResults.make(backend, lowered.graph, objective, {
    rows: Math.min(pace.mostRows, sweep.rows),
    batch,
  });
  try {
    await eachJob(sweep, pace, results.room, async (job, rows) => {
      await backend.run(lowered.program, { ...job, outputs: results.outputs });
      await results.add(rows);
      return results.logs();
    });
    return results.logs();
  } finally {
    results.free();
  }
}

/** Every output of a prediction graph for all rows, by name. */
export async function predictRows(sweep: Sweep): Promise<Record<string, TypedArray>> {
  const pace = new Pace(sweep.batch, sweep.single);
  const most = Math.min(pace.mostRows, sweep.rows);
  const results: Record<string, TypedArray> = {};
  const outputs: Record<string, { readonly buffer: Buffer; readonly size: number }> = {};
  try {
    for (const [name, { dtype, shape }] of Object.entries(sweep.lowered.graph.outputs)) {
      const rowShape = shape.slice(1) as number[];
      outputs[name] = { buffer: await sweep.backend.allocate(dtype, [most, ...rowShape]), size: sizeOf(rowShape) };
      results[name] = new arrayType[dtype](sweep.rows * sizeOf(rowShape));
    }
    await eachJob(sweep, pace, most, async (job, rows, from) => {
      await sweep.backend.run(sweep.lowered.program, { ...job, outputs });
      for (const [name, { buffer, size }] of Object.entries(outputs)) {
        results[name]!.set(await sweep.backend.read(buffer, 0, rows * size), from * size);
      }
      return {};
    });
    return results;
  } finally {
    sweep.backend.free(...Object.values(outputs).map(({ buffer }) => buffer));
  }
}

type JobRows = Bound & { readonly rows: number; readonly batch: number };

async function eachJob(
  sweep: Sweep,
  pace: Pace,
  room: number,
  run: (job: JobRows, rows: number, from: number) => Promise<Readonly<Record<string, number>>>,
): Promise<void> {
  for (let from = 0; from < sweep.rows; ) {
    const rows = Math.min(pace.rows, sweep.rows - from, sweep.source.chunk, room);
    await sweep.onBatchBegin?.(from / sweep.batch);
    const bound = readBy(sweep.lowered.graph, await sweep.source.bind(from, rows));
    const start = performance.now();
    const logs = await run({ ...bound, rows, batch: sweep.batch }, rows, from);
    pace.took(performance.now() - start, Math.ceil(rows / sweep.batch));
    from += rows;
    await sweep.onProgress?.(Math.ceil(from / sweep.batch), logs);
  }
}
