/** How an optimizer is defined: its own options and its rule; what all of them have is added here. */

import type { OptionError } from "../../core/errors.js";
import {
  boolean,
  custom,
  inRange,
  integer,
  nonNegative,
  nullable,
  type OptionTable,
  type OutputOf,
  optional,
  positiveNumber,
  string,
  withDefault,
} from "../../core/options.js";
import { defineFactory, type Factory, snakeCase } from "../factory.js";
import { describeLearningRate, learningRateOption, type Schedule } from "../schedules/index.js";
import { checkClipping } from "./clipping.js";
import type { Optimizer } from "./optimizer.js";
import type { Rule } from "./rule.js";
import { searchFor } from "./search-pattern.js";
import { effectsOf, slotsOf, type UpdateOptions } from "./update.js";

/** A list of regular expressions that names of weights are searched for (search-pattern.ts). */
export function patterns() {
  const isList = (value: unknown): value is readonly string[] =>
    Array.isArray(value) && value.every((source) => typeof source === "string" && source !== "");
  /** Why a list cannot be searched for. */
  const problem = (sources: readonly string[]): string | undefined => {
    try {
      searchFor(sources);
      return undefined;
    } catch (error) {
      return (error as OptionError).message;
    }
  };
  return custom<readonly string[]>(
    "a list of regular expressions, as strings",
    (value) => (isList(value) && problem(value) === undefined ? [...value] : undefined),
    {
      refuses: ["bias", null, 3, [""], [1], ["("], ["(a)\\1"], ["a(?=b)"]],
      hint: (value) => (isList(value) ? problem(value) : undefined),
    },
  );
}

/** A beta: how much of a running mean stays. */
export const beta = (value: number) => withDefault(inRange(0, 1, { includeMax: false }), value);

/** What is added to a denominator. */
export const epsilon = () => withDefault(positiveNumber(), 1e-7);

/** Steps are counted in float32, which holds every whole number up to this one. */
const mostSteps = 2 ** 24;

/** What every optimizer can be given besides its learning rate. */
const common = {
  weightDecay: withDefault(nullable(nonNegative()), null),
  excludeFromWeightDecay: optional(patterns()),
  clipnorm: withDefault(nullable(positiveNumber()), null),
  clipvalue: withDefault(nullable(positiveNumber()), null),
  globalClipnorm: withDefault(nullable(positiveNumber()), null),
  useEma: withDefault(boolean(), false),
  emaMomentum: withDefault(inRange(0, 1), 0.99),
  emaOverwriteFrequency: withDefault(nullable(integer({ min: 1, max: mostSteps })), null),
  lossScaleFactor: withDefault(nullable(positiveNumber()), null),
  gradientAccumulationSteps: withDefault(nullable(integer({ min: 2, max: mostSteps })), null),
  name: optional(string()),
};

const rate = (value: number) => ({ learningRate: withDefault(learningRateOption(), value) });

type Common = typeof common & ReturnType<typeof rate>;

/** The whole table: an optimizer's own check of a common option goes before. */
type Whole<T extends OptionTable> = T & Omit<Common, keyof T>;

/** Options of any optimizer, checked. */
type Given = Omit<UpdateOptions, "isExcluded"> & {
  readonly learningRate: number | Schedule;
  readonly name?: string;
  readonly excludeFromWeightDecay?: readonly string[];
};

/** Defines an optimizer. `learningRate` is the default of that (0.001), `options` are those of its own. */
export function defineOptimizer<const T extends OptionTable>(definition: {
  readonly className: string;
  readonly call: string;
  readonly learningRate?: number;
  readonly options: T;
  rule(options: OutputOf<T>): Rule;
}): Factory<Whole<T>, Optimizer> {
  const { className, call } = definition;
  const table = { ...rate(definition.learningRate ?? 0.001), ...common, ...definition.options };
  return defineFactory({
    className,
    call,
    options: table as unknown as Whole<T>,
    build(all, config): Optimizer {
      const given = all as unknown as Given;
      const options: UpdateOptions & Given = { ...given, isExcluded: searchFor(given.excludeFromWeightDecay ?? []) };
      checkClipping(options, call);
      const rule = definition.rule(all as unknown as OutputOf<T>);
      return {
        className,
        name: options.name ?? snakeCase(className),
        learningRate: options.learningRate,
        lossScaleFactor: options.lossScaleFactor,
        useEma: options.useEma,
        config: { ...config(), learningRate: describeLearningRate(options.learningRate) },
        slots: (weight) => slotsOf(rule, options, weight),
        shared: rule.shared?.slots ?? [],
        update: (context) => effectsOf(rule, options, context),
      };
    },
  });
}
