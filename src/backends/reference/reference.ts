/**
 * The reference backend: the oracle of the tests. Plain loops in float64, one op after the other, nothing fused and
 * nothing reused; right before fast. Its float32 buffers keep float64 numbers between calls and round when read.
 */

import type { DType, TypedArray } from "../../core/dtype.js";
import { OptionError, StateError } from "../../core/errors.js";
import { formatShape, type Shape, sameShape } from "../../core/shape.js";
import { checkGraph } from "../../graph/check.js";
import { secondRound, updateNames, writesOf } from "../../graph/effects.js";
import { type Bindings, definitionOf, evaluate, stored } from "../../graph/evaluate.js";
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
  /** Effects that see variables as at the start of the step, and those that see what the first wrote. */
  readonly rounds: readonly [readonly Tensor[], readonly Tensor[]];
  released = false;

  constructor(
    readonly graph: Graph,
    readonly capacity: number,
    readonly variables: ReadonlyMap<Variable, Buffer>,
  ) {
    this.name = graph.name;
    this.order = topological(roots(graph));
    const late = secondRound(graph);
    this.rounds = [
      graph.effects.filter((effect) => !late.has(effect)),
      graph.effects.filter((effect) => late.has(effect)),
    ];
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
    const bindings = { arrays, variables, rows };
    const values = evaluate([...Object.values(graph.outputs), ...program.rounds[0]], bindings);
    for (const [tensor, target] of targets) target.at(start, rows).data.set(values.get(tensor)!.data);
    if (!applyRounds(program.rounds, values, bindings)) return { steps, finite: false };
    steps++;
  }
  return { steps, finite: true };
}

/** Makes a step's writes. False if it has to end the job. */
function applyRounds(
  [first, second]: ReferenceProgram["rounds"],
  values: Map<Tensor, Value>,
  bindings: Bindings,
): boolean {
  const writes = new Map<Float64Array, Float64Array>();
  let outcome = noteWrites(first, values, writes);
  if (second.length > 0 && outcome !== "stopped") {
    const after = new Map<Variable, Value>();
    for (const [variable, { shape, data }] of bindings.variables) {
      after.set(variable, { shape, data: writes.get(data) ?? data });
    }
    const more = noteWrites(second, evaluate(second, { ...bindings, after }, values), writes);
    if (more !== "finite") outcome = more;
  }
  for (const [to, from] of writes) to.set(from);
  return outcome === "finite";
}

/**
 * Notes what effects write to variables' memory, all of it from `values`. "stopped": a check failed, and what is behind
 * it does not happen; "infinite": an update met a number that is not finite.
 */
function noteWrites(
  effects: readonly Tensor[],
  values: ReadonlyMap<Tensor, Value>,
  writes: Map<Float64Array, Float64Array>,
): "finite" | "infinite" | "stopped" {
  let finite = true;
  for (const effect of effects) {
    const written = writesOf(effect)!;
    const inputs = effect.inputs.map((input, i) => {
      const value = values.get(input)!;
      return written.includes(i) ? { shape: value.shape, data: value.data.slice() } : value;
    });
    if (effect.op === "checkFinite" && !isFinite32(inputs[0]!)) return "stopped";
    const shape = effect.shape as Shape;
    definitionOf(effect).reference({ inputs, attributes: effect.attributes, shape, rows: 0 } as never);
    if ((updateNames as readonly string[]).includes(effect.op)) finite &&= inputs.every(isFinite32);
    for (const i of written) {
      writes.set(values.get(effect.inputs[i]!)!.data, stored(inputs[i]!.data, effect.inputs[i]!.dtype));
    }
  }
  return finite ? "finite" : "infinite";
}

/** Whether float32 can hold every number. */
function isFinite32(value: Value): boolean {
  return value.data.every((v) => Number.isFinite(Math.fround(v)));
}
