/** What a schedule is, and how one is defined. The schedules are beside, their names in index.ts. */

import { OptionError } from "../../core/errors.js";
import {
  formatReceived,
  type OptionCheck,
  type OptionTable,
  type OutputOf,
  string,
  withDefault,
} from "../../core/options.js";
import { constant } from "../../graph/leaves.js";
import { simplify } from "../../graph/passes/simplify.js";
import { Tensor } from "../../graph/tensor.js";
import { type Config, defineFactory, type Factory } from "../factory.js";
import { toFloat } from "../to-float.js";

/** A learning rate that follows from the number of steps done before. */
export interface Schedule {
  /** The learning rate of a step, counted from 0. */
  (step: number): number;
  /** The same as a piece of graph: of a scalar, a float32 scalar. */
  (step: Tensor): Tensor;
  /** Keras's name of the class: "CosineDecay". */
  readonly className: string;
  readonly name: string;
  /** Its options as plain values. */
  readonly config: Config;
}

type NameOption = { readonly name: OptionCheck<string, string, "default"> };

/** Defines a schedule. `rate` is its formula, of the step as a float32 scalar; `name` the default of its name, which is Keras's. */
export function defineSchedule<const T extends OptionTable>(definition: {
  readonly className: string;
  readonly call: string;
  readonly name: string;
  readonly options: T;
  /** Refuses what single checks cannot. */
  check?(options: OutputOf<T>): void;
  rate(step: Tensor, options: OutputOf<T>): Tensor;
}): Factory<T & NameOption, Schedule> {
  const { className, call } = definition;
  return defineFactory<T & NameOption, Schedule>({
    className,
    call,
    options: { ...definition.options, name: withDefault(string(), definition.name) },
    build: (all, config) => {
      const options = all as unknown as OutputOf<T>;
      definition.check?.(options);
      const rate = (step: Tensor) => definition.rate(step, options);
      const schedule = (step: number | Tensor) =>
        step instanceof Tensor ? rate(toFloat(step)) : numberOf(rate(constant(stepNumber(call, step))));
      return Object.defineProperties(schedule, {
        className: { value: className, enumerable: true },
        name: { value: (all as unknown as { name: string }).name },
        config: { value: config(), enumerable: true },
      }) as unknown as Schedule;
    },
  });
}

function stepNumber(call: string, step: number): number {
  if (Number.isFinite(step) && step >= 0) return step;
  throw new OptionError(`${call}: a step is a number from 0 up, received ${formatReceived(step)}.`);
}

/** The number that a graph of constants alone stands for, computed in float64. */
function numberOf(rate: Tensor): number {
  const { outputs } = simplify({ name: "rate", outputs: { rate }, effects: [] });
  return (outputs.rate!.attributes.values as readonly number[])[0]!;
}
