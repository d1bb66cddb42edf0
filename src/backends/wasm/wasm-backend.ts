/**
 * The backend of the contract: checks what it is given, queues it, and starts the engine when it is first needed. Not
 * here: what the engine does with it (engine.ts) and how graphs are lowered (lower.ts).
 */

import { arrayType, type DType, type TypedArray } from "../../core/dtype.js";
import { DataError, EngineError, OptionError, StateError } from "../../core/errors.js";
import { formatShape, type Shape, sameShape, sizeOf } from "../../core/shape.js";
import { type Graph, variablesOf } from "../../graph/graph.js";
import type { Variable } from "../../graph/tensor.js";
import { currentPlatform } from "../../platform/current.js";
import type { Backend, BackendDescription, Buffer, Job, JobResult, LowerOptions, Program } from "../backend.js";
import { readTarget } from "../read-target.js";
import { bind } from "./binding.js";
import { checkType, ownBuffer, WasmBuffer } from "./buffers.js";
import { debugged } from "./configure.js";
import { describeLowered } from "./describe.js";
import { Engine } from "./engine.js";
import { lowerGraph } from "./lower.js";
import { loadModule } from "./module.js";
import { NOT_ISOLATED, notesOf } from "./notes.js";
import { DispatchFailure } from "./port.js";
import { type LoweredGraph, WasmProgram } from "./program.js";
import { CallQueue } from "./queue.js";
import { RemotePort } from "./remote.js";
import { sayOnce } from "./say.js";
import type { EngineSettings } from "./settings.js";
import { SharedPort } from "./shared.js";
import { formatTimes } from "./times.js";

/** The WASM backend. */
export class WasmBackend implements Backend {
  readonly name = "wasm";
  private engine: Engine | undefined;
  private readonly queue = new CallQueue((busy) => {
    if (busy) this.engine?.port.ref();
    else this.engine?.port.unref();
  });

  constructor(private readonly settings: EngineSettings) {}

  describe(): Promise<BackendDescription> {
    return this.turn(async ({ module, memory, port }) => {
      return {
        name: this.name,
        threads: port.threads,
        simd: module.simd,
        memory: { used: memory.used, reserved: port.size, limit: port.maximum },
        notes: notesOf(this.settings, module, port),
      };
    });
  }

  async allocate(dtype: DType, shape: Shape): Promise<Buffer> {
    checkType(dtype, shape);
    const own = [...shape];
    return this.turn(async (engine) => {
      const what = `a buffer ${dtype} ${formatShape(own)}`;
      const bytes = sizeOf(own) * arrayType[dtype].BYTES_PER_ELEMENT;
      return new WasmBuffer(engine, dtype, own, await engine.memory.allocate(bytes, what, true));
    });
  }

  async write(buffer: Buffer, data: TypedArray, offset = 0): Promise<void> {
    const own = ownBuffer("write", buffer);
    if (!(data instanceof arrayType[own.dtype])) {
      throw new DataError(
        `write: a ${arrayType[own.dtype].name} expected for a ${own.dtype} buffer, received ${(data as object)?.constructor?.name ?? String(data)}.`,
      );
    }
    const at = own.address + own.range("write", offset, data.length);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    await this.holding([own], "write", ({ port }) => {
      own.changes++;
      return port.write(at, bytes);
    });
  }

  async read(buffer: Buffer, offset = 0, length?: number, into?: TypedArray): Promise<TypedArray> {
    const own = ownBuffer("read", buffer);
    const count = length ?? sizeOf(own.shape) - offset;
    const at = own.address + own.range("read", offset, count);
    const target = readTarget(own.dtype, count, into);
    const bytes = new Uint8Array(target.buffer, target.byteOffset, count * target.BYTES_PER_ELEMENT);
    await this.holding([own], "read", ({ port }) => port.read(at, bytes));
    return target;
  }

  free(...buffers: readonly Buffer[]): void {
    for (const buffer of buffers) {
      if (!(buffer instanceof WasmBuffer)) throw new StateError("free: the buffer is not one of this backend.");
      buffer.free();
    }
  }

  async lower(graph: Graph, { capacity, variables, fuse = true, alsoWritten }: LowerOptions): Promise<Program> {
    if (!Number.isSafeInteger(capacity) || capacity < 1) {
      throw new OptionError(`lower: capacity must be a whole number >= 1, received ${capacity}.`);
    }
    const buffers = variableBuffers(graph, variables);
    const debug = debugged();
    const log = debug.has("graph") ? console.log : undefined;
    const lowered = lowerGraph(graph, { capacity, fuse, log, alsoWritten });
    if (debug.has("plan")) console.log(describeLowered(lowered));
    return this.load(lowered, buffers);
  }

