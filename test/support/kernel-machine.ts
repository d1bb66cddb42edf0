/**
 * A bare machine for kernels: a compute module, its memory, and programs of a few instructions run by one thread of this
 * process. For tests and measurements of kernels; the engine itself is in src/backends/wasm.
 */

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import { buildWasm } from "../../scripts/build-wasm.mjs";
import {
  type Instruction,
  type KernelName,
  type KernelValues,
  scratchBytes,
  writeInstruction,
} from "../../src/backends/wasm/kernels.js";
import { ALIGNMENT, CONTROL, FAILED, INSTRUCTION, PROGRAM, RELOCATION } from "../../src/backends/wasm/layout.js";

/** The two modules. */
export const moduleNames = ["baseline", "relaxed"] as const;
export type ModuleName = (typeof moduleNames)[number];

/** The bytes of a module, built anew if its sources have changed, and a runtime that takes them. */
export async function moduleBytes(name: ModuleName): Promise<Uint8Array<ArrayBuffer>> {
  await buildWasm();
  // Node 20 has relaxed SIMD, but off.
  if (process.version.startsWith("v20.")) setFlagsFromString("--experimental-wasm-relaxed-simd");
  return Uint8Array.from(readFileSync(new URL(`../../src/backends/wasm/modules/${name}.wasm`, import.meta.url)));
}

const compiled = new Map<ModuleName, WebAssembly.Module>();

/** The compiled module. */
export async function compiledModule(name: ModuleName): Promise<WebAssembly.Module> {
  let module = compiled.get(name);
  if (module === undefined) {
    module = new WebAssembly.Module(await moduleBytes(name));
    compiled.set(name, module);
  }
  return module;
}

type Typed = Float32Array | Float64Array | Int32Array | Uint8Array | Uint32Array;

/** A word to bind to rows of a buffer at each step. */
export interface Binding {
  readonly instruction: number;
  /** Byte offset of the word among the kernel's words. */
  readonly offset: number;
  readonly buffer: number;
  readonly rowBytes: number;
}

/** How a job runs. */
export interface JobOptions {
  readonly rows?: number;
  readonly batch?: number;
  readonly firstRow?: number;
  readonly bindings?: readonly Binding[];
  readonly timed?: boolean;
}

/** One instruction of a test program. */
export function call<N extends KernelName>(kernel: N, values: KernelValues<N>, barrier = true): Instruction {
  return { kernel, values, barrier } as unknown as Instruction;
}

/** A worker that traps says so to the others, as the engine's does. */
const workerCode = `
  const { parentPort, workerData: { memory, module } } = require("node:worker_threads");
  const { exports } = new WebAssembly.Instance(module, { env: { memory, now: () => performance.now() } });
  parentPort.on("message", ([control, program, thread, scratch]) => {
    let result;
    try {
      result = exports.execute(control, program, thread, scratch);
    } catch (error) {
      result = error.message;
      const words = new Int32Array(memory.buffer);
      Atomics.compareExchange(words, (control + ${CONTROL.failed}) / 4, 0, ${FAILED.trapped});
      Atomics.notify(words, (control + ${CONTROL.generation}) / 4);
    }
    parentPort.postMessage(result);
  });
  parentPort.postMessage("ready");
`;

/** One engine in small. */
export class KernelMachine {
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
  readonly exports: WebAssembly.Exports;
  readonly control: number;
  #next = ALIGNMENT;

