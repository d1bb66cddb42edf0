/**
 * What a program says of each row (loss, metrics), read back after each job and gathered: sums are float64 in the order of
 * the rows, so they do not depend on how the rows were cut into jobs. Not here: the metrics' own formulas (nn/metrics/).
 */

import type { Backend, Buffer, Job } from "../backends/backend.js";
import { arrayType, type TypedArray } from "../core/dtype.js";
import { fromTyped } from "../core/ndarray-create.js";
import { sizeOf } from "../core/shape.js";
import { sizePerRow, withRows } from "../graph/dimensions.js";
import type { Graph } from "../graph/graph.js";
import { type Accumulator, MeanMetric, type Metric, type MetricResult } from "../nn/metrics/index.js";
import { type Objective, type OutputObjective, pairsName } from "./graphs.js";

/** The most bytes that labels and predictions of a job take. */
const pairBytes = 16 * 2 ** 20;

/** The rows that there is to be room for. */
interface Room {
  /** The most rows of a job. */
  readonly rows: number;
  /** Rows of a step: jobs are whole steps. */
  readonly batch: number;
}

/** A graph's output, and where each job's rows of it are read to. */
interface Column {
  readonly buffer: Buffer;
  readonly values: TypedArray;
  /** Values of a row. */
  readonly size: number;
}

/** Buffers for a graph's outputs over some rows, and what they come to. */
export class RowResults {
  readonly #columns = new Map<string, Column>();
  /** The running sums of outputs of one number a row. */
  readonly #sums = new Map<string, number>();
  readonly #gatherings: readonly Gathering[];
  readonly #means: ReadonlyMap<string, MeanMetric>;
  #rows = 0;

  private constructor(
    readonly backend: Backend,
    objective: Objective,
    /** The rows there is room for: no job may have more. */
    readonly room: number,
  ) {
    const all = objective.outputs.flatMap(({ metrics }) => metrics);
    this.#means = new Map(all.flatMap((metric) => (metric instanceof MeanMetric ? [[metric.name, metric]] : [])));
    this.#gatherings = objective.outputs.map((output, i) => new Gathering(pairsName(i), output));
  }

  /** Takes memory for the outputs of a graph that judges by an objective. */
  static async make(backend: Backend, graph: Graph, objective: Objective, { rows, batch }: Room): Promise<RowResults> {
    const outputs = Object.entries(graph.outputs);
    const most = Math.max(...outputs.map(([, { shape }]) => sizePerRow(shape)));
    const room = most === 1 ? rows : Math.min(rows, Math.max(1, Math.floor(pairBytes / (4 * most * batch))) * batch);
    const results = new RowResults(backend, objective, room);
    try {
      for (const [name, { dtype, shape }] of outputs) {
        const size = sizePerRow(shape);
        const buffer = await backend.allocate(dtype, withRows(shape, room));
        results.#columns.set(name, { buffer, size, values: new arrayType[dtype](room * size) });
      }
    } catch (error) {
      results.free();
      throw error;
    }
    return results;
  }

  /** What a job needs to fill them from the start. */
  get outputs(): NonNullable<Job["outputs"]> {
    return Object.fromEntries([...this.#columns].map(([name, { buffer }]) => [name, { buffer }]));
  }

  /** Adds the rows of the last job. */
  async add(rows: number): Promise<void> {
    for (const [name, { buffer, size, values: into }] of this.#columns) {
      const values = await this.backend.read(buffer, 0, rows * size, into);
      const gathering = this.#gatherings.find(({ output }) => output === name);
      if (gathering !== undefined) {
        gathering.add(values, rows);
        continue;
      }
      let sum = this.#sums.get(name) ?? 0;
      // Not by `for of`: it made objects of 130 bytes a row.
      for (let i = 0; i < rows; i++) sum += values[i]!;
      this.#sums.set(name, sum);
    }
    this.#rows += rows;
  }

  /** Forgets all rows. */
  clear(): void {
    this.#sums.clear();
    for (const gathering of this.#gatherings) gathering.clear();
    this.#rows = 0;
  }

  /**
   * What the rows so far come to, by name in alphabetical order as Keras prints them. A metric of several numbers has each
   * under its name and the number's place: `f1_score[0]`.
   */
  logs(): Record<string, number> {
    const found = this.#gatherings.flatMap((gathering) => gathering.results());
    for (const [name, sum] of this.#sums) {
      const mean = sum / this.#rows;
      found.push([name, this.#means.get(name)?.finish(mean) ?? mean]);
    }
    return inOrder(
      found.flatMap(([name, result]) =>
        typeof result === "number"
          ? [[name, result] as const]
          : result.map((value, place) => [`${name}[${place}]`, value] as const),
      ),
    );
  }

  free(): void {
    this.backend.free(...[...this.#columns.values()].map(({ buffer }) => buffer));
  }
}

/** Logs in alphabetical order of their names, as Keras has them; the places of a metric of several numbers stay in theirs. */
export function inOrder(logs: readonly (readonly [name: string, value: number])[]): Record<string, number> {
  const parts = logs.map((entry) => [entry[0].replace(/\[\d+\]$/, ""), entry] as const);
  parts.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(parts.map(([, entry]) => entry));
}

/** The metrics of an output that gather labels and predictions. */
class Gathering {
  readonly #metrics: readonly Metric[];
  #accumulators: readonly Accumulator[] = [];
  #labels = new Float32Array();
  #predictions = new Float32Array();

  constructor(
    /** The graph's output with them. */
    readonly output: string,
    readonly objective: OutputObjective,
  ) {
    this.#metrics = objective.metrics.filter((metric) => !(metric instanceof MeanMetric));
    this.clear();
  }

  clear(): void {
    this.#accumulators = this.#metrics.map((metric) => {
      const accumulator = metric.accumulator();
      accumulator.expect(this.objective.pairs);
      return accumulator;
    });
  }

  add(values: ArrayLike<number>, rows: number): void {
    const { labels, predictions } = this.objective.pairs;
    const [before, behind] = [sizeOf(labels), sizeOf(predictions)];
    if (this.#labels.length < rows * before) {
      this.#labels = new Float32Array(rows * before);
      this.#predictions = new Float32Array(rows * behind);
    }
    for (let row = 0, at = 0; row < rows; row++) {
      for (let j = 0; j < before; j++) this.#labels[row * before + j] = values[at++]!;
      for (let j = 0; j < behind; j++) this.#predictions[row * behind + j] = values[at++]!;
    }
    const pairs = {
      rows,
      labels: fromTyped(this.#labels.subarray(0, rows * before), [rows, ...labels]),
      predictions: fromTyped(this.#predictions.subarray(0, rows * behind), [rows, ...predictions]),
    };
    for (const accumulator of this.#accumulators) accumulator.update(pairs);
  }

  results(): (readonly [name: string, MetricResult])[] {
    return this.#accumulators.map((accumulator, i) => [this.#metrics[i]!.name, accumulator.result()]);
  }
}
