/** Judging and predicting: a program without effects over rows in order. */

import type { Backend } from "../backends/backend.js";
import type { TypedArray } from "../core/dtype.js";
import { sizeOf } from "../core/shape.js";
import { Pace } from "./pace.js";
import type { Lowered } from "./program-cache.js";
import { RowResults } from "./row-results.js";
import type { RowSource } from "./row-source.js";

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
  /** After each job: batches done so far and the means so far (of an evaluation). */
  onProgress?(batches: number, means: Readonly<Record<string, number>>): Promise<void>;
}

/** The mean of every output of an evaluation graph over all rows. */
export async function evaluateRows(sweep: Sweep): Promise<Record<string, number>> {
  const pace = new Pace(sweep.batch, sweep.single);
  const results = await RowResults.make(sweep.backend, sweep.lowered.graph, Math.min(pace.mostRows, sweep.rows));
  try {
    await eachJob(sweep, pace, async (job, rows) => {
      await sweep.backend.run(sweep.lowered.program, { ...job, outputs: results.outputs });
      await results.add(rows);
      return results.means();
    });
    return results.means();
  } finally {
    results.free();
  }
}

/** The output of a prediction graph for all rows. */
export async function predictRows(sweep: Sweep): Promise<TypedArray> {
  const { dtype, shape } = sweep.lowered.graph.outputs.output!;
  const rowShape = shape.slice(1) as number[];
  const size = sizeOf(rowShape);
  const pace = new Pace(sweep.batch, sweep.single);
  const buffer = await sweep.backend.allocate(dtype, [Math.min(pace.mostRows, sweep.rows), ...rowShape]);
  let result: TypedArray | undefined;
  try {
    await eachJob(sweep, pace, async (job, rows, from) => {
      await sweep.backend.run(sweep.lowered.program, { ...job, outputs: { output: { buffer } } });
      const values = await sweep.backend.read(buffer, 0, rows * size);
      result ??= new (values.constructor as new (length: number) => TypedArray)(sweep.rows * size);
      result.set(values, from * size);
      return {};
    });
    return result!;
  } finally {
    sweep.backend.free(buffer);
  }
}

type JobRows = Awaited<ReturnType<RowSource["bind"]>> & { readonly rows: number; readonly batch: number };

async function eachJob(
  sweep: Sweep,
  pace: Pace,
  run: (job: JobRows, rows: number, from: number) => Promise<Readonly<Record<string, number>>>,
): Promise<void> {
  for (let from = 0; from < sweep.rows; ) {
    const rows = Math.min(pace.rows, sweep.rows - from, sweep.source.chunk);
    await sweep.onBatchBegin?.(from / sweep.batch);
    const bound = await sweep.source.bind(from, rows);
    const start = performance.now();
    const means = await run({ ...bound, rows, batch: sweep.batch }, rows, from);
    pace.took(performance.now() - start, Math.ceil(rows / sweep.batch));
    from += rows;
    await sweep.onProgress?.(Math.ceil(from / sweep.batch), means);
  }
}
