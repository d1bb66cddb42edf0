/**
 * What a program says of each row (loss, metrics), read back after each job and averaged: sums are float64 in the
 * order of the rows, so they do not depend on how the rows were cut into jobs.
 */

import type { Backend, Buffer, Job } from "../backends/backend.js";
import { arrayType, type TypedArray } from "../core/dtype.js";
import { withRows } from "../graph/dimensions.js";
import type { Graph } from "../graph/graph.js";

/** Buffers for a graph's outputs over up to `mostRows` rows, and the running means of them. */
export class RowResults {
  readonly #sums = new Map<string, number>();
  /** Where each output is read to, job after job. */
  readonly #values = new Map<string, TypedArray>();
  #rows = 0;

  private constructor(
    readonly backend: Backend,
    readonly buffers: Map<string, Buffer>,
  ) {}

  /** Takes memory for the outputs, all of which must be one number a row. */
  static async make(backend: Backend, graph: Graph, mostRows: number): Promise<RowResults> {
    const results = new RowResults(backend, new Map());
    try {
      for (const [name, { dtype, shape }] of Object.entries(graph.outputs)) {
        results.buffers.set(name, await backend.allocate(dtype, withRows(shape, mostRows)));
        results.#values.set(name, new arrayType[dtype](mostRows));
      }
    } catch (error) {
      results.free();
      throw error;
    }
    return results;
  }

  /** What a job needs to fill them from the start. */
  get outputs(): NonNullable<Job["outputs"]> {
    return Object.fromEntries([...this.buffers].map(([name, buffer]) => [name, { buffer }]));
  }

  /** Adds the rows of the last job. */
  async add(rows: number): Promise<void> {
    for (const [name, buffer] of this.buffers) {
      const values = await this.backend.read(buffer, 0, rows, this.#values.get(name));
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
    this.#rows = 0;
  }

  /** The mean of every output over the rows so far, in alphabetical order as Keras prints them. */
  means(): Record<string, number> {
    const names = [...this.#sums.keys()].sort();
    return Object.fromEntries(names.map((name) => [name, this.#sums.get(name)! / this.#rows]));
  }

  free(): void {
    this.backend.free(...this.buffers.values());
  }
}