  /** Makes a program of calls that are ready; `lower` is this behind the lowering of a graph. */
  load(lowered: LoweredGraph, buffers: ReadonlyMap<Variable, WasmBuffer> = new Map()): Promise<WasmProgram> {
    return this.holding([...buffers.values()], "lower", (engine) => engine.load(lowered, buffers));
  }

  async run(program: Program, job: Job): Promise<JobResult> {
    if (!(program instanceof WasmProgram)) throw new StateError("run: the program is not one of this backend.");
    if (program.released || program.engine.closed) {
      throw new StateError(`run: program "${program.name}" was released, or its engine was closed.`);
    }
    for (const [variable, buffer] of program.buffers) buffer.check(`run: variable "${variable.name}"`);
    const bound = bind(program, job);
    const printed = debugged().has("time");
    const timed = printed || job.timed === true;
    program.hold();
    try {
      const held = [...program.buffers.values(), ...bound.buffers];
      const result = await this.holding(held, "run", (engine) => {
        // A program without buffers may have waited while its engine was closed.
        if (program.engine !== engine) {
          throw new StateError(`run: the engine of program "${program.name}" was closed meanwhile.`);
        }
        return engine.run(program, job, bound, timed);
      });
      if (printed && result.times !== undefined) console.log(formatTimes(program.name, result.times, result.steps));
      return result;
    } finally {
      program.unhold();
    }
  }

  release(program: Program): void {
    if (!(program instanceof WasmProgram)) throw new StateError("release: the program is not one of this backend.");
    program.release();
  }

  close(): Promise<void> {
    return this.queue.run(async () => {
      const { engine } = this;
      this.engine = undefined;
      await engine?.close();
    });
  }

  /** Queues work on buffers, which stay until it has ended even if they are freed meanwhile. */
  private async holding<T>(
    buffers: readonly WasmBuffer[],
    what: string,
    work: (engine: Engine) => Promise<T>,
  ): Promise<T> {
    for (const buffer of buffers) buffer.hold();
    try {
      return await this.turn((engine) => {
        for (const buffer of buffers) {
          if (buffer.engine === engine) continue;
          // It may have gone while this waited.
          const reason = buffer.engine.closed ? "gone: the engine was closed, or its worker died" : "another engine's";
          throw new StateError(`${what}: the buffer ${buffer.describe()} is ${reason}.`);
        }
        return work(engine);
      });
    } finally {
      for (const buffer of buffers) buffer.release();
    }
  }

  /** Queues work on the engine, which is started for it if need be. */
  private turn<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
    return this.queue.run(async () => {
      try {
        return await work(this.opened() ?? (await this.open()));
      } catch (failure) {
        if (!(failure instanceof DispatchFailure)) throw failure;
        throw new EngineError(`wasm: a worker died: ${failure.reason}. What it did is unknown; other calls work on.`, {
          cause: failure,
        });
      }
    });
  }

  /** The engine, if there is one that works. */
  private opened(): Engine | undefined {
    if (!this.engine?.works) return undefined;
    this.engine.tidy();
    return this.engine;
  }

  /** A new engine. */
  private async open(): Promise<Engine> {
    const { threads, module, shared, limits, silence, patience, moment } = this.settings;
    if (!shared && currentPlatform().environment.isBrowser) sayOnce(NOT_ISOLATED);
    const compiled = await loadModule(module, shared);
    const port = shared
      ? new SharedPort(compiled.module, threads, { limits, silence, patience, moment })
      : await RemotePort.open(compiled.module, limits, silence);
    this.engine = new Engine(compiled, port, this.settings.threadCost);
    port.ref();
    return this.engine;
  }
}

function variableBuffers(graph: Graph, variables: ReadonlyMap<Variable, Buffer>): Map<Variable, WasmBuffer> {
  const result = new Map<Variable, WasmBuffer>();
  for (const variable of variablesOf(graph)) {
    const what = `lower "${graph.name}": variable "${variable.name}"`;
    const buffer = variables.get(variable);
    if (buffer === undefined) throw new StateError(`${what} has no buffer.`);
    const own = ownBuffer(what, buffer);
    if (own.dtype !== variable.dtype || !sameShape(own.shape, variable.shape)) {
      throw new StateError(
        `${what} is ${variable.dtype} ${formatShape(variable.shape)}, its buffer ${own.describe()}.`,
      );
    }
    result.set(variable, own);
  }
  return result;
}
