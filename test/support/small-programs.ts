/** For tests of small programs, which the calling thread runs with the workers that stand by: one of them, and workers of another mind. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, expect } from "vitest";
import { configure } from "../../src/backends/wasm/configure.js";
import type { WasmBackend } from "../../src/backends/wasm/wasm-backend.js";
import type { Graph } from "../../src/graph/graph.js";
import { input } from "../../src/graph/leaves.js";
import { ops } from "../../src/graph/ops/index.js";

const folder = mkdtempSync(join(tmpdir(), "fovea-workers-"));
afterEach(() => configure({ assets: {} }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** Has workers that start from now on in this test have other texts in place of some in worker.js; $& in one stands for that. */
function changedWorkers(...changes: readonly (readonly [text: string, by: string])[]): void {
  let changed = readFileSync(new URL("../../src/backends/wasm/worker.js", import.meta.url), "utf8");
  for (const [text, by] of changes) {
    expect(changed).toContain(text);
    changed = changed.replace(text, by);
  }
  const file = join(folder, `worker${files++}.mjs`);
  writeFileSync(file, changed);
  configure({ assets: { worker: pathToFileURL(file) } });
}

const linger = ["LINGER_FOR = 1;", "LINGER_FOR = 20_000;"] as const;

/** Has workers run another line where they run a program, and stand by as those of workersThatLinger. */
export function workersThat(line: string): void {
  changedWorkers(["execute(control, program, thread, scratch);", line], linger);
}

/** Has workers stand by for many seconds, so that it is no matter of time who takes part. */
export function workersThatLinger(): void {
  changedWorkers(linger);
}

/** The same of workers that take their time on the way back from a program that they have left. */
export function workersThatDawdle(milliseconds: number): void {
  const back = "if (Atomics.compareExchange(standby, 0, GO, WAITING)";
  const late = `for (const back = performance.now(); performance.now() < back + ${milliseconds};);`;
  changedWorkers(linger, [back, `${late} ${back}`]);
}

/** A job that doubles rows in a few blocks, which all threads share. */
export async function doubling(backend: WasmBackend, rows = 4096) {
  const x = input("x", [null, 16], "float32");
  const graph: Graph = { name: "double", outputs: { y: ops.add([x, x]) }, effects: [] };
  const program = await backend.lower(graph, { capacity: rows, variables: new Map() });
  const from = await backend.allocate("float32", [rows, 16]);
  const values = Float32Array.from({ length: rows * 16 }, (_, i) => i);
  await backend.write(from, values);
  const place = () => backend.allocate("float32", [rows, 16]);
  let y = await place();
  return {
    /** So many runs, one close behind the other, so that workers stand by. With `timed` they go by messages. */
    async run(times: number, timed = false) {
      const job = { inputs: { x: { buffer: from } }, outputs: { y: { buffer: y } }, rows, batch: rows, timed };
      for (let i = 0; i < times; i++) await backend.run(program, job);
    },
    /** Whether the results are right, which are then written over. */
    async check() {
      const got = await backend.read(y);
      expect(values.findIndex((value, i) => got[i] !== 2 * value)).toBe(-1);
      await backend.write(y, new Float32Array(rows * 16));
    },
    /** Has results go to another place from now on. */
    async move() {
      y = await place();
    },
  };
}
