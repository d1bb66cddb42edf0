/** What compile is given, and what becomes of it: names resolved, and the objective tried on the network's shapes. */

import { OptionError } from "../core/errors.js";
import { unknownName, untaken } from "../core/names.js";
import { custom, formatReceived, optional, optionsOf } from "../core/options.js";
import type { Identifier } from "../nn/factory.js";
import { type LossLike, resolveLoss } from "../nn/losses/index.js";
import { type Metric, resolveMetric } from "../nn/metrics/index.js";
import { type Optimizer, resolveOptimizer } from "../nn/optimizers/index.js";
import { evaluationGraph, type Objective, type OutputObjective } from "./graphs.js";
import { type Network, type NetworkOutput, trainableWeights } from "./network.js";
import { labelShape } from "./rows.js";

/** Something for each output of a model: one for all, or for several a list in their order or a record by their names. */
export type PerOutput<T> = T | readonly T[] | Readonly<Record<string, T>>;

type MetricList = readonly Identifier<Metric>[];

/** What training minimises, how, and what it reports. Each thing by name, or made by its function. */
export interface CompileOptions {
  /**
   * A model of several outputs takes one for all of them, a list in their order, or a record by their names. A loss of
   * one's own is a function of tensors, (yTrue, yPred) => Tensor, by itself or with what labels it takes: OwnLoss.
   */
  readonly loss: PerOutput<LossLike>;
  /** What each output's loss counts in the whole. Default 1. */
  readonly lossWeights?: readonly number[] | Readonly<Record<string, number>> | undefined;
  readonly optimizer: Identifier<Optimizer>;
  /**
   * Default none: the loss is reported always. A model of several outputs takes a list of lists in their order, or a
   * record of lists by their names.
   */
  readonly metrics?: MetricList | readonly MetricList[] | Readonly<Record<string, MetricList>> | undefined;
}

const something = <T>(what: string) => custom(what, (value) => (value === null ? undefined : (value as T)));

const compileOptions = optionsOf("compile", {
  loss: something<CompileOptions["loss"]>("a loss"),
  lossWeights: optional(something<NonNullable<CompileOptions["lossWeights"]>>("weights of losses")),
  optimizer: something<Identifier<Optimizer>>("an optimizer"),
  metrics: optional(
    custom("a list of metrics", (value) =>
      typeof value === "object" && value !== null ? (value as NonNullable<CompileOptions["metrics"]>) : undefined,
    ),
  ),
});

/**
 * The objective that the options name.
 * @throws OptionError for unknown names and outputs, and for what is not there for each output; ShapeError where a loss
 * or a metric does not go with its output.
 */
export function resolveObjective(options: CompileOptions, network: Network, id: number): Objective {
  const given = compileOptions(options);
  const optimizer = resolveOptimizer(given.optimizer);
  const { outputs } = network;
  const losses = forEach(given.loss, outputs, "loss", isDescription).map((loss) => resolveLoss(loss!));
  const weights = forEach(given.lossWeights, outputs, "lossWeights", () => false).map(weightOf);
  const metrics = metricLists(given.metrics, outputs);
  const several = outputs.length > 1;
  // A metric has a name of its own, as Keras gives them: `accuracy`, `accuracy_1`.
  const unique = untaken(new Set(["loss", ...(several ? outputs.map(({ name }) => `${name}_loss`) : [])]));
  const objective: Objective = {
    id,
    optimizer,
    trainable: trainableWeights(network),
    outputs: losses.map((loss, i): OutputObjective => {
      const { shape, name } = outputs[i]!;
      const own = metrics[i]!.map((metric) => resolveMetric(metric, { outputShape: shape, lossLabels: loss.labels }));
      return {
        loss,
        weight: weights[i]!,
        lossName: several ? `${name}_loss` : undefined,
        metrics: own.map((metric) => ({
          ...metric,
          name: unique(several ? `${name}_${metric.name}` : metric.name),
        })),
      };
    }),
  };
  evaluationGraph(network, objective, {
    xs: network.inputs.map(({ shape, dtype }) => ({ dtype, rowShape: shape.slice(1) as number[] })),
    ys: outputs.map(({ shape }, i) => {
      const { labels } = losses[i]!;
      return { dtype: labels === "classes" ? "int32" : "float32", rowShape: labelShape(labels, shape) };
    }),
  });
  return objective;
}

/**
 * One thing for each output: the same for all where there is but one, else by place or name.
 * `whole`: whether an object is the thing itself and no record.
 */
function forEach<T>(
  given: PerOutput<T> | undefined,
  outputs: readonly NetworkOutput[],
  option: string,
  whole: (value: object) => boolean,
): readonly (T | undefined)[] {
  if (given === undefined || typeof given !== "object" || given === null || whole(given)) {
    return outputs.map(() => given as T | undefined);
  }
  if (Array.isArray(given)) {
    if (given.length !== outputs.length) {
      throw new OptionError(
        `compile: ${option} must have one item for each of the model's ${outputs.length} outputs, received ${given.length}.`,
      );
    }
    return given as readonly T[];
  }
  const names = outputs.map(({ name }) => name);
  for (const name of Object.keys(given))
    if (!names.includes(name)) throw unknownName("output", name, names, `compile: ${option}`);
  const record = given as Readonly<Record<string, T>>;
  return names.map((name) => {
    if (option !== "loss" || record[name] !== undefined) return record[name];
    throw new OptionError(`compile: there is no loss for the output "${name}".`);
  });
}

/** Whether an object is a loss or the description of one. */
function isDescription(value: object): boolean {
  return "className" in value || "call" in value;
}

function weightOf(weight: unknown): number {
  if (weight === undefined) return 1;
  if (typeof weight === "number" && Number.isFinite(weight)) return weight;
  throw new OptionError(`compile: a weight of a loss must be a finite number, received ${formatReceived(weight)}.`);
}

/** The metrics of each output. Of a single one the list stands for itself. */
function metricLists(given: CompileOptions["metrics"], outputs: readonly NetworkOutput[]): readonly MetricList[] {
  if (given === undefined) return outputs.map(() => []);
  const flat = Array.isArray(given) && !given.some((item) => Array.isArray(item));
  if (flat && outputs.length === 1) return [given as MetricList];
  if (flat && given.length > 0) {
    throw new OptionError(
      `compile: the model has ${outputs.length} outputs (${outputs.map(({ name }) => name).join(", ")}); give metrics as a list of lists, or as a record of lists by output.`,
    );
  }
  const lists = forEach(given as PerOutput<MetricList>, outputs, "metrics", () => false);
  return lists.map((list) => {
    if (list === undefined) return [];
    if (Array.isArray(list)) return list as MetricList;
    throw new OptionError(`compile: a list of metrics expected for each output, received ${formatReceived(list)}.`);
  });
}
