/**
 * The type of a callback: Keras's hooks, each of which may be asynchronous; training waits for it. Not here: the
 * callbacks that fovea brings.
 */

/**
 * Numbers by metric name, as Keras spells them: `{ acc, loss, val_acc, val_loss }`. A metric of several numbers, such as
 * f1Score of each class, has them under its name and their place: `f1_score[0]`, `f1_score[1]`.
 */
export type Logs = Readonly<Record<string, number>>;

/** What a fit was asked to do. */
export interface FitParams {
  readonly epochs: number;
  /** Steps of one epoch. */
  readonly steps: number;
  readonly batchSize: number;
  readonly seed: number;
}

/** What a callback may do with the model it watches. */
export interface CallbackModel {
  readonly name: string;
  /** Set to true, fit ends after the step it is in and resolves. */
  stopTraining: boolean;
}

/**
 * Hooks into fit, evaluate and predict; any may be missing, any may return a promise. Epochs and batches count from 0.
 * A hook for batches makes training return to JavaScript after every step, which costs time on small networks.
 *
 * @typeParam Model The model passed to `setModel`.
 */
export interface Callback<Model extends CallbackModel = CallbackModel> {
  setModel?(model: Model): void;
  setParams?(params: FitParams): void;
  onTrainBegin?(logs: Logs): void | Promise<void>;
  onTrainEnd?(logs: Logs): void | Promise<void>;
  onEpochBegin?(epoch: number, logs: Logs): void | Promise<void>;
  onEpochEnd?(epoch: number, logs: Logs): void | Promise<void>;
  onTrainBatchBegin?(batch: number, logs: Logs): void | Promise<void>;
  onTrainBatchEnd?(batch: number, logs: Logs): void | Promise<void>;
  /**
   * fovea's own: after every return from the engine, about every 50 ms, with the steps of this epoch done and the means
   * so far. Unlike a hook for batches it slows nothing down.
   */
  onTrainProgress?(steps: number, logs: Logs): void | Promise<void>;
  onTestBegin?(logs: Logs): void | Promise<void>;
  onTestEnd?(logs: Logs): void | Promise<void>;
  onTestBatchBegin?(batch: number, logs: Logs): void | Promise<void>;
  onTestBatchEnd?(batch: number, logs: Logs): void | Promise<void>;
  onPredictBegin?(logs: Logs): void | Promise<void>;
  onPredictEnd?(logs: Logs): void | Promise<void>;
  onPredictBatchBegin?(batch: number, logs: Logs): void | Promise<void>;
  onPredictBatchEnd?(batch: number, logs: Logs): void | Promise<void>;
}

/** The hooks that are called once for every batch of training. */
export function watchesBatches(callbacks: readonly Callback[]): boolean {
  return callbacks.some((c) => c.onTrainBatchBegin !== undefined || c.onTrainBatchEnd !== undefined);
}