  constructor(module: WebAssembly.Module, pages = 2048, shared = true) {
    this.module = module;
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: 65536, shared });
    const now = () => performance.now();
    this.exports = new WebAssembly.Instance(module, { env: { memory: this.memory, now } }).exports;
    this.control = this.allocate(CONTROL.bytes);
  }

  static async of(name: ModuleName, pages?: number): Promise<KernelMachine> {
    return new KernelMachine(await compiledModule(name), pages);
  }

  /** A block of bytes with a line of its own on either side. */
  allocate(bytes: number): number {
    const address = this.#next;
    this.#next += Math.ceil(bytes / ALIGNMENT + 1) * ALIGNMENT;
    if (this.#next > this.memory.buffer.byteLength) throw new RangeError("kernel machine: out of memory");
    return address;
  }

  /** A copy of `data` in the memory: its address. */
  put(data: Typed): number {
    const address = this.allocate(data.byteLength);
    new Uint8Array(this.memory.buffer, address, data.byteLength).set(
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    );
    return address;
  }

  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length).slice();
  }

  doubles(address: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, address, length).slice();
  }

  ints(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, length).slice();
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, length).slice();
  }

  /** Writes a program: its address and the scratch bytes a thread of it needs. */
  load(instructions: readonly Instruction[], options: JobOptions = {}): { program: number; scratch: number } {
    const capacity = options.batch ?? options.rows ?? 1;
    const program = this.allocate(PROGRAM.bytes);
    const first = this.allocate(instructions.length * INSTRUCTION.bytes);
    const bindings = options.bindings ?? [];
    const relocations = this.allocate((bindings.length + 1) * RELOCATION.bytes);
    const slots = this.allocate((bindings.length + 1) * 4);
    const view = new DataView(this.memory.buffer);
    instructions.forEach((instruction, i) => {
      writeInstruction(view, first + i * INSTRUCTION.bytes, instruction);
    });
    bindings.forEach(({ instruction, offset, buffer, rowBytes }, i) => {
      const at = relocations + i * RELOCATION.bytes;
      view.setUint32(
        at + RELOCATION.address,
        first + instruction * INSTRUCTION.bytes + INSTRUCTION.words + offset,
        true,
      );
      view.setUint32(at + RELOCATION.slot, i, true);
      view.setUint32(at + RELOCATION.rowBytes, rowBytes, true);
      view.setUint32(at + RELOCATION.offset, 0, true);
      view.setUint32(slots + i * 4, buffer, true);
    });
    view.setInt32(program + PROGRAM.instructions, instructions.length, true);
    view.setUint32(program + PROGRAM.firstInstruction, first, true);
    view.setInt32(program + PROGRAM.relocations, bindings.length, true);
    view.setUint32(program + PROGRAM.firstRelocation, relocations, true);
    view.setUint32(program + PROGRAM.slots, slots, true);
    const scratch = Math.max(
      ...instructions.map(({ kernel, values }) => scratchBytes(kernel, values as never, capacity)),
    );
    return { program, scratch };
  }

  /** Sets the control block for a job. */
  prepare(options: JobOptions = {}, threads = 1): void {
    const { rows = 1, batch = rows, firstRow = 0, timed = false } = options;
    const words = new Int32Array(this.memory.buffer, this.control, CONTROL.bytes / 4);
    words.fill(0);
    words[CONTROL.threads / 4] = threads;
    words[CONTROL.spins / 4] = 1000;
    words[CONTROL.firstRow / 4] = firstRow;
    words[CONTROL.rows / 4] = rows;
    words[CONTROL.batch / 4] = batch;
    words[CONTROL.timed / 4] = timed ? 1 : 0;
  }

  /** Runs instructions as a program: why it ended early, or 0. */
  run(instructions: readonly Instruction[], options: JobOptions = {}): number {
    const mark = this.#next;
    const { program, scratch } = this.load(instructions, options);
    this.prepare(options);
    const region = this.allocate(scratch);
    try {
      return (this.exports.execute as (...words: number[]) => number)(this.control, program, 0, region);
    } finally {
      this.#next = mark;
    }
  }

  /**
   * Starts instructions as a program on several workers, the first of them thread 0. `ended` resolves, one by one, with
   * what execute returned, or with the message of a trap.
   */
  async start(
    instructions: readonly Instruction[],
    options: JobOptions = {},
    threads = 2,
  ): Promise<{ program: number; ended: Promise<(number | string)[]> }> {
    const { program, scratch } = this.load(instructions, options);
    this.prepare(options, threads);
    const workers = Array.from({ length: threads }, () => {
      const data = { memory: this.memory, module: this.module };
      return new Worker(workerCode, { eval: true, workerData: data });
    });
    await Promise.all(workers.map((worker) => once(worker, "message")));
    const ended = workers.map(async (worker, thread) => {
      worker.postMessage([this.control, program, thread, this.allocate(scratch)]);
      const [result] = (await once(worker, "message")) as [number | string];
      await worker.terminate();
      return result;
    });
    return { program, ended: Promise.all(ended) };
  }

  /** A word of the control block. */
  controlWord(offset: number): number {
    return new Int32Array(this.memory.buffer, this.control + offset, 1)[0]!;
  }
}

/** Numbers in [-1, 1), the same for the same seed. */
export function randomFloats(length: number, seed = 1): Float32Array {
  let state = (seed * 2654435761) >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/**
 * The first index at which |actual - expected| exceeds c 2^-24 magnitude (the sum of the absolute values of the terms), in
 * words, or "" if there is none.
 */
export function firstBeyond(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  magnitude: ArrayLike<number>,
  c: number,
): string {
  if (actual.length !== expected.length) return `length ${actual.length}, expected ${expected.length}`;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!);
    if (!(error <= c * 2 ** -24 * magnitude[i]!) && !Object.is(actual[i], expected[i])) {
      return `[${i}] is ${actual[i]}, expected ${expected[i]}, within ${c * 2 ** -24 * magnitude[i]!}`;
    }
  }
  return "";
}
