/** The interpreter inside the modules, and what the modules are made of. */

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { call, KernelMachine, moduleBytes, moduleNames, randomFloats } from "../../../test/support/kernel-machine.js";
import {
  dropoutWords,
  elementTypes,
  gemmBlocks,
  type KernelName,
  kernels,
  packedBytes,
  pairBytes,
  panelBytes,
  partialStride,
  ruleOf,
  tilesOf,
  wordOffset,
} from "./kernels.js";
import { CONTROL, FAILED, FLAG, INSTRUCTION, PROGRAM, RELOCATION, SCRATCH_HEADER, THREAD } from "./layout.js";
import { unshared } from "./unshared.js";

const kernelNames = Object.keys(kernels) as KernelName[];

describe("the interpreter's numbers", () => {
  it("are those of layout.ts", () => {
    const source = readFileSync(new URL("./assembly/interpreter.ts", import.meta.url), "utf8");
    const found = Object.fromEntries(
      [...source.matchAll(/^@inline const (\w+): \w+ = (\d+);/gm)].map(([, name, value]) => [name, Number(value)]),
    );
    expect(found).toEqual({
      ARRIVED: CONTROL.arrived,
      GENERATION: CONTROL.generation,
      SLEEPING: CONTROL.sleeping,
      LEFT: CONTROL.left,
      FAILED: CONTROL.failed,
      STOP: CONTROL.stop,
      STEPS_DONE: CONTROL.stepsDone,
      DECISION: CONTROL.decision,
      THREADS: CONTROL.threads,
      SPINS: CONTROL.spins,
      FIRST_ROW: CONTROL.firstRow,
      ROWS: CONTROL.rows,
      BATCH: CONTROL.batch,
      TIMED: CONTROL.timed,
      PATIENCE: CONTROL.patience,
      WORKER_DIED: FAILED.workerDied,
      PER_THREAD: CONTROL.perThread,
      THREAD_BYTES: THREAD.bytes,
      CURRENT: THREAD.instruction,
      STEP: THREAD.step,
      SCRATCH_HEADER,
      INSTRUCTIONS: PROGRAM.instructions,
      FIRST_INSTRUCTION: PROGRAM.firstInstruction,
      RELOCATIONS: PROGRAM.relocations,
      FIRST_RELOCATION: PROGRAM.firstRelocation,
      SLOTS: PROGRAM.slots,
      KERNEL: INSTRUCTION.kernel,
      FLAGS: INSTRUCTION.flags,
      UNITS_PER_ROW: INSTRUCTION.unitsPerRow,
      UNITS_FIXED: INSTRUCTION.unitsFixed,
      BLOCK: INSTRUCTION.block,
      TIMES: INSTRUCTION.times,
      WORDS: INSTRUCTION.words,
      COUNTER: INSTRUCTION.counter,
      TIME: INSTRUCTION.time,
      WORKED: INSTRUCTION.worked,
      INSTRUCTION_BYTES: INSTRUCTION.bytes,
      BARRIER: FLAG.barrier,
      CHAINED: FLAG.chained,
      RELOCATION_BYTES: RELOCATION.bytes,
    });
    expect([RELOCATION.address, RELOCATION.slot, RELOCATION.rowBytes, RELOCATION.offset]).toEqual([0, 4, 8, 12]);
    expect(INSTRUCTION.words - INSTRUCTION.block).toBe(8); // simd.ts: blockOf
  });
});

