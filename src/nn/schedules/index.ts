/** All schedules by name, and the check of an option that takes a learning rate. */

import { either, nonNegative, type RequiredCheck } from "../../core/options.js";
import { type Description, productOption, type Room } from "../factory.js";
import { cosineDecay, cosineDecayRestarts } from "./cosine.js";
import { exponentialDecay, inverseTimeDecay, polynomialDecay } from "./decay.js";
import { piecewiseConstantDecay } from "./piecewiseConstantDecay.js";
import type { Schedule } from "./schedule.js";

export type { Schedule } from "./schedule.js";

/** Makes schedules: learning rates that follow from the number of steps done before. */
export const schedules = {
  cosineDecay,
  cosineDecayRestarts,
  exponentialDecay,
  inverseTimeDecay,
  piecewiseConstantDecay,
  polynomialDecay,
} as const;

const room: Room<Schedule> = {
  what: "schedule",
  factories: schedules,
  is: (value): value is Schedule => typeof value === "function" && "className" in value && "config" in value,
};

/** What an optimizer takes as its learning rate. */
type LearningRateLike = number | Schedule | Description;

/** An option that is a learning rate: a number, a schedule made by `schedules`, or `{ className, config }`. */
export function learningRateOption(): RequiredCheck<LearningRateLike, number | Schedule> {
  const schedule = productOption<Schedule, Schedule | Description>(room, "a schedule made by schedules", [
    "cosineDecay",
    schedules.cosineDecay,
    () => 0.1,
    { className: "CosineDecay", config: {} },
    { className: "CosineDecays", config: {} },
  ]);
  // No schedule has a default of every option: a name alone says nothing.
  return either(nonNegative(), {
    ...schedule,
    read: (value) => (typeof value === "string" ? undefined : schedule.read(value)),
    hint: (value) => (typeof value === "string" ? undefined : schedule.hint?.(value)),
  });
}

/** A learning rate as a plain value. */
export function describeLearningRate(rate: number | Schedule): number | Description {
  return typeof rate === "number" ? rate : { className: rate.className, config: rate.config };
}
