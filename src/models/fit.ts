/** fit of a model: options and data checked, rows brought to the engine, the training program found, the loop run. */

import { type EngineError, OptionError } from "../core/errors.js";
import {
  boolean,
  custom,
  inRange,
  nonNegativeInteger,
  type OptionsInput,
  oneOf,
  optional,
  optionsOf,
  positiveInteger,
  withDefault,
} from "../core/options.js";
import { trainingRows } from "../data/split.js";
import { type Callback, type CallbackModel, watchesBatches } from "./callback.js";
import { batchType, inspectionGraph, type TrainingState, trainingGraph } from "./graphs.js";
import { History } from "./history.js";
import { findNonFinite } from "./inspect.js";
import {
  callbackList,
  checkedExamples,
  columnsOf,
  evaluateExamples,
  type Judging,
  observed,
  progressBar,
  rowCount,
  verbosity,
} from "./judge.js";
import type { Lease } from "./program-cache.js";
import {
  bytesOf,
  gatheredSource,
  type NamedBuffers,
  type RowSource,
  residentLimit,
  residentSource,
  type ShuffledSource,
  streamedSource,
  upload,
} from "./row-source.js";
import { type Arrays, type Examples, rowsBetween } from "./rows.js";
import { train } from "./trainer.js";

const fitOptions = optionsOf("fit", {
  batchSize: withDefault(positiveInteger(), 32),
  epochs: withDefault(positiveInteger(), 1),
  verbose: optional(verbosity),
  callbacks: withDefault(callbackList, []),
  validationSplit: withDefault(inRange(0, 1, { includeMax: false }), 0),
  validationData: optional(
    custom<readonly [Arrays, Arrays]>("a pair [x, y]", (value) =>
      Array.isArray(value) && value.length === 2 ? (value as unknown as readonly [Arrays, Arrays]) : undefined,
    ),
  ),
  shuffle: withDefault(boolean(), true),
  initialEpoch: withDefault(nonNegativeInteger(), 0),
  seed: optional(nonNegativeInteger()),
  onNaN: withDefault(oneOf(["throw", "stop"]), "throw"),
  signal: optional(
    custom<AbortSignal>("an AbortSignal", (value) => (value instanceof AbortSignal ? value : undefined)),
  ),
});

/**
 * Options of fit. `batchSize` 32, `epochs` 1, `verbose` 1 (0 silent, 2 one line an epoch; 0 in a page), `callbacks`,
 * `validationSplit` 0 (the share of the last rows) or `validationData` [x, y], `shuffle` true, `initialEpoch` 0,
 * `seed` (default the model's), `onNaN` "throw" (or "stop"), `signal` to abort.
 */
export type FitOptions = OptionsInput<typeof fitOptions>;

/** What fit needs of a model. */
interface Fitting extends Judging {
  readonly model: CallbackModel & { readonly seed: number };
  readonly state: TrainingState;
  /** Training begins, with this record. */
  begun(history: History): void;
  /** A step failed midway: what it wrote is unknown. */
  broken(error: EngineError): void;
  /** The learning rate set since the last call, once. */
  takeRate(): number | undefined;
}

/** Model.fit. */
export async function fitModel(fitting: Fitting, x: Arrays, y: Arrays, options: FitOptions): Promise<History> {
  const checked = fitOptions(options);
  const { batchSize, epochs, initialEpoch, callbacks } = checked;
  const { model, memory, network, objective, state } = fitting;
  if (initialEpoch >= epochs) {
    throw new OptionError(
      `fit: initialEpoch (${initialEpoch}) must be below epochs (${epochs}), which counts from the first epoch of all.`,
    );
  }
  const seed = checked.seed ?? model.seed;
  const { training, validation } = split(fitting, x, y, checked);
  checked.signal?.throwIfAborted();
  await memory.ensureState(state);
  const rows = rowCount(training);
  const batch = Math.min(batchSize, rows);
  const params = { epochs, steps: Math.ceil(rows / batch), batchSize, seed };
  const history = new History(params);
  const sources = await openSources(fitting, training, validation, batch);
  let lease: Lease | undefined;
  try {
    const type = batchType(training);
    const { origin } = sources.training;
    const key = `train ${objective.id} ${origin} ${JSON.stringify(type)}`;
    const lowered = await memory.programs.get(key, batch, () => trainingGraph(network, objective, state, type, origin));
    lease = lowered;
    fitting.begun(history);
    for (const callback of callbacks) {
      callback.setModel?.(model);
      callback.setParams?.(params);
    }
    await train({
      backend: memory.store.backend,
      store: memory.store,
      state,
      objective,
      lowered,
      source: sources.training,
      rows,
      batch,
      initialEpoch,
      epochs,
      shuffle: checked.shuffle,
      seed,
      callbacks,
      single: watchesBatches(callbacks),
      onNaN: checked.onNaN,
      signal: checked.signal,
      progress: progressBar(checked.verbose),
      history,
      stopping: () => model.stopTraining,
      stop: () => {
        model.stopTraining = true;
      },
      broken: fitting.broken,
      takeRate: fitting.takeRate,
      finish: objective.optimizer.useEma ? () => memory.takeAverages(state) : null,
      validate:
        validation === null
          ? null
          : () => validate(fitting, validation, sources.validation!, batch, callbacks, checked.signal),
      inspect: (count, bound) =>
        findNonFinite(memory.store, inspectionGraph(network, objective, state, type, origin), lowered, count, bound),
    });
    return history;
  } finally {
    lease?.release();
    sources.free();
  }
}

