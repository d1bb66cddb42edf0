/**
 * The examples in docstrings run, and give what the comments beside them say: `f(x); // 3` is compared as a value,
 * `f(x); // OptionError: ...` as what is thrown, other comments are prose.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ModuleKind, ScriptTarget, transpileModule } from "typescript";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { configure as configureEngine } from "../src/backends/wasm/configure.js";
import * as nearest from "../src/core/options.js";
import * as random from "../src/core/random.js";
import * as graphLeaves from "../src/graph/leaves.js";
import { ops } from "../src/graph/ops/index.js";
import * as fovea from "../src/index.js";
import * as layerRoom from "../src/nn/define-layer.js";

const root = fileURLToPath(new URL("../src/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "fovea-examples-"));
// An example may name another place for the engine's files.
afterEach(() => configureEngine({ assets: {} }));
afterAll(() => rmSync(folder, { recursive: true }));

interface Example {
  readonly file: string;
  readonly line: number;
  readonly code: string;
}

/** The text behind each `@example` of a file, without the comment's own marks. */
function examplesOf(file: string): Example[] {
  const text = readFileSync(file, "utf8");
  const result: Example[] = [];
  for (const comment of text.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const body = comment[0].replace(/^\/\*\*|\*\/$/g, "").replace(/^[ \t]*\* ?/gm, "");
    for (const example of body.split(/^\s*@example/m).slice(1)) {
      const code = example.split(/^\s*@\w/m)[0]!.trim();
      result.push({ file, line: text.slice(0, comment.index).split("\n").length, code });
    }
  }
  return result;
}

const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter(
    (name) =>
      name.endsWith(".ts") && !name.endsWith(".test.ts") && !name.endsWith(".d.ts") && !name.includes("assembly"),
  )
  .map((name) => join(root, name));
const examples = files.flatMap(examplesOf);

/** Lines `code; // comment` become checks of the value that the comment names. */
function withChecks(code: string): string {
  return code
    .split("\n")
    .map((line) => {
      const found = /^(?!\s*(?:\/\/|const |let |await |\}|\)|return ))(.+?);\s+\/\/ (.+)$/.exec(line);
      return found === null ? line : `await __check(async () => (${found[1]}), ${JSON.stringify(found[2])});`;
    })
    .join("\n");
}

async function check(run: () => Promise<unknown>, comment: string): Promise<void> {
  const error = /^(\w+Error): (.*)$/.exec(comment);
  if (error !== null) {
    await expect(run()).rejects.toThrow(error[2]!.replace(/\s*\.\.\.$/, ""));
    return;
  }
  const value = await run();
  let expected: unknown;
  try {
    expected = new Function(`return (${comment});`)();
  } catch {
    return;
  }
  if (expected !== undefined) expect(value).toEqual(expected);
}

/** What the examples take for given; `inner` where they are about ops of graphs. */
function given(inner: boolean): Record<string, unknown> {
  const { layers, sequential, array } = fovea;
  const data = Float32Array.from({ length: 40 }, (_, i) => Math.sin(i));
  const x = array(data, { shape: [10, 4] });
  const y = array(Uint8Array.from({ length: 10 }, (_, i) => i % 3));
  const model = sequential([layers.input({ shape: [4] }), layers.dense({ units: 3, activation: "softmax" })], {
    seed: 7,
  });
  model.compile({ loss: "sparse_categorical_crossentropy", optimizer: "adam", metrics: ["accuracy"] });
  const pictures = array(
    Uint8Array.from({ length: 12 * 28 * 28 }, (_, i) => i % 251),
    { shape: [12, 28, 28] },
  );
  const output = { write: vi.fn(), isTTY: false, columns: 80, color: false };
  return {
    x,
    y,
    model,
    images: pictures,
    test: { images: x, labels: y },
    output,
    console: { log: vi.fn() },
    process: { exitCode: 0 },
    add: ops.add,
    multiply: ops.multiply,
    ops: inner ? ops : fovea.ops,
    graph: { name: "example", outputs: { y: ops.relu([graphLeaves.input("x", [null, 2], "float32")]) }, effects: [] },
    report: fovea.classificationReport([0, 1, 1], [0, 1, 0]),
  };
}

describe("examples in docstrings", () => {
  it("are there", () => {
    expect(examples.length).toBeGreaterThan(40);
  });

  it.each(examples.map((example) => [`${relative(root, example.file)}:${example.line}`, example] as const))(
    "%s",
    async (_, { file, code }) => {
      const own = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
      const context: Record<string, unknown> = {
        ...graphLeaves,
        ...layerRoom,
        ...nearest,
        ...random,
        ...fovea,
        ...given(relative(root, file).startsWith("graph")),
        ...own,
        __check: check,
      };
      const body = code.replace(/^import .*$/gm, "").replace(/^export /gm, "");
      const defined = new Set(
        [...body.matchAll(/(?:const|let|function)\s+(?:\{([^}]*)\}|(\w+))/g)].flatMap((m) =>
          (m[1] ?? m[2]!).split(/[\s,:]+/),
        ),
      );
      const names = Object.keys(context).filter((name) => !defined.has(name) && name !== "default");
      const { outputText } = transpileModule(`(async () => {\n${withChecks(body)}\n})`, {
        compilerOptions: { target: ScriptTarget.ES2022, module: ModuleKind.ESNext },
      });
      const run = new Function(...names, `return ${outputText.replace(/^"use strict";\s*/, "")}`) as (
        ...values: unknown[]
      ) => () => Promise<void>;
      await run(...names.map((name) => context[name]))();
    },
  );
});
