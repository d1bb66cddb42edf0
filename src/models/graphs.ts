/**
 * The graphs of a model: one for a training step, one for judging a batch, one for predicting it. Where the batch
 * comes from (gathered from a table, or read straight) is a choice of the graph's inputs alone.
 */

import type { DType } from "../core/dtype.js";
import { OptionError } from "../core/errors.js";
import { mean } from "../graph/compose.js";
import { sizePerRow } from "../graph/dimensions.js";
import { gradient } from "../graph/gradient.js";
import { type Graph, topological } from "../graph/graph.js";
import { constant, input, read, readAfter, table } from "../graph/leaves.js";
import { absolute } from "../graph/ops/absolute.js";
import { add } from "../graph/ops/add.js";
import { assign } from "../graph/ops/assign.js";
import { cast } from "../graph/ops/cast.js";
import { checkFinite } from "../graph/ops/checkFinite.js";
import { concatenate } from "../graph/ops/concatenate.js";
import { gatherRows } from "../graph/ops/gatherRows.js";
import { increment } from "../graph/ops/increment.js";
import { multiply } from "../graph/ops/multiply.js";
import { reshape } from "../graph/ops/reshape.js";
import { type Tensor, Variable } from "../graph/tensor.js";
import type { CallContext } from "../nn/layer-parts.js";
import type { Loss } from "../nn/losses/loss.js";
import { MeanMetric, type Metric, type PairShapes } from "../nn/metrics/index.js";
import type { Optimizer } from "../nn/optimizers/optimizer.js";
import { weightPenalty } from "../nn/regularizers/index.js";
import { forward, type Network, type Pass, type PlacedWeight } from "./network.js";
import type { Examples, RowData } from "./rows.js";

/** The type of rows. */
interface RowType {
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
  /** Null where the learning rate follows a schedule. */
  readonly learningRate: Variable | null;
  /** int32 [key0, key1, epoch, step], the counter of every random stream in the step. */
  readonly random: Variable;
  /** The optimizer's slots by weight. */
  readonly slots: ReadonlyMap<Variable, readonly Variable[]>;
  /** What the optimizer keeps once. */
  readonly shared: readonly Variable[];
  /** What every element of a variable begins with, where that is not 0. */
  readonly initial: ReadonlyMap<Variable, number>;
}

/** Every variable of it. */
export function stateVariables({ iterations, learningRate, random, slots, shared }: TrainingState): Variable[] {
  return [
    iterations,
    ...(learningRate === null ? [] : [learningRate]),
    random,
    ...shared,
    ...[...slots.values()].flat(),
  ];
}

/** What an output is to come close to. */
export interface OutputObjective {
  readonly loss: Loss;
  /** What the loss counts in the whole. */
  readonly weight: number;
  /** The name of its loss in logs; undefined where it is the only one, and called `loss`. */
  readonly lossName: string | undefined;
  readonly metrics: readonly Metric[];
  /** The shapes of a row of its labels and of itself. */
  readonly pairs: PairShapes;
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
  /** The layers that training leaves as they are, as they said at compile. */
  readonly frozen: ReadonlySet<object>;
}

/** The state training needs besides the weights. */
export function trainingState({ trainable, optimizer }: Objective): TrainingState {
  const { name, learningRate } = optimizer;
  const initial = new Map<Variable, number>();
  const made = (path: string, shape: readonly number[], value = 0): Variable => {
    const variable = new Variable(`${name}/${path}`, shape, "float32");
    if (value !== 0) initial.set(variable, value);
    return variable;
  };
  const slots = new Map<Variable, readonly Variable[]>();
  for (const { variable, path } of trainable) {
    const own = optimizer.slots({ name: path, shape: variable.shape });
    slots.set(
      variable,
      own.map((slot) => made(`${path}/${slot.name}`, slot.shape, slot.initial)),
    );
  }
  return {
    iterations: new Variable(`${name}/iterations`, [], "int32"),
    learningRate: typeof learningRate === "number" ? made("learning_rate", [], learningRate) : null,
    random: new Variable("random/state", [4], "int32"),
    slots,
    shared: optimizer.shared.map((slot) => made(slot.name, slot.shape, slot.initial)),
    initial,
  };
}

/** The type of the batches of some rows. */
export function batchType({ xs, ys }: Examples): BatchType {
  const typeOf = ({ dtype, rowShape }: RowData): RowType => ({ dtype, rowShape });
  return { xs: xs.map(typeOf), ys: ys.map(typeOf) };
}

interface Step {
  readonly pass: Pass;
  /** What training makes small: the losses and all penalties, a scalar. */
  readonly loss: Tensor;
  /** One number a row, of which the loss is the mean. */
  readonly values: Tensor;
  readonly metrics: Readonly<Record<string, Tensor>>;
}

/**
 * One training step: forward, loss, gradients, update. Outputs: `loss` and each metric that is a mean, one number a row, and
 * labels with predictions where another metric needs them (`pairsName`); effects: the checks of the loss and of what layers
 * give their weights, then these, all updates, what constraints make of the updated weights, and counters.
 */