/** Judges the validation rows, with the callbacks' hooks for tests as Keras calls them, until the signal aborts. */
function validate(
  fitting: Fitting,
  examples: Examples,
  source: RowSource,
  batch: number,
  callbacks: readonly Callback[],
  signal: AbortSignal | undefined,
): Promise<Record<string, number>> {
  return observed(callbacks, "Test", 0, (watch) => {
    const watched = watch(Math.ceil(rowCount(examples) / batch));
    return evaluateExamples(fitting, examples, source, batch, {
      ...watched,
      onProgress: async (done, means) => {
        signal?.throwIfAborted();
        await watched.onProgress?.(done, means);
      },
    });
  });
}

interface SplitExamples {
  readonly training: Examples;
  readonly validation: Examples | null;
}

type CheckedOptions = ReturnType<typeof fitOptions>;

/** The rows to train on and those to validate on. */
function split(fitting: Fitting, x: Arrays, y: Arrays, options: CheckedOptions): SplitExamples {
  const all = checkedExamples(fitting, x, y, "fit");
  const { validationSplit, validationData } = options;
  if (validationData !== undefined) {
    if (validationSplit > 0) throw new OptionError("fit: give validationSplit or validationData, not both.");
    return { training: all, validation: checkedExamples(fitting, ...validationData, "fit: validationData") };
  }
  if (validationSplit === 0) return { training: all, validation: null };
  const at = trainingRows(rowCount(all), validationSplit);
  const part = (from: number, to: number): Examples => ({
    xs: all.xs.map((x) => rowsBetween(x, from, to)),
    ys: all.ys.map((y) => rowsBetween(y, from, to)),
  });
  return { training: part(0, at), validation: part(at, rowCount(all)) };
}

interface OpenSources {
  readonly training: ShuffledSource;
  readonly validation: RowSource | null;
  free(): void;
}

/** Brings the rows to the engine: resident where there is room for all of them, else streamed. */
async function openSources(
  { memory }: Fitting,
  training: Examples,
  validation: Examples | null,
  batch: number,
): Promise<OpenSources> {
  const { backend } = memory.store;
  const opened: (() => void)[] = [];
  const free = () => {
    for (const close of opened) close();
  };
  const resident = async (examples: Examples): Promise<NamedBuffers> => {
    const buffers = await upload(backend, columnsOf(examples));
    opened.push(() => backend.free(...Object.values(buffers)));
    return buffers;
  };
  const keep = <S extends RowSource>(source: S): S => {
    opened.push(() => source.free());
    return source;
  };
  const bytes = [training, validation]
    .flatMap((part) => (part === null ? [] : [...part.xs, ...part.ys]))
    .reduce((sum, rows) => sum + bytesOf(rows), 0);
  const { memory: engine } = await backend.describe();
  const fits = bytes <= Math.min(residentLimit, (engine.limit - engine.used) / 2);
  try {
    if (!fits) {
      return {
        training: keep(await streamedSource(backend, columnsOf(training), batch)),
        validation: validation === null ? null : keep(await streamedSource(backend, columnsOf(validation), batch)),
        free,
      };
    }
    return {
      training: keep(await gatheredSource(backend, await resident(training), rowCount(training))),
      validation: validation === null ? null : residentSource(await resident(validation), 0),
      free,
    };
  } catch (error) {
    free();
    throw error;
  }
}