describe.each(moduleNames)("module %s", (name) => {
  let sections: Map<number, { count: number; bytes: Uint8Array }>;
  beforeAll(async () => {
    sections = sectionsOf(await moduleBytes(name));
  });

  it("has no data, no globals, no tables and no start", () => {
    const [table, memory, global, start, element, data] = [4, 5, 6, 8, 9, 11];
    for (const id of [table, memory, global, start, element, data]) expect(sections.has(id!)).toBe(false);
  });

  it("keeps every kernel a function of its own and exports it", async () => {
    const module = new WebAssembly.Module(unshared(await moduleBytes(name)));
    const exported = WebAssembly.Module.exports(module).map((e) => e.name);
    for (const kernel of kernelNames) expect(exported).toContain(kernel);
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
    const { exports } = new WebAssembly.Instance(module, { env: { memory, now: () => 0 } });
    // Two names of one function would be one object.
    expect(new Set(kernelNames.map((kernel) => exports[kernel])).size).toBe(kernelNames.length);
    expect(sections.get(10)!.count).toBeGreaterThan(kernelNames.length);
  });

  it("has an interpreter that calls the kernels instead of holding them a second time", async () => {
    const bodies = bodiesOf(await moduleBytes(name));
    const bytesOfKernels = kernelNames.reduce((sum, kernel) => sum + bodies.get(kernel)!, 0);
    expect(bodies.get("execute")).toBeLessThan(bytesOfKernels / 10);
  });

  it("imports the memory and the clock only", async () => {
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(await moduleBytes(name)));
    expect(imports.map((i) => `${i.module}.${i.name}`).sort()).toEqual(["env.memory", "env.now"]);
  });

  it("runs on a memory that is not shared", async () => {
    const module = new WebAssembly.Module(unshared(await moduleBytes(name)));
    const machine = new KernelMachine(module, 64, false);
    const count = machine.put(Int32Array.of(0));
    expect(machine.run([call("increment", { x: count, by: 2 })], { rows: 5, batch: 2 })).toBe(0);
    expect(machine.ints(count, 1)[0]).toBe(6);
  });
});

