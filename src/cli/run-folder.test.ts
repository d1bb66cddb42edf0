import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { checkRunFolder, writeRun } from "./run-folder.js";

let folder: string;
const at = (...parts: string[]) => path.join(folder, ...parts);
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "fovea-run-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("accepts a folder that is there, one that is not, and files to overwrite; and leaves no trace", () => {
  writeFileSync(at("report.json"), "old");
  checkRunFolder(folder, ["report.json"]);
  checkRunFolder(at("a", "b"), ["report.json"]);
  expect(readdirSync(folder)).toEqual(["report.json"]);
  expect(readFileSync(at("report.json"), "utf8")).toBe("old");
});

it("refuses a file in the way, at the end of the path or inside it", () => {
  writeFileSync(at("file"), "");
  for (const wanted of [at("file"), at("file", "a", "b")]) {
    expect(() => checkRunFolder(wanted, [])).toThrow(
      `Cannot write to ${wanted}: ${at("file")} is a file, not a folder. Give another folder with --out.`,
    );
  }
});

it("refuses a folder where a file is to go", () => {
  mkdirSync(at("report.json"));
  expect(() => checkRunFolder(folder, ["report.json"])).toThrow(`${at("report.json")} is a folder, not a file`);
});

if (process.platform === "linux") {
  it("finds out by writing that a folder cannot be written to", () => {
    expect(() => checkRunFolder("/proc/fovea", [])).toThrow(/^Cannot write to \/proc\/fovea: .+ \(E[A-Z]+\)\. Give/);
  });
}

it("makes the folder and writes every file whole", async () => {
  await writeRun(at("a", "b"), [
    { name: "text", contents: "one" },
    { name: "bytes", contents: Uint8Array.of(1, 2) },
  ]);
  expect(readdirSync(at("a", "b")).sort()).toEqual(["bytes", "text"]);
  expect([...readFileSync(at("a", "b", "bytes"))]).toEqual([1, 2]);
});

it("no signal or timer comes between the files", async () => {
  let seen = 0;
  const timer = setInterval(() => {
    seen = readdirSync(folder).length;
  }, 0);
  const immediate = new Promise<number>((resolve) => setImmediate(() => resolve(readdirSync(folder).length)));
  const contents = new Uint8Array(2_000_000);
  await writeRun(
    folder,
    [1, 2, 3, 4].map((n) => ({ name: `${n}`, contents })),
  );
  clearInterval(timer);
  expect(seen).toBe(0);
  expect(await immediate).toBe(4);
});
