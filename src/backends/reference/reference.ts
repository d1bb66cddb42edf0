/**
 * The reference backend: the oracle of the tests. Plain loops in float64, one op after the other, nothing fused and
 * nothing reused; right before fast. Its float32 buffers keep float64 numbers between calls and round when read.
 */

import type { DType, TypedArray } from "../../core/dtype.js";
import { OptionError, StateError } from "../../core/errors.js";
import { formatShape, type Shape, sameShape } from "../../core/shape.js";
import { checkGraph } from "../../graph/check.js";
import { updateNames, writesOf } from "../../graph/effects.js";
import { definitionOf, evaluate, stored } from "../../graph/evaluate.js";
import { type Graph, roots, topological, variablesOf } from "../../graph/graph.js";
import type { Value } from "../../graph/op.js";
import type { Tensor, Variable } from "../../graph/tensor.js";
import type { Backend, BackendDescription, Buffer, Job, JobResult, LowerOptions, Program } from "../backend.js";
import { BoundRows, checkedBuffer, checkJob, matchNames } from "./binding.js";
import { ReferenceBuffer } from "./buffers.js";

/** A graph and the memory of its variables. */
class ReferenceProgram implements Program {
  readonly name: string;
  readonly order: readonly Tensor[];
  released = false;

  constructor(
    readonly graph: Graph,
    readonly capacity: number,
    readonly variables: ReadonlyMap<Variable, Buffer>,
  ) {
    this.name = graph.name;
    this.order = topological(roots(graph));
  }

  /** The graph's leaves of a kind, by name. */
  leaves(op: "input" | "table"): Map<string, Tensor> {
    return new Map(
      this.order.filter((tensor) => tensor.op === op).map((tensor) => [tensor.attributes.name as string, tensor]),
    );
  }
}

/** Bytes that callers may plan with: as many as 32-bit memory has, so that a test sees the same plans. */
const limit = 2 ** 32;

class ReferenceBackend implements Backend {
  readonly name = "reference";
  #buffers = new Set<ReferenceBuffer>();
  #programs = new Set<ReferenceProgram>();
  #last: Promise<unknown> = Promise.resolve();

  describe(): Promise<BackendDescription> {
    return this.#enqueue(() => {
      let used = 0;
      for (const buffer of this.#buffers) used += buffer.data?.byteLength ?? 0;
      return {
        name: this.name,
        threads: 1,
        simd: "none",
        memory: { used, reserved: used, limit },
        notes: ["The reference computes with plain loops in float64, for comparison and not for speed."],
      };
    });
  }

  allocate(dtype: DType, shape: Shape): Promise<Buffer> {
    return this.#enqueue(() => {
      const buffer = new ReferenceBuffer(dtype, [...shape]);
      this.#buffers.add(buffer);
      return buffer;
    });
  }

  write(buffer: Buffer, data: TypedArray, offset = 0): Promise<void> {
    // Copied now: what the caller does to it before its turn in the queue has no effect.
    const copy = data.slice();
    return this.#enqueue(() => this.#own(buffer).write(copy, offset));
  }

  read(buffer: Buffer, offset = 0, length?: number, into?: TypedArray): Promise<TypedArray> {
    return this.#enqueue(() => this.#own(buffer).read(offset, length, into));
  }

  free(...buffers: readonly Buffer[]): void {
    for (const buffer of buffers) {
      if (!(buffer instanceof ReferenceBuffer)) throw new StateError("free: the buffer is not one of this backend.");
      void this.#enqueue(() => this.#drop(buffer));
    }
  }

  lower(graph: Graph, { capacity, variables }: LowerOptions): Promise<Program> {
    return this.#enqueue(() => {
      checkGraph(graph);
      if (!Number.isSafeInteger(capacity) || capacity < 1) {
        throw new OptionError(`lower: capacity must be a whole number >= 1, received ${capacity}.`);
      }
      const own = new Map<Variable, Buffer>();
      for (const variable of variablesOf(graph)) {
        const buffer = variables.get(variable);
        if (buffer === undefined) {
          throw new StateError(`lower "${graph.name}": variable "${variable.name}" has no buffer.`);
        }
        if (buffer.dtype !== variable.dtype || !sameShape(buffer.shape, variable.shape)) {
          throw new StateError(
            `lower "${graph.name}": variable "${variable.name}" is ${variable.dtype} ${formatShape(variable.shape)}, its buffer ${buffer.dtype} ${formatShape(buffer.shape)}.`,
          );
        }
        checkedBuffer(`lower "${graph.name}": variable "${variable.name}"`, buffer);
        own.set(variable, buffer);
      }
      const program = new ReferenceProgram(graph, capacity, own);
      this.#programs.add(program);
      return program;
    });
  }

  run(program: Program, job: Job): Promise<JobResult> {
    return this.#enqueue(() => {
      if (!(program instanceof ReferenceProgram) || !this.#programs.has(program)) {
        throw new StateError(`run: program "${program.name}" was released, or is not one of this backend.`);
      }
      return runJob(program, job);
    });
  }

  release(program: Program): void {
    void this.#enqueue(() => this.#programs.delete(program as ReferenceProgram));
  }

  close(): Promise<void> {
    return this.#enqueue(() => {
      for (const buffer of this.#buffers) this.#drop(buffer);
      this.#programs.clear();
    });
  }

  #drop(buffer: ReferenceBuffer): void {
    buffer.data = undefined;
    this.#buffers.delete(buffer);
  }

  #own(buffer: Buffer): ReferenceBuffer {
    if (!(buffer instanceof ReferenceBuffer)) throw new StateError("the buffer is not one of this backend.");
    return buffer;
  }

  /** First in, first out; a failed call does not stop those behind it. */
  #enqueue<T>(work: () => T): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