describe.each(moduleNames)("execute, %s", (module) => {
  it("gives steps their rows, the last one fewer, and touches no others", async () => {
    const machine = await KernelMachine.of(module);
    const x = randomFloats(100, 1);
    const [xAt, y] = [machine.put(x), machine.put(new Float32Array(100).fill(9))];
    const words = kernels.unary.words;
    const code = machine.run([call("unary", { x: 0, y: 0, op: 0, n: { perRow: 2 } })], {
      rows: 23,
      batch: 5,
      firstRow: 10,
      bindings: [
        { instruction: 0, offset: wordOffset(words, "x"), buffer: xAt, rowBytes: 8 },
        { instruction: 0, offset: wordOffset(words, "y"), buffer: y, rowBytes: 8 },
      ],
    });
    expect(code).toBe(0);
    const expected = x.map((v, i) => (i >= 20 && i < 66 ? -v : 9));
    expect(machine.floats(y, 100)).toEqual(expected);
    expect(machine.controlWord(CONTROL.stepsDone)).toBe(5);
  });

  it("bound whole, a table stays where it is", async () => {
    const machine = await KernelMachine.of(module);
    const table = machine.put(Uint8Array.of(1, 2, 3, 4));
    const y = machine.allocate(16);
    const indices = machine.put(Int32Array.of(3, 0, 1, 2));
    const { words } = kernels.gatherRows;
    machine.run([call("gatherRows", { table: 0, indices: 0, y: 0, n: { perRow: 1 }, rowBytes: 1 })], {
      rows: 4,
      batch: 1,
      bindings: [
        { instruction: 0, offset: wordOffset(words, "table"), buffer: table, rowBytes: 0 },
        { instruction: 0, offset: wordOffset(words, "indices"), buffer: indices, rowBytes: 4 },
        { instruction: 0, offset: wordOffset(words, "y"), buffer: y, rowBytes: 1 },
      ],
    });
    expect([...machine.bytes(y, 4)]).toEqual([4, 1, 2, 3]);
  });

  it("1, 2 and 3 threads give the same bits", async () => {
    const results: Uint8Array[] = [];
    for (const threads of [1, 2, 3]) {
      const machine = await KernelMachine.of(module);
      const { instructions, outputs, options } = trainingLike(machine);
      const { ended } = await machine.start(instructions, options, threads);
      expect(await ended).toEqual(new Array(threads).fill(0));
      results.push(...outputs.map(([at, length]) => machine.bytes(at, length)));
    }
    const half = results.length / 3;
    for (let i = 0; i < half; i++) {
      expect(results[i]!.some((b) => b !== 0)).toBe(true);
      expect(results[i + half]).toEqual(results[i]);
      expect(results[i + 2 * half]).toEqual(results[i]);
    }
  });

  it("counters are ready again after a stage, whoever runs ahead", async () => {
    const machine = await KernelMachine.of(module);
    const count = machine.put(Int32Array.of(0));
    const flags = machine.allocate(60 * 4);
    // Many short stages and unordered instructions: a counter that were not reset would lose or repeat a tile.
    const instructions = Array.from({ length: 60 }, (_, i) =>
      i % 3 === 0
        ? call("increment", { x: count, by: 1 }, true)
        : call("fill", { y: flags + 4 * i, value: i, n: 1 }, i % 3 === 2),
    );
    const steps = 200;
    const { ended } = await machine.start(instructions, { rows: steps, batch: 1 }, 3);
    expect(await ended).toEqual([0, 0, 0]);
    expect(machine.ints(count, 1)[0]).toBe(20 * steps);
    expect(machine.controlWord(CONTROL.stepsDone)).toBe(steps);
  });

  it("stops after a whole step when asked", async () => {
    const machine = await KernelMachine.of(module);
    const count = machine.put(Int32Array.of(0));
    const more = call("increment", { x: count, by: 1 });
    const rows = 50_000_000;
    const { ended } = await machine.start([more, more, more], { rows, batch: 1 }, 2);
    await new Promise((resolve) => setTimeout(resolve, 20));
    Atomics.store(new Int32Array(machine.memory.buffer), (machine.control + CONTROL.stop) / 4, 1);
    expect(await ended).toEqual([0, 0]);
    const done = machine.controlWord(CONTROL.stepsDone);
    expect(done).toBeLessThan(rows);
    expect(machine.ints(count, 1)[0]).toBe(3 * done);
  });

  it("a step that is not finite ends for all threads before what follows", async () => {
    const machine = await KernelMachine.of(module);
    const losses = machine.put(Float32Array.of(1, 2, 3, Infinity, 5));
    const count = machine.put(Int32Array.of(0));
    const next = call("increment", { x: count, by: 1 });
    const bindings = [{ instruction: 1, offset: 0, buffer: losses, rowBytes: 4 }];
    const program = [next, call("checkFinite", { x: 0, n: 1 }), next];
    const { ended } = await machine.start(program, { rows: 5, batch: 1, bindings }, 3);
    expect(await ended).toEqual([FAILED.nonFinite, FAILED.nonFinite, FAILED.nonFinite]);
    expect(machine.ints(count, 1)[0]).toBe(7);
    expect(machine.controlWord(CONTROL.stepsDone)).toBe(3);
    expect(machine.controlWord(CONTROL.failedStep)).toBe(3);
    expect(machine.controlWord(CONTROL.failedInstruction)).toBe(1);
  });

  it("a trap releases the other threads, and the control block says where it was", async () => {
    const machine = await KernelMachine.of(module);
    const count = machine.put(Int32Array.of(0));
    const next = call("increment", { x: count, by: 1 });
    const { ended } = await machine.start([next, next, call("crash", {}), next], { rows: 3, batch: 1 }, 3);
    const results = await ended;
    expect(results.filter((r) => r === FAILED.trapped).length).toBe(2);
    const trapped = results.findIndex((r) => typeof r === "string");
    expect(results[trapped]).toMatch(/unreachable/);
    const line = CONTROL.perThread + trapped * THREAD.bytes;
    expect(machine.controlWord(line + THREAD.instruction)).toBe(2);
    expect(machine.controlWord(line + THREAD.step)).toBe(0);
    expect(machine.ints(count, 1)[0]).toBe(2);
  });

  it("times instructions when asked", async () => {
    const machine = await KernelMachine.of(module);
    const x = machine.allocate(4_000_000);
    const slow = call("unary", { x, y: x, op: 7, n: 1_000_000 });
    const quick = call("increment", { x, by: 0 });
    const { program } = machine.load([slow, quick]);
    machine.prepare({ rows: 3, batch: 1, timed: true });
    const execute = machine.exports.execute as (...words: number[]) => number;
    expect(execute(machine.control, program, 0, machine.allocate(4096))).toBe(0);
    const first = machine.ints(program, PROGRAM.bytes / 4)[PROGRAM.firstInstruction / 4]!;
    const times = [0, 1].map((i) => machine.doubles(first + i * INSTRUCTION.bytes + INSTRUCTION.time, 1)[0]!);
    expect(times[0]).toBeGreaterThan(0);
    expect(times[0]).toBeGreaterThan(times[1]!);
    // One thread waits for none: it worked all the time, which is counted in nanoseconds.
    const worked = machine.ints(first + INSTRUCTION.worked, 2)[0]! / 1e6;
    expect(worked).toBeGreaterThan(0.9 * times[0]! - 0.1);
    expect(worked).toBeLessThanOrEqual(times[0]! + 1e-5);
  });
});

