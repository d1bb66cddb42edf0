/**
 * The loop of fit: epochs, jobs of a few steps each, validation, callbacks, and the way back from a number that is not
 * finite. It works on what fit.ts has checked and prepared; it checks no options.
 */

import type { Backend, JobResult } from "../backends/backend.js";
import { EngineError, NumericError, StateError } from "../core/errors.js";
import { randomStream } from "../core/random.js";
import { seedKey } from "../core/random-counter.js";
import type { Callback, Logs } from "./callback.js";
import type { Objective, TrainingState } from "./graphs.js";
import type { History } from "./history.js";
import { Pace } from "./pace.js";
import type { Lowered } from "./program-cache.js";
import type { ProgressBar } from "./progress.js";
import { inOrder, RowResults } from "./row-results.js";
import { readBy, type ShuffledSource } from "./row-source.js";
import { type Place, Snapshot } from "./snapshot.js";
import type { VariableStore } from "./variable-store.js";

/** What a fit is made of. */
interface FitPlan {
  readonly backend: Backend;
  readonly store: VariableStore;
  readonly state: TrainingState;
  readonly objective: Objective;
  readonly lowered: Lowered;
  readonly source: ShuffledSource;
  /** Rows trained on in an epoch. */
  readonly rows: number;
  readonly batch: number;
  readonly initialEpoch: number;
  readonly epochs: number;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly callbacks: readonly Callback[];
  /** Whether a callback watches every batch. */
  readonly single: boolean;
  readonly onNaN: "throw" | "stop";
  readonly signal: AbortSignal | undefined;
  readonly progress: ProgressBar | null;
  readonly history: History;
  /** Whether someone asked to stop. */
  stopping(): boolean;
  /** Asks to stop. */
  stop(): void;
  /** A step failed midway: what it wrote is unknown. */
  broken(error: EngineError): void;
  /** The learning rate set since the last call, once. */
  takeRate(): number | undefined;
  /** What is done to the weights behind the last epoch, if anything. */
  finish: (() => Promise<void>) | null;
  /** Judges the validation rows, if there are any; names without `val_`. */
  validate: (() => Promise<Logs>) | null;
  /** Names the first value of a step that is not finite. */
  inspect(rows: number, bound: Awaited<ReturnType<ShuffledSource["bind"]>>): Promise<string>;
}

/** Runs a fit to its end. @throws NumericError, or the signal's reason, or what a callback throws. */
export async function train(plan: FitPlan): Promise<void> {
  const pace = new Pace(plan.batch, plan.single);
  const { backend, lowered, objective, batch } = plan;
  const most = { rows: Math.min(pace.mostRows, plan.rows), batch };
  const results = await RowResults.make(backend, lowered.graph, objective, most);
  const snapshot = new Snapshot(plan.store);
  let logs: Logs = {};
  try {
    await each(plan, (callback) => callback.onTrainBegin?.({}));
    for (let epoch = plan.initialEpoch; epoch < plan.epochs && !plan.stopping(); epoch++) {
      logs = await trainEpoch(plan, epoch, pace, results, snapshot);
    }
    await plan.finish?.();
    await each(plan, (callback) => callback.onTrainEnd?.(logs));
  } finally {
    plan.progress?.breakLine();
    results.free();
  }
}

async function trainEpoch(
  plan: FitPlan,
  epoch: number,
  pace: Pace,
  results: RowResults,
  snapshot: Snapshot,
): Promise<Logs> {
  const steps = Math.ceil(plan.rows / plan.batch);
  await each(plan, (callback) => callback.onEpochBegin?.(epoch, {}));
  plan.progress?.begin({ steps, heading: `Epoch ${epoch + 1}/${plan.epochs}` });
  results.clear();
  await beginEpoch(plan, epoch);
  for (let row = 0; row < plan.rows && !plan.stopping(); ) {
    plan.signal?.throwIfAborted();
    if (snapshot.due) await snapshot.take({ epoch, row });
    const rows = Math.min(pace.rows, plan.rows - row, plan.source.chunk, results.room);
    const step = row / plan.batch;
    if (plan.single) await each(plan, (callback) => callback.onTrainBatchBegin?.(step, {}));
    const rate = plan.takeRate();
    if (rate !== undefined) snapshot.note({ epoch, row }, rate);
    const start = performance.now();
    const result = await runSteps(plan, row, rows, results);
    pace.took(performance.now() - start, Math.ceil(rows / plan.batch));
    if (!result.finite) {
      const message = await recover(plan, snapshot, { epoch, row: row + result.steps * plan.batch });
      if (plan.onNaN === "throw") throw new NumericError(message);
      plan.stop();
      return {};
    }
    await results.add(rows);
    row += rows;
    const done = Math.ceil(row / plan.batch);
    plan.progress?.update(done, results.logs());
    await each(plan, (callback) => callback.onTrainProgress?.(done, results.logs()));
    if (plan.single) await each(plan, (callback) => callback.onTrainBatchEnd?.(step, results.logs()));
  }
  plan.signal?.throwIfAborted();
  const validated = Object.entries((await plan.validate?.()) ?? {});
  const logs = inOrder([
    ...Object.entries(results.logs()),
    ...validated.map(([name, value]) => [`val_${name}`, value] as const),
  ]);
  plan.progress?.end(logs);
  plan.history.record(epoch, logs);
  await each(plan, (callback) => callback.onEpochEnd?.(epoch, logs));
  return logs;
}

