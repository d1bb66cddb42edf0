/**
 * The running engine: a port with its memory, the regions that all programs share, and the loop that takes a job through
 * in dispatches. One call at a time; the queue in front of it sees to that (wasm-backend.ts).
 */

import { EngineError } from "../../core/errors.js";
import type { Variable } from "../../graph/tensor.js";
import { currentPlatform } from "../../platform/current.js";
import type { Job, JobResult } from "../backend.js";
import { assemble } from "./assemble.js";
import type { Bound } from "./binding.js";
import type { WasmBuffer } from "./buffers.js";
import { EngineMemory, Region } from "./engine-memory.js";
import { ALIGNMENT, CONTROL, FAILED, INSTRUCTION } from "./layout.js";
import type { WordWrite } from "./messages.js";
import type { CompiledModule } from "./module.js";
import { type ControlBlock, type Dispatch, DispatchFailure, type Port } from "./port.js";
import { type LoweredGraph, type SwitchedCall, WasmProgram } from "./program.js";
import { timesOf } from "./times.js";

/** Loads that a waiting thread spins, where every thread has a core, and where not. */
const SPINS = { enough: 100_000, crowded: 1_000 } as const;

/** Milliseconds for which a program may keep the calling thread: the way to a worker and back takes half of it. */
const SMALL = 1;

/** How a dispatch that took so many milliseconds on so many threads may run: on one it takes at most as many times longer. */
function smallness(milliseconds: number, threads: number): Dispatch["small"] {
  if (milliseconds > SMALL) return "no";
  return milliseconds * threads <= SMALL ? "alone" : "together";
}

/** A port, its memory and its programs. */
export class Engine {
  readonly memory: EngineMemory;
  /** Nothing works any more: it was closed, or its memory died with its worker. */
  closed = false;
  private readonly cores = currentPlatform().availableParallelism();
  private readonly arena: Region;
  private readonly scratch: Region;
  private readonly programs = new Set<WasmProgram>();
  private control: number | undefined;
  private untidy = false;

  constructor(
    readonly module: CompiledModule,
    readonly port: Port,
    private readonly threadCost = 1e6,
  ) {
    this.memory = new EngineMemory(port);
    this.arena = new Region(this.memory, "the arena of a program");
    this.scratch = new Region(this.memory, "scratch memory");
  }

  /** Gives a lowered graph its place in memory. */
  async load(lowered: LoweredGraph, buffers: ReadonlyMap<Variable, WasmBuffer>): Promise<WasmProgram> {
    const address = await this.memory.allocate(lowered.layout.bytes + lowered.kept.bytes, `program "${lowered.name}"`);
    const program = new WasmProgram(this, lowered, buffers, address);
    this.programs.add(program);
    return program;
  }

  /** Gives a program's memory back. What it alone needed of the shared regions follows with the next call. */
  drop(program: WasmProgram): void {
    if (!this.programs.delete(program) || this.closed) return;
    this.memory.free(program.address);
    this.untidy = true;
  }

  /**
   * Gives back of the shared regions what no program needs any more. Only at the start of a call: in the middle of one
   * its addresses are in use.
   */
  tidy(): void {
    if (!this.untidy) return;
    this.untidy = false;
    const left = [...this.programs];
    this.arena.shrink(Math.max(0, ...left.map(({ lowered }) => lowered.arena.bytes)));
    this.scratch.shrink(Math.max(0, ...left.map((other) => this.scratchStride(other))) * this.port.threads);
  }

