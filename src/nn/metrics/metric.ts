/** What a metric is and how one is defined. The metrics are beside, their names in index.ts. */

import { DataError, ShapeError, StateError } from "../../core/errors.js";
import type { NDArray } from "../../core/ndarray.js";
import type { OptionTable, OutputOf } from "../../core/options.js";
import { evaluate } from "../../graph/evaluate.js";
import { input } from "../../graph/leaves.js";
import { cast } from "../../graph/ops/cast.js";
import { reshape } from "../../graph/ops/reshape.js";
import type { Tensor } from "../../graph/tensor.js";
import { type Config, defineFactory, type Factory, snakeCase } from "../factory.js";
import { type Labels, type NameOption, nameOption } from "../losses/loss.js";
import { meanOfRows } from "../losses/reduction.js";
import { type PairShapes, type Pairs, pairsOf, partOf, shapesOf, type Values, weightAt } from "./pairs.js";

/** What a metric says: a number, or one for each class or threshold. */
export type MetricResult = number | readonly number[];

/** What a metric has gathered: sums and counts in float64, to which rows are added in their order. */
export interface Accumulator<Result extends MetricResult = MetricResult> {
  /**
   * Rows of these shapes will come. Called before the first, and again without harm.
   * @throws ShapeError where labels and predictions do not go together, or not with those before.
   */
  expect(shapes: PairShapes): void;
  update(pairs: Pairs): void;
  /** Of all rows so far. @throws StateError where that takes rows, and there were none. */
  result(): Result;
}

/** What a metric is called, and what it takes. */
interface MetricIdentity {
  /** Keras's name of the class: "SparseCategoricalAccuracy". */
  readonly className: string;
  /** The name in logs. */
  readonly name: string;
  /** What labels it takes; "either": what `resolveMetric` makes of it depends on them. */
  readonly labels: Labels | "either";
  /** Its options as plain values; null for a function of the user's own. */
  readonly config: Config | null;
}

/**
 * A number (or several) that says how good predictions are. Given to `compile`, it is computed along with training and
 * judging; and it may be used by hand: `updateState` adds rows, `result` tells of all so far, `resetState` forgets them.
 * What is gathered by hand and what a model gathers are kept apart.
 */
export abstract class Metric<Result extends MetricResult = MetricResult> implements MetricIdentity {
  readonly className: string;
  readonly name: string;
  readonly labels: Labels | "either";
  readonly config: Config | null;
  #gathered: Accumulator<Result> | undefined;

  constructor({ className, name, labels, config }: MetricIdentity) {
    this.className = className;
    this.name = name;
    this.labels = labels;
    this.config = config;
  }

  /** The same metric under another name, with nothing gathered. */
  abstract named(name: string): Metric<Result>;

  /** A new count of nothing. */
  abstract accumulator(): Accumulator<Result>;

  /**
   * Adds rows: labels and predictions, [rows, ...], as arrays or nested lists.
   * @param sampleWeight What each row counts: [rows], or where a metric looks at elements one by one a number for each. One
   * number is the weight of every row, but for a metric that is a mean it is that of the mean of these rows, as in Keras.
   * Default 1 for each row.
   * @throws ShapeError, DataError for what does not go together.
   */
  updateState(yTrue: Values, yPred: Values, sampleWeight?: number | Values): void {
    const pairs = pairsOf(this.name, yTrue, yPred, sampleWeight);
    const accumulator = this.#gathered ?? this.accumulator();
    accumulator.expect(shapesOf(pairs));
    accumulator.update(pairs);
    this.#gathered = accumulator;
  }

  /** What the rows so far come to. @throws StateError where a metric has a number for each class, and knows of no rows. */
  result(): Result {
    return (this.#gathered ?? this.accumulator()).result();
  }

  /** Forgets all rows. */
  resetState(): void {
    this.#gathered = undefined;
  }
}

/** How a mean is made: one number a row by a graph, and what becomes of their mean. */
interface MeanFormula {
  /**
   * The value of each row, [batch], float32 or bool.
   * @throws ShapeError where labels and predictions do not go together.
   */
  values(yTrue: Tensor, yPred: Tensor): Tensor;
  /** What the mean of all rows becomes. Default itself. */
  finish?(mean: number): number;
}

/** A metric that is the mean of one number a row, which programs compute. */
export class MeanMetric extends Metric<number> {
  readonly #formula: MeanFormula;

  constructor(identity: MetricIdentity, formula: MeanFormula) {
    super(identity);
    this.#formula = formula;
  }

  override named(name: string): MeanMetric {
    return new MeanMetric({ ...this, name }, this.#formula);
  }

  /**
   * The value of each row, [batch], float32 or bool.
   * @throws ShapeError where labels and predictions do not go together.
   */
  values(yTrue: Tensor, yPred: Tensor): Tensor {
    return this.#formula.values(yTrue, yPred);
  }

  /** What the mean of the rows becomes. */
  finish(mean: number): number {
    return this.#formula.finish?.(mean) ?? mean;
  }

  override accumulator(): Accumulator<number> {
    let [total, count] = [0, 0];
    return {
      expect: () => {},
      update: (pairs) => {
        const { weights } = pairs;
        if (weights !== undefined && weights.perRow > 1) {
          throw new ShapeError(
            `${this.name}: sampleWeight must be a number or one for each row: the metric has one number a row.`,
          );
        }
        const part = partOf(weights, pairs.rows);
        this.#valuesOf(pairs).forEach((value, row) => {
          const weight = part * weightAt(weights, row, 0);
          total += weight * value;
          count += weight;
        });
      },
      result: () => this.finish(count === 0 ? 0 : total / count),
    };
  }

