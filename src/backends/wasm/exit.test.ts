/**
 * How a process ends that uses the engine: by itself when all is done, never before, never with anything on stderr.
 * Each case is a script in a process of its own.
 */

import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileSources } from "../../../test/support/compiled-sources.js";

let folder: string;
beforeAll(async () => {
  folder = await compileSources(["core", "platform", "graph", "backends"]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What every script begins with: an engine and `fit`, some steps of a product on all threads, of jobs by `prepared`. */
const opening = `
import { wasmBackend } from "./backends/wasm/index.js";
import { input, read } from "./graph/leaves.js";
import { ops } from "./graph/ops/index.js";
import { Variable } from "./graph/tensor.js";
const backend = wasmBackend({ threads: 2 });
const w = new Variable("w", [300, 300], "float32");
async function prepared(count) {
  const x = input("x", [null, 300], "float32");
  const buffers = new Map([[w, await backend.allocate("float32", [300, 300])]]);
  const rows = await backend.allocate("float32", [count, 300]);
  const y = ops.matmul([x, read(w)], { transposeA: false, transposeB: false });
  const graph = { name: "fit", outputs: { y: ops.relu([y]) }, effects: [] };
  const program = await backend.lower(graph, { capacity: 64, variables: buffers });
  return () => backend.run(program, { inputs: { x: { buffer: rows } }, rows: count, batch: 64 });
}
async function fit(jobs, count = 640) {
  const job = await prepared(count);
  for (let i = 0; i < jobs; i++) await job();
  console.log("trained");
}
`;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
  readonly milliseconds: number;
}

let scripts = 0;

function run(script: string): Promise<Ended> {
  const file = join(folder, `script${scripts++}.js`);
  writeFileSync(file, opening + script);
  return new Promise((resolve) => {
    const start = performance.now();
    const child = spawn(process.execPath, [file], { env: { ...process.env, NODE_OPTIONS: "" } });
    let out = "";
    let error = "";
    child.stdout.on("data", (text) => {
      out += text;
    });
    child.stderr.on("data", (text) => {
      error += text;
    });
    const late = setTimeout(() => child.kill("SIGKILL"), 30_000);
    child.on("close", (code) => {
      clearTimeout(late);
      resolve({ code, out, error, milliseconds: performance.now() - start });
    });
  });
}

describe("a process", () => {
  it("whose only pending thing is a fit runs it to its end, then ends", async () => {
    expect(await run("await fit(20);")).toMatchObject({ code: 0, out: "trained\n", error: "" });
  });

  it("that awaits nothing still finishes what it began", async () => {
    expect(await run("void fit(20);")).toMatchObject({ code: 0, out: "trained\n", error: "" });
  });

  it("ends after a pause in which the engine is idle", async () => {
    const script =
      'await fit(2); await new Promise((done) => setTimeout(done, 300)); await fit(2); console.log("end");';
    expect(await run(script)).toMatchObject({ code: 0, out: "trained\ntrained\nend\n", error: "" });
  });

  it("is told of a worker that was killed, and can go on", async () => {
    const script = `
      // The first that it says is that it has started.
      process.once("worker", (worker) => worker.once("message", () => setTimeout(() => worker.terminate(), 300)));
      const failure = await fit(100000, 12800).catch((error) => error);
      console.log(failure.name, /a worker died/.test(failure.message));
      await fit(2);`;
    expect(await run(script)).toMatchObject({ code: 0, out: "EngineError true\ntrained\n", error: "" });
  });

  it("does not need a worker that was killed for programs that are small", async () => {
    const script = `
      const killed = new Promise((resolve) => process.once("worker", resolve));
      const job = await prepared(64);
      await job();
      const worker = await killed;
      let sent = 0;
      const { postMessage } = worker;
      worker.postMessage = (message) => {
        sent += Number(message.kind === "run");
        postMessage.call(worker, message);
      };
      // In the midst of one that goes by messages it would be missed.
      for (let before = -1; before !== sent; ) {
        before = sent;
        for (let i = 0; i < 20; i++) await job();
      }
      await worker.terminate();
      for (let i = 0; i < 2000; i++) await job();
      console.log("done");`;
    expect(await run(script)).toMatchObject({ code: 0, out: "done\n", error: "" });
  });

  it("may be interrupted at once", async () => {
    const ended = await run("setTimeout(() => process.exit(7), 300); await fit(100000, 12800);");
    expect(ended).toMatchObject({ code: 7, out: "", error: "" });
    expect(ended.milliseconds).toBeLessThan(10_000);
  });

  it("that closes the engine ends too", async () => {
    expect(await run("await fit(2); await backend.close();")).toMatchObject({ code: 0, out: "trained\n", error: "" });
  });
});
