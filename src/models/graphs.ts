/**
 * The graphs of a model: one for a training step, one for judging a batch, one for predicting it. Where the batch
 * comes from (gathered from a table, or read straight) is a choice of the graph's inputs alone.
 */

import type { DType } from "../core/dtype.js";
import { mean } from "../graph/compose.js";
import { gradient } from "../graph/gradient.js";
import type { Graph } from "../graph/graph.js";
import { input, read, table } from "../graph/leaves.js";
import { absolute } from "../graph/ops/absolute.js";
import { cast } from "../graph/ops/cast.js";
import { checkFinite } from "../graph/ops/checkFinite.js";
import { gatherRows } from "../graph/ops/gatherRows.js";
import { increment } from "../graph/ops/increment.js";
import { type Tensor, Variable } from "../graph/tensor.js";
import type { Loss } from "../nn/losses/loss.js";
import type { Metric } from "../nn/metrics/metric.js";
import type { Optimizer } from "../nn/optimizers/optimizer.js";
import { forward, type Network, type Pass } from "./network.js";
import type { RowData } from "./rows.js";

/** The element types and row shapes of a batch; programs are made for them. */
export interface BatchType {
  readonly x: { readonly dtype: DType; readonly rowShape: readonly number[] };
  readonly y: { readonly dtype: DType; readonly rowShape: readonly number[] };
}

/** How a training step gets its batch: rows picked from tables by an index, or the next rows of a buffer. */
export type BatchOrigin = "gathered" | "direct";

/** State that training adds to the weights. */
export interface TrainingState {
  readonly iterations: Variable;
  readonly learningRate: Variable;
  /** int32 [key0, key1, epoch, step], the counter of every random stream in the step. */
  readonly random: Variable;
  /** The optimizer's slots by weight. */
  readonly slots: ReadonlyMap<Variable, readonly Variable[]>;
}

/** What `compile` decided. */
export interface Objective {
  /** Counts the model's compiles: programs of another objective are not this one's. */
  readonly id: number;
  readonly loss: Loss;
  readonly metrics: readonly Metric[];
  readonly optimizer: Optimizer;
}

/** The state training needs besides the weights. */
export function trainingState(network: Network, optimizer: Optimizer): TrainingState {
  const slots = new Map<Variable, readonly Variable[]>();
  for (const { variable, trainable } of network.weights) {
    if (!trainable) continue;
    const own = optimizer.slots({ name: variable.name, shape: variable.shape });
    slots.set(
      variable,
      own.map((slot) => new Variable(`${optimizer.name}/${variable.name}/${slot.name}`, slot.shape, "float32")),
    );
  }
  return {
    iterations: new Variable(`${optimizer.name}/iterations`, [], "int32"),
    learningRate: new Variable(`${optimizer.name}/learning_rate`, [], "float32"),
    random: new Variable("random/state", [4], "int32"),
    slots,
  };
}

/** The type of the batches of some rows. */
export function batchType(x: RowData, y: RowData): BatchType {
  return { x: { dtype: x.dtype, rowShape: x.rowShape }, y: { dtype: y.dtype, rowShape: y.rowShape } };
}

interface Step {
  readonly pass: Pass;
  readonly values: Tensor;
  readonly metrics: Readonly<Record<string, Tensor>>;
}

/**
 * One training step: forward, loss, gradients, update. Outputs: `loss` and each metric, one number a row; effects: the
 * check of the loss, then all updates and counters.
 */
export function trainingGraph(
  network: Network,
  objective: Objective,
  state: TrainingState,
  batch: BatchType,
  origin: BatchOrigin,
): Graph {
  const random = read(state.random);
  const step = judge(network, objective, batchTensors(batch, origin), { training: true, randomState: random });
  const loss = mean(step.values);
  const trainable = network.weights.filter((weight) => weight.trainable);
  const tensors = trainable.map((weight) => step.pass.weights.get(weight)!);
  const gradients = gradient(loss, tensors);
  const iterations = read(state.iterations);
  const learningRate = read(state.learningRate);
  const updates = trainable.map((weight, i) =>
    objective.optimizer.update({
      weight: tensors[i]!,
      gradient: gradients[i]!,
      slots: state.slots.get(weight.variable)!.map(read),
      learningRate,
      iterations,
    }),
  );
  return {
    name: "train",
    outputs: { loss: step.values, ...step.metrics },
    effects: [
      checkFinite([loss], { what: "loss" }),
      ...updates,
      increment([iterations], { index: 0, by: 1 }),
      increment([random], { index: 3, by: 1 }),
    ],
  };
}

/**
 * The same step without its effects, every intermediate value of it an output: to find where a number went wrong.
 * Outputs in the order they arise: `input x`, `output of <layer>`, `loss`, and `gradient of <weight>` from the last layer back.
 */
export function inspectionGraph(
  network: Network,
  objective: Objective,
  state: TrainingState,
  batch: BatchType,
  origin: BatchOrigin,
): Graph {
  const context = { training: true, randomState: read(state.random) };
  const tensors = batchTensors(batch, origin);
  const step = judge(network, objective, tensors, context);
  const trainable = network.weights.filter((weight) => weight.trainable);
  const gradients = gradient(
    mean(step.values),
    trainable.map((weight) => step.pass.weights.get(weight)!),
  );
  const outputs: Record<string, Tensor> = {};
  // Not x itself: what is read straight from a buffer cannot be an output.
  if (batch.x.dtype === "float32") outputs["input x"] = absolute([tensors.x]);
  for (const { layer, tensor } of step.pass.outputs) outputs[`output of ${layer.name}`] = tensor;
  outputs.loss = step.values;
  for (let i = trainable.length - 1; i >= 0; i--) {
    outputs[`gradient of ${trainable[i]!.variable.name}`] = gradients[i]!;
  }
  return { name: "inspect", outputs, effects: [] };
}

/** Judges a batch: outputs `loss` and each metric, one number a row. */
export function evaluationGraph(network: Network, objective: Objective, batch: BatchType): Graph {
  const context = { training: false, randomState: null };
  const { values, metrics } = judge(network, objective, batchTensors(batch, "direct"), context);
  return { name: "evaluate", outputs: { loss: values, ...metrics }, effects: [] };
}

/** Predicts a batch: output `output`. */
export function predictionGraph(network: Network, x: BatchType["x"]): Graph {
  const batch = castTo(input("x", [null, ...x.rowShape], x.dtype), network.input.dtype);
  const { output } = forward(network, batch, { training: false, randomState: null });
  return { name: "predict", outputs: { output }, effects: [] };
}

function judge(
  network: Network,
  { loss, metrics }: Objective,
  { x, y }: { readonly x: Tensor; readonly y: Tensor },
  context: { readonly training: boolean; readonly randomState: Tensor | null },
): Step {
  const pass = forward(network, castTo(x, network.input.dtype), context);
  return {
    pass,
    values: loss.call(y, pass.output),
    metrics: Object.fromEntries(metrics.map((metric) => [metric.name, metric.values(y, pass.output)])),
  };
}

function batchTensors(batch: BatchType, origin: BatchOrigin): { readonly x: Tensor; readonly y: Tensor } {
  const one = (name: "x" | "y"): Tensor => {
    const { dtype, rowShape } = batch[name];
    if (origin === "direct") return input(name, [null, ...rowShape], dtype);
    return gatherRows([table(name, rowShape, dtype), indices]);
  };
  const indices = input("indices", [null], "int32");
  return { x: one("x"), y: one("y") };
}

function castTo(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : cast([x], { dtype });
}