export function trainingGraph(
  network: Network,
  objective: Objective,
  state: TrainingState,
  batch: BatchType,
  origin: BatchOrigin,
): Graph {
  const random = read(state.random);
  const context = { training: true, randomState: random, frozen: objective.frozen };
  const step = judge(network, objective, batchTensors(batch, origin), context);
  const { loss } = step;
  const { trainable, optimizer } = objective;
  requireDependence(objective, step.pass, loss);
  const gradients = gradientsOf(objective, step.pass, loss);
  const iterations = read(state.iterations);
  const { learningRate: rate } = optimizer;
  const updates = optimizer.update({
    weights: trainable.map(({ variable, path }, i) => ({
      name: path,
      weight: step.pass.weights.get(variable)!,
      gradient: gradients[i]!,
      slots: state.slots.get(variable)!.map(read),
    })),
    shared: state.shared.map(read),
    learningRate: typeof rate === "number" ? read(state.learningRate!) : rate(iterations),
    iterations,
  });
  return {
    name: "train",
    outputs: { loss: step.values, ...step.metrics },
    effects: [
      checkFinite([loss], { what: "loss" }),
      ...step.pass.updates.map(({ weight, value }) => checkFinite([value], { what: weight.path })),
      ...step.pass.updates.map(({ weight, value }) => assign([step.pass.weights.get(weight.variable)!, value])),
      ...updates,
      ...trainable.flatMap(constrained),
      increment([iterations], { index: 0, by: 1 }),
      increment([random], { index: 3, by: 1 }),
    ],
  };
}

/** @throws OptionError where no weight that is trained has a part in the loss. */
function requireDependence({ trainable }: Objective, pass: Pass, loss: Tensor): void {
  const parts = new Set(topological([loss]));
  if (trainable.length === 0 || trainable.some(({ variable }) => parts.has(pass.weights.get(variable)!))) return;
  throw new OptionError(
    "fit: the loss depends on no weight that is trained, so training would change nothing. A loss of your own must be made of yPred.",
  );
}

/** The gradient of each trainable weight, of a loss as the optimizer scales it. */
function gradientsOf({ trainable, optimizer }: Objective, pass: Pass, loss: Tensor): readonly Tensor[] {
  const { lossScaleFactor } = optimizer;
  return gradient(
    lossScaleFactor === null ? loss : multiply([loss, constant(lossScaleFactor)]),
    trainable.map(({ variable }) => pass.weights.get(variable)!),
  );
}

/**
 * The same step without its effects, every intermediate value of it an output: to find where a number went wrong.
 * Outputs in the order they arise: `input x`, `output of <layer>`, `loss`, `new value of <weight>` of those that layers change,
 * and `gradient of <weight>` from the last layer back.
 */
export function inspectionGraph(
  network: Network,
  objective: Objective,
  state: TrainingState,
  batch: BatchType,
  origin: BatchOrigin,
): Graph {
  const context = { training: true, randomState: read(state.random), frozen: objective.frozen };
  const tensors = batchTensors(batch, origin);
  const step = judge(network, objective, tensors, context);
  const { trainable } = objective;
  const gradients = gradientsOf(objective, step.pass, step.loss);
  const outputs: Record<string, Tensor> = {};
  // Not x itself: what is read straight from a buffer cannot be an output.
  tensors.xs.forEach((x, i) => {
    if (x.dtype === "float32") outputs[`input ${columnName("x", i, tensors.xs.length)}`] = absolute([x]);
  });
  for (const { name, tensor } of step.pass.made) outputs[`output of ${name}`] = tensor;
  outputs.loss = step.values;
  for (const { weight, value } of step.pass.updates) outputs[`new value of ${weight.path}`] = value;
  for (let i = trainable.length - 1; i >= 0; i--) {
    outputs[`gradient of ${trainable[i]!.path}`] = gradients[i]!;
  }
  return { name: "inspect", outputs, effects: [] };
}

/** Judges a batch: outputs as those of a training step. */
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

function judge(network: Network, objective: Objective, { xs, ys }: Batch, context: CallContext): Step {
  const penalties: Tensor[] = [];
  const addLoss = (penalty: Tensor): void => void penalties.push(penalty);
  const pass = forward(network, inputsOf(network, xs), { ...context, addLoss });
  for (const { variable, regularizer, path } of objective.trainable) {
    if (regularizer != null) addLoss(weightPenalty(regularizer, pass.weights.get(variable)!, path));
  }
  const metrics: Record<string, Tensor> = {};
  const parts = objective.outputs.map(({ loss, weight, lossName, metrics: own }, i) => {
    const [y, output] = [ys[i]!, pass.outputs[i]!];
    const rows = loss.call(y, output);
    if (lossName !== undefined) metrics[lossName] = rows;
    for (const metric of own) if (metric instanceof MeanMetric) metrics[metric.name] = metric.values(y, output);
    if (gathers(own)) metrics[pairsName(i)] = pairsOfRows(y, output);
    return weight === 1 ? rows : multiply([rows, constant(weight)]);
  });
  const total = (terms: readonly Tensor[]): Tensor => terms.reduce((sum, term) => add([sum, term]));
  const values = total(parts);
  if (penalties.length === 0) return { pass, loss: mean(values), values, metrics };
  const penalty = total(penalties);
  return { pass, loss: add([mean(values), penalty]), values: add([values, penalty]), metrics };
}

/** What its constraint makes of a weight once the optimizer has changed it. */
function constrained({ variable, constraint, path }: PlacedWeight): Tensor[] {
  return constraint == null ? [] : [assign([read(variable), constraint.call(readAfter(variable), path)])];
}

/** The output of a graph that has the labels and predictions of a network's output, for metrics that gather them. */
export function pairsName(output: number): string {
  return `pairs ${output}`;
}

/** Whether some of these metrics are more than means of rows. */
function gathers(metrics: readonly Metric[]): boolean {
  return metrics.some((metric) => !(metric instanceof MeanMetric));
}

/** [batch, labels and behind them predictions], float32. */
function pairsOfRows(y: Tensor, output: Tensor): Tensor {
  const flat = (x: Tensor) => reshape([castTo(x, "float32")], { shape: [null, sizePerRow(x.shape)] });
  return concatenate([flat(y), flat(output)], { axis: 1 });
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
