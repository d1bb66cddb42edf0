/**
 * The graphs of a model: one for a training step, one for judging a batch, one for predicting it. Where the batch
 * comes from (gathered from a table, or read straight) is a choice of the graph's inputs alone.
 */

import type { DType } from "../core/dtype.js";
import { mean } from "../graph/compose.js";
import { gradient } from "../graph/gradient.js";
import type { Graph } from "../graph/graph.js";
import { constant, input, read, table } from "../graph/leaves.js";
import { absolute } from "../graph/ops/absolute.js";
import { add } from "../graph/ops/add.js";
import { cast } from "../graph/ops/cast.js";
import { checkFinite } from "../graph/ops/checkFinite.js";
import { gatherRows } from "../graph/ops/gatherRows.js";
import { increment } from "../graph/ops/increment.js";
import { multiply } from "../graph/ops/multiply.js";
import { type Tensor, Variable } from "../graph/tensor.js";
import type { Loss } from "../nn/losses/loss.js";
import type { Metric } from "../nn/metrics/metric.js";
import type { Optimizer } from "../nn/optimizers/optimizer.js";
import { forward, type Network, type Pass, type PlacedWeight } from "./network.js";
import type { Examples, RowData } from "./rows.js";

/** The type of rows. */
export interface RowType {
  readonly dtype: DType;
  readonly rowShape: readonly number[];
}

/** The types of a batch's columns, for each input and each output of the network; programs are made for them. */
export interface BatchType {
  readonly xs: readonly RowType[];
  readonly ys: readonly RowType[];
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

/** Every variable of it. */
export function stateVariables({ iterations, learningRate, random, slots }: TrainingState): Variable[] {
  return [iterations, learningRate, random, ...[...slots.values()].flat()];
}

/** What an output is to come close to. */
export interface OutputObjective {
  readonly loss: Loss;
  /** What the loss counts in the whole. */
  readonly weight: number;
  /** The name of its loss in logs; undefined where it is the only one, and called `loss`. */
  readonly lossName: string | undefined;
  readonly metrics: readonly Metric[];
}

/** What `compile` decided. */
export interface Objective {
  /** Counts the model's compiles: programs of another objective are not this one's. */
  readonly id: number;
  /** One for each output of the network. */
  readonly outputs: readonly OutputObjective[];
  readonly optimizer: Optimizer;
  /** The weights that training changes, as the layers said at compile. */
  readonly trainable: readonly PlacedWeight[];
}

/** The state training needs besides the weights. */
export function trainingState({ trainable, optimizer }: Objective): TrainingState {
  const slots = new Map<Variable, readonly Variable[]>();
  for (const { variable, path } of trainable) {
    const own = optimizer.slots({ name: path, shape: variable.shape });
    slots.set(
      variable,
      own.map((slot) => new Variable(`${optimizer.name}/${path}/${slot.name}`, slot.shape, "float32")),
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
export function batchType({ xs, ys }: Examples): BatchType {
  const typeOf = ({ dtype, rowShape }: RowData): RowType => ({ dtype, rowShape });
  return { xs: xs.map(typeOf), ys: ys.map(typeOf) };
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
  const { trainable } = objective;
  const tensors = trainable.map(({ variable }) => step.pass.weights.get(variable)!);
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
  const { trainable } = objective;
  const gradients = gradient(
    mean(step.values),
    trainable.map(({ variable }) => step.pass.weights.get(variable)!),
  );
  const outputs: Record<string, Tensor> = {};
  // Not x itself: what is read straight from a buffer cannot be an output.
  tensors.xs.forEach((x, i) => {
    if (x.dtype === "float32") outputs[`input ${columnName("x", i, tensors.xs.length)}`] = absolute([x]);
  });
  for (const { name, tensor } of step.pass.made) outputs[`output of ${name}`] = tensor;
  outputs.loss = step.values;
  for (let i = trainable.length - 1; i >= 0; i--) {
    outputs[`gradient of ${trainable[i]!.path}`] = gradients[i]!;
  }
  return { name: "inspect", outputs, effects: [] };
}

/** Judges a batch: outputs `loss` and each metric, one number a row. */
export function evaluationGraph(network: Network, objective: Objective, batch: BatchType): Graph {
  const context = { training: false, randomState: null };
  const { values, metrics } = judge(network, objective, batchTensors(batch, "direct"), context);
  return { name: "evaluate", outputs: { loss: values, ...metrics }, effects: [] };
}

/** Predicts a batch: outputs by the names of `network.outputs`, numbered. */
export function predictionGraph(network: Network, xs: BatchType["xs"]): Graph {
  const tensors = xs.map(({ rowShape, dtype }, i) => input(columnName("x", i, xs.length), [null, ...rowShape], dtype));
  const { outputs } = forward(network, inputsOf(network, tensors), { training: false, randomState: null });
  return {
    name: "predict",
    outputs: Object.fromEntries(outputs.map((output, i) => [predicted(i), output])),
    effects: [],
  };
}

/** The name of a prediction graph's output of this number. */
export function predicted(index: number): string {
  return `output ${index}`;
}

/** The name of a column of rows: `x`, or of several `x0`, `x1`. */
export function columnName(letter: "x" | "y", index: number, count: number): string {
  return count === 1 ? letter : `${letter}${index}`;
}

function inputsOf(network: Network, xs: readonly Tensor[]): Tensor[] {
  return xs.map((x, i) => castTo(x, network.inputs[i]!.dtype));
}

function judge(
  network: Network,
  objective: Objective,
  { xs, ys }: Batch,
  context: { readonly training: boolean; readonly randomState: Tensor | null },
): Step {
  const pass = forward(network, inputsOf(network, xs), context);
  const metrics: Record<string, Tensor> = {};
  const parts = objective.outputs.map(({ loss, weight, lossName, metrics: own }, i) => {
    const [y, output] = [ys[i]!, pass.outputs[i]!];
    const rows = loss.call(y, output);
    if (lossName !== undefined) metrics[lossName] = rows;
    for (const metric of own) metrics[metric.name] = metric.values(y, output);
    return weight === 1 ? rows : multiply([rows, constant(weight)]);
  });
  return { pass, values: parts.reduce((sum, part) => add([sum, part])), metrics };
}

interface Batch {
  readonly xs: readonly Tensor[];
  readonly ys: readonly Tensor[];
}

function batchTensors(batch: BatchType, origin: BatchOrigin): Batch {
  const indices = input("indices", [null], "int32");
  const columns = (letter: "x" | "y", types: readonly RowType[]): Tensor[] =>
    types.map(({ dtype, rowShape }, i) => {
      const name = columnName(letter, i, types.length);
      if (origin === "direct") return input(name, [null, ...rowShape], dtype);
      return gatherRows([table(name, rowShape, dtype), indices]);
    });
  return { xs: columns("x", batch.xs), ys: columns("y", batch.ys) };
}

function castTo(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : cast([x], { dtype });
}
