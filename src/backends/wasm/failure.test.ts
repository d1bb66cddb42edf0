import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { handmade } from "../../../test/support/handmade-program.js";
import { engine, works } from "../../../test/support/test-engine.js";
import { longMemory, trapBesideCheck } from "../../../test/support/trap-beside-check.js";
import { watchWorkers } from "../../../test/support/watch-workers.js";
import { DataError, EngineError, OptionError, StateError } from "../../core/errors.js";
import type { Graph } from "../../graph/graph.js";
import { constant, input, read } from "../../graph/leaves.js";
import { ops } from "../../graph/ops/index.js";
import { Variable } from "../../graph/tensor.js";
import type { Backend } from "../backend.js";
import type { Builder } from "./builder.js";
import { configure } from "./configure.js";

/** Work for seconds: products over the same memory, in stages that wait for each other. */
function longWork(builder: Builder): void {
  const [a, b] = [builder.scratch(4 * 256 * 256), builder.scratch(4 * 256 * 256)];
  for (const c of [builder.scratch(4 * 256 * 256), builder.scratch(4 * 256 * 256)]) {
    builder.emit("gemm", {
      a,
      b,
      c,
      m: 256,
      n: 256,
      k: 256,
      aStride: 256,
      cStride: 256,
      mBlock: 64,
      nBlock: 64,
      kBlock: 256,
    });
    builder.emit("unary", { x: c, y: a, op: 0, n: 256 * 256 });
  }
}

describe.each([true, false])("a trap, memory shared: %s", (shared) => {
  it.each([1, 2])("is reported with its kernel, and the next call works; threads asked for: %d", async (threads) => {
    const backend = engine({ threads: shared ? threads : 1, shared });
    await works(backend);
    const kept = await backend.allocate("int32", [3]);
    await backend.write(kept, Int32Array.of(1, 2, 3));
    const program = await backend.load(
      handmade("broken", (builder) => {
        const x = builder.scratch(400);
        builder.emit("fill", { y: x, value: 1, n: 100 });
        builder.emit("unary", { x, y: x, op: 0, n: 100 });
        builder.emit("crash", {});
      }),
    );
    for (let again = 0; again < 2; again++) {
      const failure = backend.run(program, { rows: 5, batch: 1 });
      await expect(failure).rejects.toThrow(EngineError);
      await expect(failure).rejects.toThrow(
        /kernel trapped in kernel crash \(broken\) of program "broken": unreachable/,
      );
      expect(await backend.read(kept)).toEqual(Int32Array.of(1, 2, 3));
      await works(backend);
    }
  });
});

describe("a worker that dies", () => {
  it.each([0, 1])("in the middle of a job rejects it and releases the others; worker %d", async (which) => {
    const workers = watchWorkers();
    const backend = engine();
    await works(backend);
    const kept = await backend.allocate("int32", [3]);
    await backend.write(kept, Int32Array.of(1, 2, 3));
    const program = await backend.load(handmade("long", longWork));
    const job = backend.run(program, { rows: 1_000_000, batch: 1 });
    const behind = works(backend);
    setTimeout(() => void workers[which]!.terminate(), 150);
    await expect(job).rejects.toThrow(EngineError);
    await expect(job).rejects.toThrow(/a worker died .*program "long".*What this job wrote is unknown/);
    await behind;
    expect(await backend.read(kept)).toEqual(Int32Array.of(1, 2, 3));
    expect(workers.length).toBeGreaterThan(2);
  });

  it("while nothing runs is replaced", async () => {
    const workers = watchWorkers();
    const backend = engine();
    await works(backend);
    await workers[1]!.terminate();
    await works(backend);
    expect(workers).toHaveLength(4);
  });

  it("while nothing runs takes the memory along that it owned", async () => {
    const workers = watchWorkers();
    const backend = engine({ shared: false, threads: 1 });
    const lost = await backend.allocate("int32", [3]);
    const read = backend.read(lost);
    const ended = workers[0]!.terminate();
    await expect(read).rejects.toThrow(/a worker died: it ended with code 1/);
    await ended;
    await expect(backend.read(lost)).rejects.toThrow(/int32 \[3\] is gone: the engine was closed, or its worker died/);
    await works(backend);
    await workers[1]!.terminate();
    await works(backend);
    expect(workers).toHaveLength(3);
  });

  it("at its start is reported, and the next call works", async () => {
    const backend = engine();
    configure({ assets: { worker: new URL("./nowhere.js", import.meta.url) } });
    await expect(works(backend)).rejects.toThrow(/a worker did not start: .*nowhere\.js/);
    configure({ assets: {} });
    await works(backend);
  });

  it.each([true, false])("without a word is found out by its silence; memory shared: %s", async (shared) => {
    const folder = mkdtempSync(join(tmpdir(), "fovea-silent-"));
    const source = readFileSync(new URL("./worker.js", import.meta.url), "utf8");
    // Loops for ever instead of running anything.
    const silent = source.replace("execute(control, program, thread, scratch);", "for (;;);");
    expect(silent).not.toBe(source);
    writeFileSync(join(folder, "worker.mjs"), silent);
    const backend = engine({ shared, threads: shared ? 2 : 1, silence: 60 });
    configure({ assets: { worker: pathToFileURL(join(folder, "worker.mjs")) } });
    const failure = works(backend);
    await expect(failure).rejects.toThrow(/a worker died of program "double": it does not answer/);
    configure({ assets: {} });
    await works(backend);
    rmSync(folder, { recursive: true });
  });

  it("takes memory with it that it owned; a later call starts anew", async () => {
    const workers = watchWorkers();
    const backend = engine({ shared: false, threads: 1 });
    const lost = await backend.allocate("int32", [3]);
    const program = await backend.load(handmade("long", longWork));
    const job = backend.run(program, { rows: 1_000_000, batch: 1 });
    setTimeout(() => void workers[0]!.terminate(), 150);
    await expect(job).rejects.toThrow(/a worker died/);
    await expect(backend.read(lost)).rejects.toThrow(/the engine was closed, or its worker died/);
    backend.free(lost);
    await works(backend);
  });
});

