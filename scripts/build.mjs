/**
 * Builds the library into dist/: the WASM modules, then TypeScript with plain tsc, so that dist mirrors src. Files that
 * no source stands for any more are removed. Setup runs this under its lock; run by itself it builds in any case.
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { buildWasm } from "./build-wasm.mjs";
import { markBuilt, markUnbuilt, root, sourceHash } from "./stamp.mjs";

const dist = path.join(root, "dist");
const modules = path.join("backends", "wasm", "modules");

const hash = sourceHash();
fs.mkdirSync(dist, { recursive: true });
markUnbuilt();
await buildWasm();
const written = new Set([...compile(), ...copyModules()]);
removeStale(dist, written);
makeExecutable(path.join(dist, "cli", "main.js"));
markBuilt(hash);

/** @returns {string[]} the files that tsc wrote */
function compile() {
  const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
  const result = spawnSync(
    process.execPath,
    [tsc, "-p", "tsconfig.build.json", "--noEmitOnError", "--listEmittedFiles", "--pretty", "false"],
    { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 },
  );
  const lines = result.stdout.split(/\r?\n/);
  const emitted = lines.filter((line) => line.startsWith("TSFILE: ")).map((line) => path.resolve(line.slice(8)));
  if (result.status === 0) return emitted;
  process.stderr.write(lines.filter((line) => !line.startsWith("TSFILE: ")).join("\n") + result.stderr);
  process.exit(1);
}

/** @returns {string[]} the copies */
function copyModules() {
  const from = path.join(root, "src", modules);
  const to = path.join(dist, modules);
  fs.mkdirSync(to, { recursive: true });
  return fs
    .readdirSync(from)
    .filter((name) => name.endsWith(".wasm"))
    .map((name) => {
      fs.copyFileSync(path.join(from, name), path.join(to, name));
      return path.join(to, name);
    });
}

/**
 * @param {string} folder
 * @param {Set<string>} keep
 */
function removeStale(folder, keep) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      removeStale(file, keep);
      if (fs.readdirSync(file).length === 0) fs.rmdirSync(file);
    } else if (!keep.has(file)) {
      fs.rmSync(file);
    }
  }
}

/** @param {string} file */
function makeExecutable(file) {
  const shebang = "#!/usr/bin/env node\n";
  const text = fs.readFileSync(file, "utf8");
  if (!text.startsWith("#!")) fs.writeFileSync(file, shebang + text);
  fs.chmodSync(file, 0o755);
}
