/** Engines for tests, closed after each; and a call that only works if the engine does. */

import { afterEach, expect } from "vitest";
import type { EngineSettings } from "../../src/backends/wasm/settings.js";
import { WasmBackend } from "../../src/backends/wasm/wasm-backend.js";
import type { Graph } from "../../src/graph/graph.js";
import { input } from "../../src/graph/leaves.js";
import { ops } from "../../src/graph/ops/index.js";

const open: WasmBackend[] = [];
afterEach(() => Promise.all(open.splice(0).map((backend) => backend.close())));

/** An engine of two threads that all take part, however small the program. */
export function engine(settings: Partial<EngineSettings> = {}): WasmBackend {
  const backend = new WasmBackend({ threads: 2, module: "auto", shared: true, threadCost: 1, ...settings });
  open.push(backend);
  return backend;
}

/** Doubles rows; a call that only works if the engine does. */
export async function works(backend: WasmBackend): Promise<void> {
  const x = input("x", [null, 3], "float32");
  const graph: Graph = { name: "double", outputs: { y: ops.add([x, x]) }, effects: [] };
  const program = await backend.lower(graph, { capacity: 4, variables: new Map() });
  const from = await backend.allocate("float32", [6, 3]);
  const to = await backend.allocate("float32", [6, 3]);
  const values = Float32Array.from({ length: 18 }, (_, i) => i);
  await backend.write(from, values);
  const job = { inputs: { x: { buffer: from } }, outputs: { y: { buffer: to } }, rows: 6, batch: 4 };
  expect(await backend.run(program, job)).toMatchObject({ steps: 2, finite: true });
  expect(await backend.read(to)).toEqual(values.map((v) => 2 * v));
  backend.release(program);
  backend.free(from, to);
}
