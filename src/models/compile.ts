/** What compile is given, and what becomes of it: names resolved, and the objective tried on the network's shapes. */

import { OptionError } from "../core/errors.js";
import { unknownName, untaken } from "../core/names.js";
import { custom, formatReceived, optional, optionsOf } from "../core/options.js";
import { type LossLike, resolveLoss } from "../nn/losses/index.js";
import { type Metric, type MetricLike, resolveMetric } from "../nn/metrics/index.js";
import { type OptimizerLike, resolveOptimizer } from "../nn/optimizers/index.js";
import { evaluationGraph, type Objective, type OutputObjective, pairsName } from "./graphs.js";
import type { ModelParts } from "./model-layer.js";
import { frozenLayers, type NetworkOutput, trainableWeights } from "./network.js";
import { labelShape } from "./rows.js";

/** Something for each output of a model: one for all, or for several a list in their order or a record by their names. */
type PerOutput<T> = T | readonly T[] | Readonly<Record<string, T>>;

type MetricList = readonly MetricLike[];

/** Of a single output a list; of several a metric or a list of them for each, in their order or by their names. */
type Metrics = readonly (MetricLike | MetricList)[] | Readonly<Record<string, MetricLike | MetricList>>;

/** What training minimises, how, and what it reports. Each thing by name, or made by its function. */
export interface CompileOptions {
  /**
   * A model of several outputs takes one for all of them, a list in their order, or a record by their names. A loss of
   * one's own is a function of tensors, (yTrue, yPred) => Tensor, by itself or with what labels it takes: OwnLoss.
   */
  readonly loss: PerOutput<LossLike>;
  /** What each output's loss counts in the whole. Default 1. */
  readonly lossWeights?: readonly number[] | Readonly<Record<string, number>> | undefined;
  readonly optimizer: OptimizerLike;
  /**
   * Default none: the loss is reported always. A metric by name, made by its function, or a function of tensors,
   * (yTrue, yPred) => Tensor, of which the mean is taken. A model of several outputs takes a metric or a list of them for
   * each output: in a list, in their order, or in a record by their names.
   */
  readonly metrics?: Metrics | undefined;
  /**
   * Metrics in which rows count what sample weights say; without weights they are as `metrics`. One of a name that is
   * there already is logged as `weighted_` and its name. Default none.
   */
  readonly weightedMetrics?: Metrics | undefined;
}

const something = <T>(what: string) => custom(what, (value) => (value === null ? undefined : (value as T)));

const metricsOption = custom("a list of metrics", (value) =>
  typeof value === "object" && value !== null ? (value as Metrics) : undefined,
);

const compileOptions = optionsOf("compile", {
  loss: something<CompileOptions["loss"]>("a loss"),
  lossWeights: optional(something<NonNullable<CompileOptions["lossWeights"]>>("weights of losses")),
  optimizer: something<OptimizerLike>("an optimizer"),
  metrics: optional(metricsOption),
  weightedMetrics: optional(metricsOption),
});

/**
 * The objective that the options name.
 * @throws OptionError for unknown names and outputs, and for what is not there for each output; ShapeError where a loss
 * or a metric does not go with its output.
 */
export function resolveObjective(
  options: CompileOptions,
  { network, trainable }: Pick<ModelParts, "network" | "trainable">,
  id: number,
): Objective {
  const given = compileOptions(options);
  const optimizer = resolveOptimizer(given.optimizer);
  const { outputs } = network;
  const losses = forEach(given.loss, outputs, "loss", isDescription).map((loss) => resolveLoss(loss!));
  const weights = forEach(given.lossWeights, outputs, "lossWeights", () => false).map(weightOf);
  const several = outputs.length > 1;
  const names = outputs.map(({ name }) => name);
  const taken = new Set([
    "loss",
    ...(several ? names.map((name) => `${name}_loss`) : []),
    ...outputs.map((_, i) => pairsName(i)),
  ]);
  // A metric has a name of its own, as Keras gives them: `accuracy`, `accuracy_1`.
  const unique = untaken(taken);
  const pairs = outputs.map(({ shape }, i) => ({
    labels: labelShape(losses[i]!.labels, shape),
    predictions: shape.slice(1) as number[],
  }));
  /** Metrics under the names that logs have for them: those of all outputs, before the weighted ones. */
  const resolved = (option: "metrics" | "weightedMetrics") =>
    metricLists(given[option], outputs, option).map((list, i) =>
      list.map((identifier) => {
        const context = { outputShape: outputs[i]!.shape, lossLabels: losses[i]!.labels };
        const metric = resolveMetric(identifier, context);
        metric.accumulator().expect(pairs[i]!);
        const prefix = several ? `${names[i]}_` : "";
        const wanted = `${prefix}${metric.name}`;
        const weighted = option === "weightedMetrics" && taken.has(wanted);
        return named(metric, unique(weighted ? `${prefix}weighted_${metric.name}` : wanted));
      }),
    );
  const [metrics, weighted] = [resolved("metrics"), resolved("weightedMetrics")];
  const objective: Objective = {
    id,
    optimizer,
    trainable: trainable ? trainableWeights(network) : [],
    frozen: frozenLayers(network),
    outputs: losses.map(
      (loss, i): OutputObjective => ({
        loss,
        weight: weights[i]!,
        lossName: several ? `${names[i]}_loss` : undefined,
        metrics: [...metrics[i]!, ...weighted[i]!],
        pairs: pairs[i]!,
      }),
    ),
  };
  evaluationGraph(network, objective, {
    xs: network.inputs.map(({ shape, dtype }) => ({ dtype, rowShape: shape.slice(1) as number[] })),
    ys: pairs.map(({ labels }, i) => ({
      dtype: losses[i]!.labels === "classes" ? "int32" : "float32",
      rowShape: labels,
    })),
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
    const own = Object.hasOwn(record, name) ? record[name] : undefined;
    if (option !== "loss" || own !== undefined) return own;
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
function metricLists(
  given: Metrics | undefined,
  outputs: readonly NetworkOutput[],
  option: string,
): readonly MetricList[] {
  const none = given === undefined || (Array.isArray(given) && given.length === 0);
  if (none) return outputs.map(() => []);
  const flat = Array.isArray(given) && !given.some((item) => Array.isArray(item));
  if (flat && outputs.length === 1) return [given as MetricList];
  if (flat && given.length !== outputs.length) {
    throw new OptionError(
      `compile: the model has ${outputs.length} outputs (${outputs.map(({ name }) => name).join(", ")}); give ${option} as a list of one metric or list of metrics for each, or as a record of them by output.`,
    );
  }
  const lists = forEach(given as PerOutput<MetricLike | MetricList>, outputs, option, () => false);
  return lists.map((list) =>
    list === undefined ? [] : Array.isArray(list) ? (list as MetricList) : [list as MetricLike],
  );
}

function named(metric: Metric, name: string): Metric {
  return name === metric.name ? metric : metric.named(name);
}
