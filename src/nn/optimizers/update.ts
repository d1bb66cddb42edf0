/**
 * The update of all weights by an optimizer's rule, in Keras's order: gradients are scaled back, accumulated and clipped;
 * weights decay, and take the rule's step; averages follow. Not here: the rules.
 */

import { constant } from "../../graph/leaves.js";
import { add } from "../../graph/ops/add.js";
import { assignFinite } from "../../graph/ops/assignFinite.js";
import { divide } from "../../graph/ops/divide.js";
import { equal } from "../../graph/ops/equal.js";
import { multiply } from "../../graph/ops/multiply.js";
import { select } from "../../graph/ops/select.js";
import { subtract } from "../../graph/ops/subtract.js";
import type { Tensor } from "../../graph/tensor.js";
import { toFloat } from "../to-float.js";
import { type Clipping, clipped } from "./clipping.js";
import { isMultiple, quotient } from "./formulas.js";
import type { Slot, UpdateContext, WeightShape, WeightUpdate } from "./optimizer.js";
import type { Rule } from "./rule.js";
import type { Search } from "./search-pattern.js";

/** What all optimizers do around their rules. */
export interface UpdateOptions extends Clipping {
  readonly weightDecay: number | null;
  /** Whether a weight of that name does not decay. */
  readonly isExcluded: Search;
  readonly useEma: boolean;
  readonly emaMomentum: number;
  readonly emaOverwriteFrequency: number | null;
  readonly lossScaleFactor: number | null;
  readonly gradientAccumulationSteps: number | null;
}

/** The state of a weight: its average and its gradient's sum, where there are such, then what the rule keeps. */
export function slotsOf(rule: Rule, options: UpdateOptions, weight: WeightShape): readonly Slot[] {
  const { shape } = weight;
  return [
    ...(options.useEma ? [{ name: "average", shape }] : []),
    ...(options.gradientAccumulationSteps === null ? [] : [{ name: "gradient_accumulator", shape }]),
    ...rule.slots(weight),
  ];
}

/** What the update of a weight needs of the whole step. */
interface Step {
  readonly rule: Rule;
  readonly options: UpdateOptions;
  readonly learningRate: Tensor;
  readonly iterations: Tensor;
  /** Updates done before: a float32 scalar, as all that follow. */
  readonly count: Tensor;
  /** The number of this update. */
  readonly t: Tensor;
  /** Whether this step updates (bool); undefined: every one does. */
  readonly updates: Tensor | undefined;
  /** The rule's own state as this update makes it. */
  readonly shared: readonly Tensor[];
}

/** The effects of a step. */
export function effectsOf(rule: Rule, options: UpdateOptions, context: UpdateContext): readonly Tensor[] {
  const { learningRate, iterations, weights } = context;
  const done = toFloat(iterations);
  const steps = options.gradientAccumulationSteps;
  const count = steps === null ? done : quotient(done, steps);
  const updates = steps === null ? undefined : isMultiple(add([done, constant(1)]), steps);
  const t = add([count, constant(1)]);
  const shared = rule.shared?.next(context.shared, t) ?? [];
  const step: Step = { rule, options, learningRate, iterations, count, t, updates, shared };
  const parts = weights.map((weight) => partOf(weight, options));
  const gradients = clipped(
    parts.map(({ sum }) => (steps === null ? sum : divide([sum, constant(steps)]))),
    options,
  );
  return [
    ...context.shared.map((slot, i) => assignFinite([slot, inUpdates(step, shared[i]!, slot)])),
    ...parts.flatMap((part, i) => weightEffects(step, part, gradients[i]!)),
  ];
}

/** One weight, its slots told apart, and the sum of its gradients since the last update. */
interface Part {
  readonly given: WeightUpdate;
  readonly shape: WeightShape;
  readonly average: Tensor | undefined;
  readonly accumulator: Tensor | undefined;
  readonly slots: readonly Tensor[];
  readonly sum: Tensor;
}

function partOf(given: WeightUpdate, options: UpdateOptions): Part {
  const { name, weight, slots } = given;
  const scale = options.lossScaleFactor;
  const gradient = scale === null ? given.gradient : divide([given.gradient, constant(scale)]);
  const rest = [...slots];
  const average = options.useEma ? rest.shift() : undefined;
  const accumulator = options.gradientAccumulationSteps === null ? undefined : rest.shift();
  const sum = accumulator === undefined ? gradient : add([gradient, accumulator]);
  return { given, shape: { name, shape: weight.shape as readonly number[] }, average, accumulator, slots: rest, sum };
}

/** `next` where the step updates, else `before`. */
function inUpdates({ updates }: Step, next: Tensor, before: Tensor): Tensor {
  return updates === undefined ? next : select([updates, next, before]);
}

/** What a weight and its slots become. */
function weightEffects(step: Step, part: Part, gradient: Tensor): readonly Tensor[] {
  const { rule, options, learningRate, iterations, shared, t } = step;
  const { given, average, accumulator, slots, shape } = part;
  const { weight } = given;
  const decay = decayOf(rule, options, shape);
  const alone = average === undefined && accumulator === undefined;
  if (alone && decay === null && rule.plain !== undefined) {
    return [rule.plain({ weight, gradient, slots, learningRate, iterations })];
  }
  const change = rule.step({ ...shape, gradient, slots, shared, learningRate, t });
  const decayed =
    decay === null ? weight : subtract([weight, multiply([multiply([weight, constant(decay)]), learningRate])]);
  const moved = inUpdates(step, subtract([decayed, change.decrease]), weight);
  const effects = slots.map((slot, i) => assignFinite([slot, inUpdates(step, change.slots[i]!, slot)]));
  if (accumulator !== undefined) effects.push(assignFinite([accumulator, inUpdates(step, constant(0), part.sum)]));
  let next = moved;
  if (average !== undefined) {
    const mean = averaged(step, average, moved);
    effects.push(assignFinite([average, mean]));
    const every = options.emaOverwriteFrequency;
    if (every !== null) next = select([isMultiple(t, every), mean, moved]);
  }
  return [...effects, assignFinite([weight, next])];
}

/** How much a weight decays; null for not at all. */
function decayOf(rule: Rule, options: UpdateOptions, weight: WeightShape): number | null {
  const decay = rule.weightDecay === undefined ? options.weightDecay : rule.weightDecay(weight);
  return decay === null || decay === 0 || options.isExcluded(weight.name) ? null : decay;
}

/** The moving average of a weight that has become `moved`; before the first update has ended, that itself. */
function averaged({ count, options }: Step, average: Tensor, moved: Tensor): Tensor {
  const first = equal([count, constant(0)]);
  const kept = select([first, constant(0), constant(options.emaMomentum)]);
  return add([multiply([kept, average]), multiply([subtract([constant(1), kept]), moved])]);
}