describe("the kernel table", () => {
  it("numbers kernels without gaps", () => {
    expect(kernelNames.map((name) => kernels[name].id)).toEqual(kernelNames.map((_, i) => i));
  });

  it("cuts no tile where there is nothing to do", () => {
    expect(tilesOf("unary", { x: 0, y: 0, op: 0, n: { perRow: 0 } }, 5)).toBe(0);
    expect(ruleOf("copy", { x: 0, y: 0, n: { perRow: 3, fixed: 1 } })).toMatchObject({ unitsPerRow: 3, unitsFixed: 1 });
  });
});

/** A program like a training step: products, a convolution both ways, dropout, a softmax, sums. */
function trainingLike(machine: KernelMachine) {
  const [rows, width, classes] = [21, 6 * 6 * 8, 10];
  const perRow = (count: number) => ({ perRow: count });
  const picture = {
    n: perRow(1),
    height: 8,
    width: 8,
    channels: 4,
    outHeight: 6,
    outWidth: 6,
    kernelHeight: 3,
    kernelWidth: 3,
    strideHeight: 1,
    strideWidth: 1,
    padTop: 0,
    padLeft: 0,
  };
  const filters = 8;
  const stride = partialStride(picture, filters);
  const chunk = 72;
  const room = (floats: number): number => machine.put(new Float32Array(floats));
  const [x, kernel, weights] = [
    machine.put(randomFloats(rows * 8 * 8 * 4, 1)),
    machine.put(randomFloats(36 * filters, 2)),
    machine.put(randomFloats(width * classes, 3)),
  ];
  const [filter, packed, back, packedGradient] = [
    machine.allocate(packedBytes(36, filters)),
    machine.allocate(panelBytes(width, classes)),
    machine.allocate(panelBytes(classes, width)),
    machine.allocate(panelBytes(rows, classes)),
  ];
  const pairs = machine.allocate(pairBytes(width, rows, rows));
  const [h, scores, p, dz, dh] = [
    room(rows * width),
    room(rows * 10),
    room(rows * 10),
    room(rows * 10),
    room(rows * width),
  ];
  const [dw, partials, dk, losses] = [room(width * classes), room(stride * 11), room(stride), room(rows)];
  const total = machine.put(Float64Array.of(0));
  const state = machine.put(Int32Array.of(1, 2, 3, 4));
  const labels = machine.put(Uint8Array.from({ length: rows }, (_, i) => i % classes));
  const labelled = { labels, labelBytes: 1, n: perRow(1), classes };
  const up = { upstream: machine.put(Float32Array.of(1 / rows)), upstreamStride: 0 };
  const instructions = [
    call("packB", { x: kernel, y: filter, k: 36, n: filters, stride: filters, count: 1 }, false),
    call("packPanels", { x: weights, y: packed, k: width, n: classes, stride: classes }, false),
    call("packPanels", { x: weights, y: back, k: classes, n: width, stride: classes, transposed: 1 }),
    call("conv2dForward", { x, filter, y: h, relu: 1, filters, ...picture, block: 8, runsBlock: 1 }),
    call("dropout", { x: h, y: h, state, stream: 5, ...dropoutWords(0.4), n: perRow(width) }),
    call("gemm", {
      a: h,
      b: packed,
      c: scores,
      m: perRow(1),
      n: classes,
      k: width,
      aStride: width,
      cStride: classes,
      ...gemmBlocks(perRow(1), classes, width, rows),
    }),
    call("softmax", { x: scores, y: p, n: perRow(1), length: classes }),
    call("sparseCategoricalCrossentropy", { p, loss: losses, epsilon: 1e-7, ...labelled }, false),
    call("softmaxCrossentropyGradient", { p, dz, epsilon: 1e-7, ...labelled, ...up }),
    call("accumulate", { x: losses, accumulator: total, type: elementTypes.float32, n: perRow(1) }, false),
    call("packPanels", { x: dz, y: packedGradient, k: perRow(1), n: classes, stride: classes }, false),
    call("packPairs", { a: h, y: pairs, m: width, k: perRow(1), aStride: width, transposed: 1, kBlock: rows }),
    call("gemm", {
      a: dz,
      b: back,
      c: dh,
      m: perRow(1),
      n: width,
      k: classes,
      aStride: classes,
      cStride: width,
      ...gemmBlocks(perRow(1), width, classes, rows),
    }),
    call(
      "gemm",
      {
        a: h,
        pairs,
        b: packedGradient,
        c: dw,
        m: width,
        n: classes,
        k: perRow(1),
        aStride: width,
        cStride: classes,
        transposed: 1,
        ...gemmBlocks(width, classes, perRow(1), rows),
        kBlock: rows,
      },
      false,
    ),
    call("conv2dFilterGradient", { x, dy: dh, partials, filters, ...picture, chunk, block: 32 }),
    call("reducePartials", { partials, y: dk, n: stride, stride, units: perRow(36), chunk }),
  ];
  const outputs = [
    [total, 8],
    [dw, width * classes * 4],
    [dk, stride * 4],
  ] as const;
  // The same rows again and again: only the last step has fewer.
  return { instructions, outputs, options: { rows: 5 * rows - 2, batch: rows } };
}

