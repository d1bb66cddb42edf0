/** A graph lowered: its calls in order, the memory they need, and what is bound to it at run time. */

import type { DType } from "../../core/dtype.js";
import { type Dimensions, isBatched } from "../../graph/dimensions.js";
import type { Variable } from "../../graph/tensor.js";
import type { Program } from "../backend.js";
import type { ImageLayout } from "./assemble.js";
import type { WasmBuffer } from "./buffers.js";
import { costOf } from "./cost.js";
import { ruleOf, scratchBytes } from "./kernels.js";
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
  readonly arena: ArenaPlan;
  readonly layout: ImageLayout;
  readonly inputs: readonly Binding[];
  readonly tables: readonly Binding[];
  readonly outputs: readonly Binding[];
  readonly variables: readonly Variable[];
}

/** How long a dispatch should last, in milliseconds. */
const DISPATCH = 40;

/** The calls of an output, by their place in the program. */
export interface OutputCalls {
  readonly name: string;
  readonly calls: readonly { readonly index: number; readonly unitsPerRow: number; readonly unitsFixed: number }[];
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
  /** Where the arena was when the image was written; undefined: it must be written anew. */
  writtenFor: number | undefined;
  released = false;
  private pending = 0;
  private dispatches = 0;
  private cost = { batch: 0, operations: 0 };
  private steps = 1;
  /** Rows of the steps that `steps` was learned from. */
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
    this.outputCalls = lowered.outputs.map(({ name }) => ({
      name,
      calls: lowered.schedule.calls.flatMap((call, index) => {
        if (call.output !== name) return [];
        const { unitsPerRow, unitsFixed } = ruleOf(call.kernel, call.values as never);
        return [{ index, unitsPerRow, unitsFixed }];
      }),
    }));
  }

  /** Threads worth using for steps of `batch` rows, each with at least `threadCost` operations to do. */
  threadsFor(batch: number, most: number, threadCost: number): number {
    if (this.cost.batch !== batch) {
      const operations = this.lowered.schedule.calls.reduce((sum, call) => sum + costOf(call, batch), 0);
      this.cost = { batch, operations };
    }
    return Math.max(1, Math.min(most, Math.floor(this.cost.operations / threadCost)));
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

/** Whether a binding advances with the rows of the steps. */
export function advances({ shape }: Binding): boolean {
  return isBatched(shape);
}
