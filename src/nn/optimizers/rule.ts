/**
 * What tells one optimizer from another: the state it keeps for a weight and the formula of a step. All that optimizers
 * have in common (clipping, weight decay, averages, accumulation) is done around it, in update.ts.
 */

import type { Tensor } from "../../graph/tensor.js";
import type { Slot, WeightShape } from "./optimizer.js";

/** What the formula of a step is given. */
export interface StepContext extends WeightShape {
  /** Scaled back, averaged and clipped. */
  readonly gradient: Tensor;
  readonly slots: readonly Tensor[];
  /** The optimizer's own state as this update makes it. */
  readonly shared: readonly Tensor[];
  readonly learningRate: Tensor;
  /** The number of this update, counted from 1: a float32 scalar. */
  readonly t: Tensor;
}

/** What comes of a step. */
export interface Change {
  /** What is taken off the weight. */
  readonly decrease: Tensor;
  /** What the slots become. */
  readonly slots: readonly Tensor[];
}

/** What the effect of a plain step is given: variables as they are. */
interface PlainContext {
  readonly weight: Tensor;
  readonly gradient: Tensor;
  readonly slots: readonly Tensor[];
  readonly learningRate: Tensor;
  /** An int32 scalar: updates done before this one. */
  readonly iterations: Tensor;
}

/** State of an optimizer's own, and what becomes of it in the update of number t. */
interface SharedState {
  readonly slots: readonly Slot[];
  next(shared: readonly Tensor[], t: Tensor): readonly Tensor[];
}

/** The formula of an optimizer. */
export interface Rule {
  slots(weight: WeightShape): readonly Slot[];
  step(context: StepContext): Change;
  /** The same as a single effect, where nothing but the gradient was changed before and nothing comes behind. */
  plain?(context: PlainContext): Tensor;
  readonly shared?: SharedState;
  /** The weight decay of a weight; absent: that of the options. */
  weightDecay?(weight: WeightShape): number | null;
}

/** Slots of the weight's shape. */
export function slotsNamed(...names: readonly string[]): (weight: WeightShape) => Slot[] {
  return ({ shape }) => names.map((name) => ({ name, shape }));
}