/** Calls one hook of every callback, one after the other. */
async function each(plan: FitPlan, hook: (callback: Callback) => void | Promise<void>): Promise<void> {
  for (const callback of plan.callbacks) await hook(callback);
}

/** Fixes the order of an epoch. */
async function orderEpoch(plan: FitPlan, epoch: number): Promise<void> {
  const order = plan.shuffle
    ? randomStream(plan.seed, `fit/epoch/${epoch}`, "shuffle").permutation(plan.rows)
    : Int32Array.from({ length: plan.rows }, (_, i) => i);
  await plan.source.begin(order);
}

/** Fixes the order of an epoch and sets the counters of its random streams to its start. */
async function beginEpoch(plan: FitPlan, epoch: number): Promise<void> {
  await orderEpoch(plan, epoch);
  const [key0, key1] = seedKey(plan.seed);
  await plan.store.write(plan.state.random, Int32Array.of(key0, key1, epoch, 0));
}

async function runSteps(plan: FitPlan, row: number, rows: number, results: RowResults | null): Promise<JobResult> {
  const bound = readBy(plan.lowered.graph, await plan.source.bind(row, rows));
  const outputs = results?.outputs ?? {};
  try {
    return await plan.backend.run(plan.lowered.program, { ...bound, outputs, rows, batch: plan.batch });
  } catch (error) {
    if (error instanceof EngineError) plan.broken(error);
    throw error;
  }
}

/**
 * Puts the weights back to those before the bad step, by the newest snapshot and the same steps once more, and says
 * what went wrong in that step.
 */
async function recover(plan: FitPlan, snapshot: Snapshot, bad: Place): Promise<string> {
  await snapshot.restore();
  const { place } = snapshot;
  for (let epoch = place.epoch; epoch <= bad.epoch; epoch++) {
    const from = epoch === place.epoch ? place.row : 0;
    if (epoch === place.epoch) await orderEpoch(plan, epoch);
    else await beginEpoch(plan, epoch);
    await replay(plan, snapshot, epoch, from, epoch === bad.epoch ? bad.row : plan.rows);
  }
  const rows = Math.min(plan.batch, plan.rows - bad.row);
  const where = await plan.inspect(rows, await plan.source.bind(bad.row, rows));
  const step = bad.row / plan.batch;
  const advice = where.startsWith("the input")
    ? "Look for NaN or infinity in the data."
    : "A smaller learning rate, scaled inputs or fromLogits may help.";
  return `fit: ${where} is not finite in epoch ${bad.epoch + 1}, step ${step + 1} (of ${Math.ceil(plan.rows / plan.batch)}). The weights are those before that step. ${advice}`;
}

/** Runs the steps of an epoch from one row to another once more, with the learning rates they had. */
async function replay(plan: FitPlan, snapshot: Snapshot, epoch: number, from: number, to: number): Promise<void> {
  const pace = new Pace(plan.batch);
  const rates = snapshot.rates.filter(({ place }) => place.epoch === epoch);
  for (let row = from; row < to; ) {
    const rate = rates.find(({ place }) => place.row === row);
    // A rate can be set only where it is a variable.
    if (rate !== undefined) await plan.store.write(plan.state.learningRate!, Float32Array.of(rate.value));
    const next = rates.find(({ place }) => place.row > row)?.place.row ?? to;
    const rows = Math.min(pace.mostRows, Math.min(next, to) - row, plan.source.chunk);
    const { finite } = await runSteps(plan, row, rows, null);
    if (!finite) throw new StateError("fit: a step that was finite before is not when it is run again.");
    row += rows;
  }
}
