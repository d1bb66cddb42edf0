import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, expect, it } from "vitest";
import { handmade } from "../../../test/support/handmade-program.js";
import { engine, works } from "../../../test/support/test-engine.js";
import type { Graph } from "../../graph/graph.js";
import { input } from "../../graph/leaves.js";
import { ops } from "../../graph/ops/index.js";
import { configure } from "./configure.js";
import type { WasmBackend } from "./wasm-backend.js";

// Small programs of several threads, in which the thread of the caller is one.

const folder = mkdtempSync(join(tmpdir(), "fovea-together-"));
afterEach(() => configure({ assets: {} }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Has workers run another line where they run a program. */
function workersThat(line: string): void {
  const source = readFileSync(new URL("./worker.js", import.meta.url), "utf8");
  const changed = source.replace("execute(control, program, thread, scratch);", line);
  expect(changed).not.toBe(source);
  const file = join(folder, "worker.mjs");
  writeFileSync(file, changed);
  configure({ assets: { worker: pathToFileURL(file) } });
}

/** Doubles rows in a few blocks that all threads share. */
async function doubling(backend: WasmBackend) {
  const rows = 4096;
  const x = input("x", [null, 16], "float32");
  const graph: Graph = { name: "double", outputs: { y: ops.add([x, x]) }, effects: [] };
  const program = await backend.lower(graph, { capacity: rows, variables: new Map() });
  const from = await backend.allocate("float32", [rows, 16]);
  const y = await backend.allocate("float32", [rows, 16]);
  let turn = 0;
  return async () => {
    const values = Float32Array.from({ length: rows * 16 }, (_, i) => i + turn);
    turn++;
    await backend.write(from, values);
    const job = { inputs: { x: { buffer: from } }, outputs: { y: { buffer: y } }, rows, batch: rows };
    await backend.run(program, job);
    expect(await backend.read(y)).toEqual(values.map((value) => 2 * value));
  };
}

it("the first thread is the caller's once kernels are compiled", async () => {
  // Thread 0 is asked of a worker three times, and then no more.
  workersThat(
    "if (thread === 0 && (globalThis.runs = (globalThis.runs ?? 0) + 1) > 3) throw new Error('not here'); $&",
  );
  const run = await doubling(engine());
  for (let i = 0; i < 50; i++) await run();
});

it("a trap is reported, whichever thread it is in, and the next call works", async () => {
  const backend = engine();
  const made = handmade(
    "sometimes",
    (builder) => {
      for (let i = 0; i < 8; i++) builder.emit("fill", { y: builder.scratch(400), value: 1, n: 100 });
      builder.begin({ op: "broken", output: "crash" });
      builder.emit("crash", {});
    },
    { outputs: ["crash"] },
  );
  const crash = { buffer: await backend.allocate("float32", [1]) };
  for (let again = 0; again < 10; again++) {
    const program = await backend.load(made);
    for (let i = 0; i < 4; i++) await backend.run(program, { rows: 1, batch: 1 });
    await expect(backend.run(program, { rows: 1, batch: 1, outputs: { crash } })).rejects.toThrow(
      /a kernel trapped in kernel crash \(broken\) of program "sometimes": unreachable/,
    );
    await backend.run(program, { rows: 1, batch: 1 });
    await works(backend);
  }
});

it("a worker that does not come is not waited for without end", async () => {
  // The worker that was thread 0 is thread 1 where the caller takes part: the second time it loops for ever.
  workersThat(`if (thread === 0) globalThis.first = true;
    if (thread === 1 && globalThis.first && (globalThis.runs = (globalThis.runs ?? 0) + 1) > 1) for (;;); $&`);
  const backend = engine({ patience: 300 });
  const run = await doubling(backend);
  for (let i = 0; i < 4; i++) await run();
  const start = performance.now();
  await expect(run()).rejects.toThrow(/a worker died.* of program "double": it did not come to a barrier/);
  expect(performance.now() - start).toBeLessThan(5_000);
  configure({ assets: {} });
  await run();
});
