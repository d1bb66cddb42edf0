/**
 * The contract between a model and what computes for it. Everything is asynchronous and copies: no caller ever holds a
 * view of a backend's memory. Implementations: reference/ (the oracle), wasm/ (the fast one). Not here: which one is
 * chosen (registry.ts).
 */

import type { DType, TypedArray } from "../core/dtype.js";
import type { Shape } from "../core/shape.js";
import type { Graph } from "../graph/graph.js";
import type { Variable } from "../graph/tensor.js";

/** Names of the backends there are. */
export type BackendName = "reference" | "wasm";

/** A block of a backend's memory. Opaque: its owner alone knows where it lies. */
export interface Buffer {
  readonly dtype: DType;
  readonly shape: Shape;
  /** Its memory is gone: the backend was closed, or the worker that owned it died. Absent: it cannot be lost. */
  readonly lost?: boolean;
}

/** A graph made ready to run. Opaque. */
export interface Program {
  readonly name: string;
  /** Rows the program has room for in one step. */
  readonly capacity: number;
}

/** A buffer of rows and the row a job begins at. */
export interface Rows {
  readonly buffer: Buffer;
  /** Default 0. */
  readonly firstRow?: number;
}

/** One call of a program: consecutive steps over the rows of its inputs. */
export interface Job {
  /** Each batched input of the graph: step s reads rows firstRow + s * batch and on. */
  readonly inputs?: Readonly<Record<string, Rows>>;
  /** Each table of the graph, bound whole. */
  readonly tables?: Readonly<Record<string, Buffer>>;
  /**
   * Where outputs go: a batched one fills rows firstRow + s * batch and on, another one is overwritten by each step.
   * Outputs that are not named are not kept.
   */
  readonly outputs?: Readonly<Record<string, Rows>>;
  /** Rows of all steps together, at least 1. */
  readonly rows: number;
  /** Rows of one step, at most the program's capacity; the last step takes what is left. */
  readonly batch: number;
  /** Asks for the time of each kernel. Default false. */
  readonly timed?: boolean;
}

/** How a job ended. */
export interface JobResult {
  /** Steps completed. */
  readonly steps: number;
  /**
   * False if step number `steps` (from 0) stopped: at a `checkFinite`, and nothing behind the check was written, or by
   * an update that met a gradient, state or weight that is not finite, and what the step wrote is not to be used.
   */
  readonly finite: boolean;
  /** Time of each call of a kernel, in running order, summed over steps; where it was asked for and the backend can tell. */
  readonly times?: readonly KernelTime[];
}

/** Time one call of a kernel took. */
export interface KernelTime {
  readonly kernel: string;
  /** From its begin to that of the next one, on one thread. */
  readonly milliseconds: number;
  /**
   * How much of that the threads waited for each other, on average. Calls that share a barrier also share the waiting: only
   * the sum over them means something, and one of them may have less than 0.
   */
  readonly waiting: number;
}

/** What a backend says of itself, for reports and `fovea info`. */
export interface BackendDescription {
  readonly name: BackendName;
  readonly threads: number;
  /** How sums of products round; results are bit-identical only under the same value. */
  readonly simd: "none" | "baseline" | "relaxed-fused" | "relaxed-unfused";
  /** Bytes of engine memory in use, reserved, and the most there can be. */
  readonly memory: { readonly used: number; readonly reserved: number; readonly limit: number };
  /** Why it is slower than it could be, in whole sentences; empty when nothing holds it back. */
  readonly notes: readonly string[];
}

/** How a graph is lowered. */
export interface LowerOptions {
  /** The most rows of a step; at least 1. */
  readonly capacity: number;
  /** The memory of each variable of the graph. */
  readonly variables: ReadonlyMap<Variable, Buffer>;
  /** False: keep every op apart, to find the one that failed. Default true. */
  readonly fuse?: boolean;
  /**
   * Variables that count as written, besides those that the graph does write: with what a training step writes, a part of
   * it is lowered as it is there. Default none.
   */
  readonly alsoWritten?: readonly Variable[];
}

/**
 * What computes. Calls are queued first in, first out; a failed one does not stop those behind it. `free`, `release` and
 * `close` have their place in that order too: what was called before them still works, what is called behind them is
 * refused.
 */
export interface Backend {
  readonly name: BackendName;
  /** Starts what is not started yet and describes it. */
  describe(): Promise<BackendDescription>;
  /**
   * A block of zeros.
   * @throws EngineError when memory runs out, with the bytes asked for and free.
   */
  allocate(dtype: DType, shape: Shape): Promise<Buffer>;
  /**
   * Copies `data` into a buffer from element `offset` on (default 0); until that has happened it must stay as it is.
   * @throws DataError if it does not fit or is of another dtype; StateError if the buffer was freed.
   */
  write(buffer: Buffer, data: TypedArray, offset?: number): Promise<void>;
  /**
   * A copy of `length` elements from element `offset` on; default all. With `into`, an array for the buffer's dtype that is
   * long enough, its first elements are overwritten and it is what is returned: nothing new is allocated.
   * @throws DataError if they do not fit; StateError if the buffer was freed.
   */
  read(buffer: Buffer, offset?: number, length?: number, into?: TypedArray): Promise<TypedArray>;
  /** Gives buffers back at once; freeing one twice does nothing. */
  free(...buffers: readonly Buffer[]): void;
  /**
   * Makes a graph ready to run.
   * @throws StateError if a variable has no buffer.
   */
  lower(graph: Graph, options: LowerOptions): Promise<Program>;
  /**
   * Runs a job to its end, or to the first step that is not finite.
   * @throws EngineError naming the kernel if one trapped or a worker died; the next call works again, but what the job
   * wrote is unknown.
   */
  run(program: Program, job: Job): Promise<JobResult>;
  /** Gives a program's memory back. */
  release(program: Program): void;
  /** Ends workers and gives all memory back; a later call starts anew. */
  close(): Promise<void>;
}
