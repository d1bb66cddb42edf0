/**
 * Model files in a real Chromium: from bytes and from a URL a page makes the model that Node makes, whose predictions are
 * the same to the bit, and it refuses a file that was altered. What else is in model files: model-file.test.ts.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fromTyped, loadModel, type NDArray } from "fovea";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createBackend } from "../src/backends/registry.js";
import { launchChromium } from "./browser/chromium.mjs";
import { openPage, type TestPage } from "./browser/page.js";
import { serve } from "./browser/server.mjs";
import { large } from "./support/saved-models.js";

const inputs = {
  picture: { data: Array.from({ length: 180 }, (_, i) => (i * 37) % 256), shape: [5, 6, 6, 1], dtype: "uint8" },
  1: { data: Array.from({ length: 10 }, (_, i) => Math.fround(Math.sin(i))), shape: [5, 2], dtype: "float32" },
} as const;

interface Answer {
  readonly predicted: Readonly<Record<string, readonly number[]>>;
  readonly saved: readonly number[];
}

const folder = mkdtempSync(path.join(tmpdir(), "fovea-browser-models-"));
let browser: Browser;
let server: Awaited<ReturnType<typeof serve>>;
let page: TestPage;
let file: Uint8Array;
beforeAll(async () => {
  const backend = createBackend({ backend: "wasm", threads: 1 });
  file = await large(backend).toBytes();
  await backend.close();
  writeFileSync(path.join(folder, "large.safetensors"), file);
  writeFileSync(path.join(folder, "altered.safetensors"), altered(file.length - 1));
  browser = await launchChromium();
  const pages = path.join(import.meta.dirname, "browser", "pages");
  const dist = path.join(import.meta.dirname, "..", "dist");
  server = await serve({ folders: { "/": pages, "/dist/": dist, "/models/": folder }, isolated: true });
  page = await openPage(browser, `${server.url}/blank.html`);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  rmSync(folder, { recursive: true });
});

function altered(at: number): Uint8Array {
  const bytes = file.slice();
  bytes[at]! ^= 1;
  return bytes;
}

/** What Node says to the same. */
async function answerOfNode(module: "relaxed" | "baseline"): Promise<Answer> {
  const backend = createBackend({ backend: "wasm", module, threads: 1 });
  const model = await loadModel(file, { backend });
  const { picture, 1: number } = inputs;
  const predicted = (await model.predict({
    picture: fromTyped(Uint8Array.from(picture.data), picture.shape, "uint8"),
    1: fromTyped(Float32Array.from(number.data), number.shape, "float32"),
  })) as Readonly<Record<string, NDArray>>;
  const saved = await model.toBytes();
  await backend.close();
  return {
    predicted: Object.fromEntries(Object.entries(predicted).map(([name, { data }]) => [name, [...data]])),
    saved: [...saved],
  };
}

it.each(
  (["url", "bytes"] as const).flatMap((how) =>
    (["relaxed", "baseline"] as const).map((module) => [how, module] as const),
  ),
)(
  "a page's model of a file's %s predicts, and is saved, to the bit as Node's on the %s module",
  async (how, module) => {
    const expected = await answerOfNode(module);
    expect(Object.keys(expected.predicted).sort()).toEqual(["0", "kind"]);
    expect(expected.predicted.kind).toHaveLength(15);
    const url = `${server.url}/models/large.safetensors`;
    const found = await page.call<Answer>("/model-file.js", "predict", url, how, inputs, { threads: 2, module });
    expect(found).toEqual(expected);
  },
);

it("a file with a byte changed anywhere is refused in a page as in Node", async () => {
  const text = new TextDecoder("latin1").decode(file);
  const places = [file.length - 1, text.indexOf('"sha256":"') + 10, text.indexOf("golden") + 30];
  for (const at of places) {
    const refusal = await page.call<string>("/model-file.js", "refusal", "/models/large.safetensors", at);
    expect(refusal).toMatch(/^FormatError: model: its checksum is not that of its content/);
    expect(refusal).toBe(String(await loadModel(altered(at)).catch((error) => error)));
  }
  const url = `${server.url}/models/altered.safetensors`;
  const refusal = await page.call<string>("/model-file.js", "refusal", url);
  expect(refusal).toMatch(/^FormatError: http.*altered\.safetensors: its checksum is not that of its content/);
});

it("a file that is not there is refused by its URL", async () => {
  const url = `${server.url}/models/none.safetensors`;
  const refusal = await page.call<string>("/model-file.js", "refusal", url);
  expect(refusal).toMatch(/^FileError: .*none\.safetensors/);
  expect(server.missing).toEqual(["/models/none.safetensors"]);
});