  /** The numbers of rows, by the plain loops of each op in float64. */
  #valuesOf({ rows, labels, predictions }: Pairs): Float64Array {
    const given = this.labels === "classes" ? classNumbers(labels, this.name) : labels;
    const yTrue = input("yTrue", [null, ...given.shape.slice(1)], given.dtype);
    const yPred = input("yPred", [null, ...predictions.shape.slice(1)], "float32");
    const values = this.values(yTrue, yPred);
    const arrays = new Map(
      [[yTrue, given] as const, [yPred, predictions] as const].map(([leaf, { shape, data }]) => [
        leaf.attributes.name as string,
        { shape, data: Float64Array.from(data) },
      ]),
    );
    return evaluate([values], { rows, arrays, variables: new Map() }).get(values)!.data;
  }
}

/** Class numbers as int32. @throws DataError for one that is not whole. */
function classNumbers(labels: NDArray, name: string): NDArray {
  if (labels.dtype === "int32" || labels.dtype === "uint8") return labels;
  const wrong = labels.data.find((label) => !Number.isInteger(label));
  if (wrong === undefined && labels.dtype !== "bool") return labels.astype("int32");
  throw new DataError(`${name}: yTrue must hold class numbers, received ${wrong ?? "bool"}.`);
}

/** A metric that needs more than the mean of rows: it gathers labels and predictions themselves. */
export class PairMetric<Result extends MetricResult = MetricResult> extends Metric<Result> {
  readonly #make: (name: string) => Accumulator<Result>;

  constructor(identity: MetricIdentity, make: (name: string) => Accumulator<Result>) {
    super(identity);
    this.#make = make;
  }

  override named(name: string): PairMetric<Result> {
    return new PairMetric({ ...this, name }, this.#make);
  }

  override accumulator(): Accumulator<Result> {
    return this.#make(this.name);
  }
}

/** What every definition of a metric says. */
interface MetricDefinition<T extends OptionTable> {
  readonly className: string;
  readonly call: string;
  /** The name in logs where it is not that of the class. */
  readonly name?: string;
  readonly options: T;
}

/** Defines a metric that is a mean. `rows` is the formula: one value a row. */
export function defineMetric<const T extends OptionTable>(
  definition: MetricDefinition<T> & {
    readonly labels: Labels | "either";
    rows(yTrue: Tensor, yPred: Tensor, options: OutputOf<T>, name: string): Tensor;
    finish?(mean: number): number;
  },
): Factory<T & NameOption, MeanMetric> {
  const { className, call, labels, finish } = definition;
  return defineFactory<T & NameOption, MeanMetric>({
    className,
    call,
    options: { ...definition.options, ...nameOption },
    build: (all, config) => {
      const name = nameOf(all, definition);
      return new MeanMetric(
        { className, name, labels, config: config() },
        {
          values: (yTrue, yPred) => definition.rows(yTrue, yPred, all as OutputOf<T>, name),
          ...(finish && { finish }),
        },
      );
    },
  });
}

/** Defines a metric that gathers pairs. `accumulate` makes a new count of nothing. */
export function definePairMetric<const T extends OptionTable, Result extends MetricResult>(
  definition: MetricDefinition<T> & {
    /** Default "values". */
    labels?(options: OutputOf<T>): Labels;
    /** @throws OptionError for options that do not go together. */
    check?(options: OutputOf<T>): void;
    accumulate(options: OutputOf<T>, name: string): Accumulator<Result>;
  },
): Factory<T & NameOption, PairMetric<Result>> {
  const { className, call } = definition;
  return defineFactory<T & NameOption, PairMetric<Result>>({
    className,
    call,
    options: { ...definition.options, ...nameOption },
    build: (all, config) => {
      const options = all as OutputOf<T>;
      definition.check?.(options);
      const labels = definition.labels?.(options) ?? "values";
      const identity = { className, name: nameOf(all, definition), labels, config: config() };
      return new PairMetric(identity, (name) => definition.accumulate(options, name));
    },
  });
}

function nameOf(options: object, { className, name }: Pick<MetricDefinition<OptionTable>, "className" | "name">) {
  return (options as { name?: string }).name ?? name ?? snakeCase(className);
}

/** Refuses a result that takes rows. @throws StateError always. */
export function needRows(name: string): never {
  throw new StateError(`${name}: there is a result once there are rows: updateState(yTrue, yPred).`);
}

/** The share of true elements of each row; rows of one element stay bool, which is cheaper to count. */
export function shareOfRows(hits: Tensor): Tensor {
  if (hits.shape.slice(1).every((length) => length === 1)) return reshape([hits], { shape: hits.shape.slice(0, 1) });
  return meanOfRows(cast([hits], { dtype: "float32" }));
}

/** a / b, and 0 for b = 0. */
export function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}
