/** A graph lowered: its calls in order, the memory they need, and what is bound to it at run time. */

import type { DType } from "../../core/dtype.js";
import { type Dimensions, isBatched } from "../../graph/dimensions.js";
import type { Variable } from "../../graph/tensor.js";
import type { Program } from "../backend.js";
import type { ImageLayout } from "./assemble.js";
import type { WasmBuffer } from "./buffers.js";
import type { Call } from "./call.js";
import { costOf } from "./cost.js";
import type { KeptPlan } from "./kept.js";
import { ruleOf, scratchBytes } from "./kernels.js";
import type { Block } from "./place.js";
import type { ArenaPlan } from "./plan.js";
import type { Schedule } from "./schedule.js";

/** Something bound by name. */
export interface Binding {
  readonly name: string;
  readonly slot: number;
  readonly shape: Dimensions;
  readonly dtype: DType;
}

/** A lowered graph, before it has a place in memory. */
export interface LoweredGraph {
  readonly name: string;
  readonly capacity: number;
  readonly schedule: Schedule;
  readonly kept: KeptPlan;
  readonly arena: ArenaPlan;
  readonly layout: ImageLayout;
  readonly inputs: readonly Binding[];
  readonly tables: readonly Binding[];
  readonly outputs: readonly Binding[];
  readonly variables: readonly Variable[];
}

/** How long a dispatch should last, in milliseconds. */
const DISPATCH = 40;

/** A call that is not in every job: its place in the program, and how its work is cut. */
export interface SwitchedCall {
  readonly index: number;
  readonly unitsPerRow: number;
  readonly unitsFixed: number;
}

/** The calls of an output. */
export interface OutputCalls {
  readonly name: string;
  readonly calls: readonly SwitchedCall[];
}

/** What a program asks of its engine. */
export interface ProgramOwner {
  /** Nothing works any more, and the memory is gone. */
  readonly closed: boolean;
  /** Gives the program's memory back. */
  drop(program: WasmProgram): void;
}

/** A program of the engine. */
export class WasmProgram implements Program {
  readonly name: string;
  readonly capacity: number;
  /** Bytes of scratch memory of one thread. */
  readonly scratch: number;
  /** The calls that copy each output out: their place and how their work is cut. */
  readonly outputCalls: readonly OutputCalls[];
  /** The calls whose results are kept. */
  readonly keptCalls: readonly SwitchedCall[];
  /** The buffers that it writes other than as outputs. */
  readonly written: readonly WasmBuffer[];
  /** Where the arena was when the image was written; undefined: it must be written anew. */
  writtenFor: number | undefined;
  released = false;
  private pending = 0;
  private dispatches = 0;
  private cost = { batch: 0, operations: 0, kept: 0 };
  /** What `changes` of the buffers were when the results that it keeps were made. */
  private keptFrom: readonly number[] | undefined;
  private steps = 1;
  /** Milliseconds of a step of the quickest dispatch. */
  private quickest = Number.POSITIVE_INFINITY;
  /** Rows of the steps that both were learned from. */
  private learned = 1;

  constructor(
    readonly engine: ProgramOwner,
    readonly lowered: LoweredGraph,
    readonly buffers: ReadonlyMap<Variable, WasmBuffer>,
    readonly address: number,
  ) {
    this.name = lowered.name;
    this.capacity = lowered.capacity;
    this.scratch = Math.max(
      0,
      ...lowered.schedule.calls.map(({ kernel, values }) => scratchBytes(kernel, values as never, this.capacity)),
    );
    const { calls } = lowered.schedule;
    const switched = (which: (call: Call, index: number) => boolean): SwitchedCall[] =>
      calls.flatMap((call, index) => {
        if (!which(call, index)) return [];
        const { unitsPerRow, unitsFixed } = ruleOf(call.kernel, call.values as never);
        return [{ index, unitsPerRow, unitsFixed }];
      });
    this.outputCalls = lowered.outputs.map(({ name }) => ({ name, calls: switched(({ output }) => output === name) }));
    this.keptCalls = switched((_, index) => lowered.kept.calls.has(index));
    const variables = new Set(calls.flatMap(({ writes }) => [...writes].flatMap(variableOf)));
    this.written = [...variables].map((variable) => buffers.get(variable)!);
  }

