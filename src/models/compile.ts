/** What compile is given, and what becomes of it: names resolved, and the objective tried on the network's shapes. */

import { custom, optionsOf, withDefault } from "../core/options.js";
import type { Identifier } from "../nn/factory.js";
import { type LossLike, resolveLoss } from "../nn/losses/index.js";
import { type Metric, resolveMetric } from "../nn/metrics/index.js";
import { type Optimizer, resolveOptimizer } from "../nn/optimizers/index.js";
import { evaluationGraph, type Objective } from "./graphs.js";
import type { Network } from "./network.js";
import { labelShape } from "./rows.js";

/** What training minimises, how, and what it reports. Each thing by name, or made by its function. */
export interface CompileOptions {
  /** Or a function of tensors, (yTrue, yPred) => Tensor, in itself or with what labels it takes: OwnLoss. */
  readonly loss: LossLike;
  readonly optimizer: Identifier<Optimizer>;
  /** Default none: the loss is reported always. */
  readonly metrics?: readonly Identifier<Metric>[] | undefined;
}

const something = <T>(what: string) => custom(what, (value) => (value === null ? undefined : (value as T)));

const compileOptions = optionsOf("compile", {
  loss: something<LossLike>("a loss"),
  optimizer: something<Identifier<Optimizer>>("an optimizer"),
  metrics: withDefault(
    custom("a list of metrics", (value) =>
      Array.isArray(value) ? (value as readonly Identifier<Metric>[]) : undefined,
    ),
    [],
  ),
});

/**
 * The objective that the options name.
 * @throws OptionError for unknown names and metrics of one name; ShapeError where the loss or a metric does not go with
 * the network's output.
 */
export function resolveObjective(options: CompileOptions, network: Network, id: number): Objective {
  const { loss: lossId, optimizer: optimizerId, metrics: metricIds } = compileOptions(options);
  const loss = resolveLoss(lossId);
  const optimizer = resolveOptimizer(optimizerId);
  const metrics = uniqueNames(
    metricIds.map((id) => resolveMetric(id, { outputShape: network.outputShape, lossLabels: loss.labels })),
  );
  const objective = { id, loss, optimizer, metrics };
  const { shape, dtype } = network.input;
  const y = {
    dtype: loss.labels === "classes" ? ("int32" as const) : ("float32" as const),
    rowShape: labelShape(loss.labels, network.outputShape),
  };
  evaluationGraph(network, objective, { x: { dtype, rowShape: shape.slice(1) as number[] }, y });
  return objective;
}

/** Metrics with names of their own, as Keras gives them: `accuracy`, `accuracy_1`; the loss is called `loss`. */
function uniqueNames(metrics: readonly Metric[]): Metric[] {
  const taken = new Set(["loss"]);
  return metrics.map((metric) => {
    let { name } = metric;
    for (let i = 1; taken.has(name); i++) name = `${metric.name}_${i}`;
    taken.add(name);
    return name === metric.name ? metric : { ...metric, name };
  });
}