/** The sections of a module by id: the number their content begins with, and the content. */
function sectionsOf(bytes: Uint8Array): Map<number, { count: number; bytes: Uint8Array }> {
  const sections = new Map<number, { count: number; bytes: Uint8Array }>();
  const reader = new ModuleReader(bytes, 8);
  while (reader.at < bytes.length) {
    const id = reader.byte();
    const length = reader.number();
    const end = reader.at + length;
    const content = bytes.subarray(reader.at, end);
    sections.set(id, { count: reader.number(), bytes: content });
    reader.at = end;
  }
  return sections;
}

/** The bytes of code of each exported function. */
function bodiesOf(bytes: Uint8Array): Map<string, number> {
  const sections = sectionsOf(bytes);
  const code = new ModuleReader(sections.get(10)!.bytes);
  const lengths = Array.from({ length: code.number() }, () => {
    const length = code.number();
    code.at += length;
    return length;
  });
  const imported = WebAssembly.Module.imports(new WebAssembly.Module(unshared(bytes)));
  const first = imported.filter(({ kind }) => kind === "function").length;
  const exports = new ModuleReader(sections.get(7)!.bytes);
  const bodies = new Map<string, number>();
  for (let left = exports.number(); left > 0; left--) {
    const nameLength = exports.number();
    const name = new TextDecoder().decode(exports.bytes.subarray(exports.at, exports.at + nameLength));
    exports.at += nameLength;
    const isFunction = exports.byte() === 0;
    const index = exports.number();
    if (isFunction) bodies.set(name, lengths[index - first]!);
  }
  return bodies;
}

class ModuleReader {
  constructor(
    readonly bytes: Uint8Array,
    public at = 0,
  ) {}

  byte(): number {
    return this.bytes[this.at++]!;
  }

  /** An unsigned LEB128. */
  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  }
}
