import { afterEach, describe, expect, it, vi } from "vitest";
import { engine, works } from "../../../test/support/test-engine.js";
import { OptionError } from "../../core/errors.js";
import { input, read } from "../../graph/leaves.js";
import { ops } from "../../graph/ops/index.js";
import { Variable } from "../../graph/tensor.js";
import { currentPlatform } from "../../platform/current.js";
import { configure } from "./configure.js";
import { wasmBackend } from "./index.js";
import { profileOf } from "./profile.js";
import { unshared } from "./unshared.js";

const cores = currentPlatform().availableParallelism();

describe("describe", () => {
  it("says what computes, and nothing against it where nothing is", async () => {
    const backend = wasmBackend();
    const { name, threads, simd, memory, notes } = await backend.describe();
    expect(name).toBe("wasm");
    expect(threads).toBe(Math.min(16, cores));
    expect(memory.used).toBeLessThan(memory.reserved);
    expect(memory.reserved).toBeLessThanOrEqual(2 ** 20);
    expect(memory.limit).toBe(2 ** 32);
    expect(notes.filter((note) => !note.includes("fused multiply-add"))).toEqual([]);
    expect(simd).toMatch(/^relaxed/);
    await backend.close();
  });

  it("says why it is slower than it could be", async () => {
    const notesOf = async (settings: Parameters<typeof engine>[0]) =>
      (await engine(settings).describe()).notes.join(" ");
    expect(await notesOf({ shared: false, threads: 1 })).toMatch(
      /Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp/,
    );
    expect(await notesOf({ module: "baseline" })).toMatch(/without relaxed SIMD was asked for/);
    expect(await notesOf({ threads: cores + 1 })).toMatch(`${cores + 1} threads, but only ${cores} can run at once`);
    expect(await notesOf({ limits: [4096] })).toMatch("Its memory can grow to 256 MB only");
    if (cores > 1) expect(await notesOf({ threads: 1 })).toMatch(`It uses 1 of the ${cores} threads`);
  });

  it("is made of checked options", () => {
    expect(() => wasmBackend({ threads: 0 })).toThrow(OptionError);
    expect(() => wasmBackend({ threads: 17 })).toThrow(/threads must be a whole number from 1 to 16, received 17/);
    expect(() => wasmBackend({ module: "relaxd" as never })).toThrow(/did you mean "relaxed"/);
    expect(() => wasmBackend({ thread: 1 } as never)).toThrow(/did you mean "threads"/);
    expect(() => configure({ asset: "" } as never)).toThrow(OptionError);
    expect(() => configure({ debug: ["plans" as never] })).toThrow(/"plans" is not one of graph, plan, time/);
  });
});

describe("what is printed", () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  async function printed(): Promise<string> {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    await works(engine());
    return log.mock.calls.flat().join("\n");
  }

  it("is nothing unless it is asked for", async () => {
    expect(await printed()).toBe("");
  });

  it("is the graph, the plan and the times of FOVEA_DEBUG", async () => {
    vi.stubEnv("FOVEA_DEBUG", "graph,plan,time");
    const text = await printed();
    expect(text).toMatch(/graph "double"/);
    expect(text).toMatch(/plan of "double" for 4 rows: 2 calls in 2 stages, arena \d+ bytes/);
    expect(text).toMatch(/binary \(add\).*\n.*slot 0/);
    expect(text).toMatch(/double: 2 steps, [\d.]+ ms a step/);
    expect(text).toMatch(/ms +[\d.]+ % +copy \(output\)/);
  });

  it("is nothing where a job alone asks for its times, which it gets call by call", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const backend = engine();
    const weights = new Variable("weights", [3, 5], "float32");
    const variables = new Map([[weights, await backend.allocate("float32", [3, 5])]]);
    const x = input("x", [null, 3], "float32");
    const y = ops.matmul([x, read(weights)], { transposeA: false, transposeB: false });
    const program = await backend.lower({ name: "times", outputs: { y }, effects: [] }, { capacity: 4, variables });
    const rows = { buffer: await backend.allocate("float32", [6, 3]) };
    const job = { inputs: { x: rows }, outputs: { y: { buffer: await backend.allocate("float32", [6, 5]) } } };
    expect((await backend.run(program, { ...job, rows: 6, batch: 4 })).times).toBeUndefined();
    const { steps, times = [] } = await backend.run(program, { ...job, rows: 6, batch: 4, timed: true });
    expect(log).not.toHaveBeenCalled();
    expect(steps).toBe(2);
    const { calls, stages, arena } = profileOf(program, 4);
    expect(times.map(({ kernel }) => kernel)).toEqual(calls.map(({ name }) => name));
    for (const { milliseconds, waiting } of times) expect(waiting).toBeLessThanOrEqual(milliseconds);
    expect(Math.max(...times.map(({ milliseconds }) => milliseconds))).toBeGreaterThan(0);
    expect(calls.map(({ stage }) => stage).at(-1)).toBe(stages - 1);
    expect(calls.filter(({ flops }) => flops > 0)).toMatchObject([
      { name: "gemm (matmul)", flops: 2 * 4 * 3 * 5, multiplied: 2 * 4 * 3 * 5 },
    ]);
    expect(calls.at(-1)).toMatchObject({ name: "copy (output)", bytes: 2 * 4 * 5 * 4 });
    expect(arena).toBeGreaterThanOrEqual(4 * 5 * 4);
  });

  it("refuses an unknown word", async () => {
    vi.stubEnv("FOVEA_DEBUG", "times");
    await expect(printed()).rejects.toThrow(/FOVEA_DEBUG: "times" is not one of graph, plan, time/);
  });
});

describe("unshared", () => {
  it("refuses what imports no memory", () => {
    expect(() => unshared(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))).toThrow(/imports no memory/);
  });
});