/** A new reference backend. */
export function referenceBackend(): Backend {
  return new ReferenceBackend();
}

function runJob(program: ReferenceProgram, job: Job): JobResult {
  checkJob(job, program.capacity);
  const { graph } = program;
  const inputs = program.leaves("input");
  const tables = program.leaves("table");
  const arrays = new Map<string, Value>();
  for (const [name, buffer] of matchNames("table", job.tables ?? {}, [...tables.keys()], true)) {
    const rows = { buffer };
    BoundRows.of(`table "${name}"`, tables.get(name)!, rows, { rows: buffer.shape[0] ?? 0, batch: 1 });
    arrays.set(name, { shape: buffer.shape, data: checkedBuffer(`table "${name}"`, buffer) });
  }
  const sources = matchNames("input", job.inputs ?? {}, [...inputs.keys()], true).map(
    ([name, rows]) => [name, BoundRows.of(`input "${name}"`, inputs.get(name)!, rows, job)] as const,
  );
  const targets = matchNames("output", job.outputs ?? {}, Object.keys(graph.outputs), false).map(
    ([name, rows]) =>
      [graph.outputs[name]!, BoundRows.of(`output "${name}"`, graph.outputs[name]!, rows, job)] as const,
  );
  let steps = 0;
  for (let start = 0; start < job.rows; start += job.batch) {
    const rows = Math.min(job.batch, job.rows - start);
    for (const [name, source] of sources) arrays.set(name, source.at(start, rows));
    const variables = new Map<Variable, Value>();
    for (const [variable, buffer] of program.variables) {
      variables.set(variable, { shape: variable.shape, data: checkedBuffer(`variable "${variable.name}"`, buffer) });
    }
    const values = evaluate(program.order, { arrays, variables, rows });
    for (const [tensor, target] of targets) target.at(start, rows).data.set(values.get(tensor)!.data);
    if (!applyEffects(graph.effects, values)) return { steps, finite: false };
    steps++;
  }
  return { steps, finite: true };
}

/** Makes a step's writes, all of them from the values at its start. False if it has to end the job. */
function applyEffects(effects: readonly Tensor[], values: ReadonlyMap<Tensor, Value>): boolean {
  const writes: [to: Float64Array, from: Float64Array][] = [];
  let finite = true;
  for (const effect of effects) {
    const written = writesOf(effect)!;
    const inputs = effect.inputs.map((input, i) => {
      const value = values.get(input)!;
      return written.includes(i) ? { shape: value.shape, data: value.data.slice() } : value;
    });
    if (effect.op === "checkFinite" && !isFinite32(inputs[0]!)) {
      finite = false;
      break;
    }
    const shape = effect.shape as Shape;
    definitionOf(effect).reference({ inputs, attributes: effect.attributes, shape, rows: 0 } as never);
    if ((updateNames as readonly string[]).includes(effect.op)) finite &&= inputs.every(isFinite32);
    for (const i of written) {
      writes.push([values.get(effect.inputs[i]!)!.data, stored(inputs[i]!.data, effect.inputs[i]!.dtype)]);
    }
  }
  for (const [to, from] of writes) to.set(from);
  return finite;
}

/** Whether float32 can hold every number. */
function isFinite32(value: Value): boolean {
  return value.data.every((v) => Number.isFinite(Math.fround(v)));
}