describe("a number that is not finite", () => {
  const weight = new Variable("w", [3], "float32");
  const rate = new Variable("rate", [], "float32");
  const other = new Variable("other", [], "float32");
  /** w -= rate * the mean row; the gradient of row 5 is infinite. */
  async function descend(backend: Backend, checked: boolean) {
    const x = input("x", [null, 3], "float32");
    const g = ops.reduceSum([x], { axes: [0], keepDims: false });
    const loss = ops.reduceSum([g], { axes: [0], keepDims: false });
    const graph: Graph = {
      name: "descend",
      outputs: {},
      effects: [
        ...(checked ? [ops.checkFinite([loss], { what: "loss" })] : []),
        ops.sgdUpdate([read(weight), g, read(rate)]),
        ops.assign([read(other), ops.add([read(other), constant(1)])]),
      ],
    };
    const variables = new Map();
    for (const variable of [weight, rate, other]) {
      variables.set(variable, await backend.allocate("float32", variable.shape));
    }
    await backend.write(variables.get(rate), Float32Array.of(1));
    const rows = await backend.allocate("float32", [12, 3]);
    const values = new Float32Array(36).fill(1);
    values[16] = Number.POSITIVE_INFINITY;
    await backend.write(rows, values);
    const program = await backend.lower(graph, { capacity: 2, variables });
    const run = (firstRow: number, count: number) =>
      backend.run(program, { inputs: { x: { buffer: rows, firstRow } }, rows: count, batch: 1 });
    return { run, read: (variable: Variable) => backend.read(variables.get(variable)) };
  }

  it("in the loss ends the job before anything is written", async () => {
    const { run, read: now } = await descend(engine(), true);
    expect(await run(0, 12)).toEqual({ steps: 5, finite: false });
    expect(await now(weight)).toEqual(Float32Array.of(-5, -5, -5));
    expect(await now(other)).toEqual(Float32Array.of(5));
    expect(await run(6, 6)).toEqual({ steps: 6, finite: true });
    expect(await now(weight)).toEqual(Float32Array.of(-11, -11, -11));
  });

  it("is outranked by a trap in another thread, also one that comes later", async () => {
    const backend = engine();
    await longMemory(backend);
    const program = await backend.load(handmade("both", trapBesideCheck));
    for (let again = 0; again < 5; again++) {
      await expect(backend.run(program, { rows: 1, batch: 1 })).rejects.toThrow(
        /a kernel trapped in kernel checkFinite \(both\) of program "both": /,
      );
      await works(backend);
    }
  });

  it("in a gradient ends the job at its step", async () => {
    const { run } = await descend(engine(), false);
    expect(await run(0, 12)).toEqual({ steps: 5, finite: false });
    expect((await run(4, 2)).steps).toBe(0);
  });
});

afterEach(() => configure({ assets: {} }));

describe("calls", () => {
  it("refuse what is wrong", async () => {
    const backend = engine({ threads: 1 });
    const buffer = await backend.allocate("float32", [4]);
    await expect(backend.write(buffer, Int32Array.of(1))).rejects.toThrow(DataError);
    await expect(backend.write(buffer, new Float32Array(5))).rejects.toThrow(/5 elements from element 0 on do not fit/);
    await expect(backend.read(buffer, 3, 2)).rejects.toThrow(DataError);
    await expect(backend.allocate("int8" as never, [1])).rejects.toThrow(OptionError);
    await expect(backend.allocate("int32", [-1])).rejects.toThrow(OptionError);
    const other = engine({ threads: 1 });
    await expect(other.read(buffer)).rejects.toThrow(StateError);
    const graph: Graph = { name: "w", outputs: { y: read(new Variable("w", [4], "float32")) }, effects: [] };
    await expect(backend.lower(graph, { capacity: 1, variables: new Map() })).rejects.toThrow(/"w" has no buffer/);
    await expect(backend.lower(graph, { capacity: 0, variables: new Map() })).rejects.toThrow(OptionError);
  });

  it("after close start anew, without what was there before", async () => {
    const backend = engine();
    const buffer = await backend.allocate("float32", [4]);
    await works(backend);
    await backend.close();
    await expect(backend.read(buffer)).rejects.toThrow(StateError);
    backend.free(buffer);
    await works(backend);
  });

  it("cost little: a small job takes well under a millisecond", async () => {
    const backend = engine({ threads: 1 });
    const program = await backend.load(
      handmade("small", (builder) => builder.emit("fill", { y: builder.scratch(4), value: 1, n: 1 })),
    );
    const times: number[] = [];
    for (let i = 0; i < 300; i++) {
      const start = performance.now();
      await backend.run(program, { rows: 1, batch: 1 });
      times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    expect(times[150]).toBeLessThan(1);
  });
});