  /** About how many operations a step of `batch` rows is. */
  operations(batch: number): number {
    if (this.cost.batch !== batch) {
      const { schedule, kept } = this.lowered;
      const costs = schedule.calls.map((call) => costOf(call, batch));
      const sum = (which: (index: number) => boolean) => costs.reduce((all, cost, i) => all + (which(i) ? cost : 0), 0);
      this.cost = { batch, operations: sum((i) => !kept.calls.has(i)), kept: sum((i) => kept.calls.has(i)) };
    }
    return this.cost.operations + (this.stale ? this.cost.kept : 0);
  }

  /** Threads worth using for steps of `batch` rows, each with at least `threadCost` operations to do. */
  threadsFor(batch: number, most: number, threadCost: number): number {
    return Math.max(1, Math.min(most, Math.floor(this.operations(batch) / threadCost)));
  }

  /** Whether what it keeps must be made, anew or for the first time. */
  get stale(): boolean {
    if (this.keptCalls.length === 0) return false;
    const { keptFrom } = this;
    return (
      keptFrom === undefined || this.lowered.kept.variables.some((v, i) => this.buffers.get(v)!.changes !== keptFrom[i])
    );
  }

  /** What it keeps has been made of the variables as they are; or, with false, is lost. */
  hasKept(made: boolean): void {
    this.keptFrom = made ? this.lowered.kept.variables.map((v) => this.buffers.get(v)!.changes) : undefined;
  }

  /**
   * Milliseconds that a dispatch of so many steps should take, as the quickest one did; for ever where it has not run often
   * enough for its kernels to be compiled in full. It decides where a program runs, and nothing else.
   */
  expects(steps: number, batch: number): number {
    return batch <= this.learned ? steps * this.quickest : Number.POSITIVE_INFINITY;
  }

  /**
   * Steps of the next dispatch. The first few are single: they are slow until the kernels are compiled in full. Steps of
   * more rows than those it has learned from take longer.
   */
  stepsAhead(batch: number): number {
    return Math.max(1, Math.floor((this.steps * this.learned) / Math.max(batch, this.learned)));
  }

  /** Learns from a dispatch. */
  took(steps: number, batch: number, milliseconds: number): void {
    this.dispatches++;
    if (this.dispatches < 3 || steps === 0) return;
    this.quickest = batch === this.learned ? Math.min(this.quickest, milliseconds / steps) : milliseconds / steps;
    const fitting = Math.floor(DISPATCH / Math.max(milliseconds / steps, 0.001));
    this.steps = Math.max(1, Math.min(fitting, this.stepsAhead(batch) * 4));
    this.learned = batch;
  }

  /** What an instruction is, for messages: `gemm (dense)`. */
  nameOf(instruction: number): string {
    const call = this.lowered.schedule.calls[instruction];
    return call === undefined ? "an unknown kernel" : `${call.kernel} (${call.op})`;
  }

  hold(): void {
    this.pending++;
  }

  unhold(): void {
    this.pending--;
    if (this.released && this.pending === 0) this.engine.drop(this);
  }

  /** Gives it up; doing so twice does nothing. */
  release(): void {
    if (this.released) return;
    this.released = true;
    if (this.pending === 0) this.engine.drop(this);
  }
}

function variableOf(block: Block): Variable[] {
  return block.kind === "variable" ? [block.variable] : [];
}

/** Whether a binding advances with the rows of the steps. */
export function advances({ shape }: Binding): boolean {
  return isBatched(shape);
}