  /**
   * Runs a job whose buffers are checked and held.
   * @throws EngineError if a kernel traps, a worker dies or memory runs out.
   */
  async run(program: WasmProgram, job: Job, bound: Bound, timed: boolean): Promise<JobResult> {
    for (const buffer of [...program.written, ...bound.outputs.values()]) buffer.changes++;
    const threads = program.threadsFor(job.batch, this.port.threads, this.threadCost);
    const platform = currentPlatform();
    const spins = threads > this.cores ? SPINS.crowded : SPINS.enough;
    this.control ??= await this.memory.allocate(CONTROL.bytes, "the control block");
    const scratch = await this.scratchFor(program, threads);
    await this.write(program);
    let writes = this.wordsOf(program, bound);
    const result = (steps: number, finite: boolean): Promise<JobResult> | JobResult =>
      timed ? timesOf(this.port, program, threads).then((times) => ({ steps, finite, times })) : { steps, finite };
    let done = 0;
    for (let firstRow = 0; firstRow < job.rows; ) {
      const { stale } = program;
      // What is kept is made in one step, not in each of many.
      const steps = stale ? 1 : program.stepsAhead(job.batch);
      const rows = Math.min(steps * job.batch, job.rows - firstRow);
      const operations = (program.operations(job.batch) * rows) / job.batch;
      const start = platform.now();
      const end = await this.dispatch(program, {
        program: program.address,
        control: this.control,
        threads,
        scratch,
        spins,
        firstRow,
        rows,
        batch: job.batch,
        timed,
        operations,
        small: timed ? "no" : smallness(program.expects(rows / job.batch, job.batch), threads),
        writes,
      });
      // A trap or a death has thrown: what is left is a number that is not finite, found by a check or an update.
      if (end.getInt32(CONTROL.failed, true) !== FAILED.none) {
        // Tiles were claimed and never counted back.
        program.writtenFor = undefined;
        program.hasKept(false);
        return result(done + end.getInt32(CONTROL.failedStep, true), false);
      }
      const ended = end.getInt32(CONTROL.stepsDone, true);
      done += ended;
      writes = [];
      if (stale) {
        program.hasKept(true);
        writes = this.switchesOf(program, program.keptCalls, false);
      } else program.took(ended, job.batch, platform.now() - start);
      firstRow += rows;
    }
    return result(done, true);
  }

  /** Whether calls can still be made: the memory is there. */
  get works(): boolean {
    if (!this.port.survives) this.closed = true;
    return !this.closed;
  }

  /** Ends everything. */
  async close(): Promise<void> {
    this.closed = true;
    await this.port.close();
  }

  private async dispatch(program: WasmProgram, dispatch: Parameters<Port["dispatch"]>[0]): Promise<ControlBlock> {
    try {
      return await this.port.dispatch(dispatch);
    } catch (failure) {
      // Counters are as the threads left them; and a thread that is slow to end may still look at this control block.
      program.writtenFor = undefined;
      program.hasKept(false);
      this.control = undefined;
      if (!(failure instanceof DispatchFailure)) throw failure;
      const where = failure.instruction === undefined ? "" : ` in kernel ${program.nameOf(failure.instruction)}`;
      const what = failure.kind === "trap" ? `a kernel trapped${where}` : `a worker died${where}`;
      throw new EngineError(
        `wasm: ${what} of program "${program.name}": ${failure.reason}. What this job wrote is unknown; other calls work on.`,
        { cause: failure },
      );
    }
  }

  private scratchStride(program: WasmProgram): number {
    return Math.ceil(program.scratch / ALIGNMENT) * ALIGNMENT;
  }

  private async scratchFor(program: WasmProgram, threads: number): Promise<number[]> {
    const stride = this.scratchStride(program);
    const first = await this.scratch.ensure(stride * this.port.threads);
    return Array.from({ length: threads }, (_, thread) => first + thread * stride);
  }

  /** Writes a program's image, if it is not there as it must be. */
  private async write(program: WasmProgram): Promise<void> {
    const { lowered, address } = program;
    const arena = await this.arena.ensure(lowered.arena.bytes);
    if (program.writtenFor === arena) return;
    const image = assemble(lowered.schedule, lowered.layout, lowered.arena, lowered.kept, {
      program: address,
      kept: address + lowered.layout.bytes,
      arena,
      variable: (variable) => program.buffers.get(variable)!.address,
    });
    await this.port.write(address, image);
    program.writtenFor = arena;
  }

  /** The words that a job changes: where its buffers are, which outputs are copied out, and what is made to be kept. */
  private wordsOf(program: WasmProgram, bound: Bound): WordWrite[] {
    return [
      { address: program.address + program.lowered.layout.slots, words: bound.slots },
      ...program.outputCalls.flatMap(({ name, calls }) => this.switchesOf(program, calls, bound.outputs.has(name))),
      ...this.switchesOf(program, program.keptCalls, program.stale),
    ];
  }

  /** The words that switch calls on or off: without units there is nothing to do. */
  private switchesOf({ address, lowered }: WasmProgram, calls: readonly SwitchedCall[], on: boolean): WordWrite[] {
    const first = address + lowered.layout.instructions + INSTRUCTION.unitsPerRow;
    return calls.map(({ index, unitsPerRow, unitsFixed }) => ({
      address: first + index * INSTRUCTION.bytes,
      words: Uint32Array.of(on ? unitsPerRow : 0, on ? unitsFixed : 0),
    }));
  }
}
