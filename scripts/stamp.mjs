/**
 * What setup compares to know that nothing has to be done: one stamp for the installed packages, one for the build.
 * A stamp is written last, so whatever was interrupted is done again. Node's built-ins only.
 */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root folder. */
export const root = fileURLToPath(new URL("..", import.meta.url));

const installedStamp = path.join(root, "node_modules", ".fovea-installed");
const builtStamp = path.join(root, "dist", ".built");
/** Written by the build itself. */
const generated = ["src/backends/wasm/modules", "src/backends/wasm/assembly/generated"];
const wasmModules = path.join(root, "src", "backends", "wasm", "modules");

/** What the build reads, besides src/. */
const buildFiles = [
  "package-lock.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "scripts/build.mjs",
  "scripts/build-wasm.mjs",
];

export function isInstalled() {
  return readOrEmpty(installedStamp) === installedHash();
}

export function markInstalled() {
  fs.writeFileSync(installedStamp, installedHash());
}

export function isBuilt() {
  return readOrEmpty(builtStamp) === sourceHash() && fs.existsSync(wasmModules);
}

export function markUnbuilt() {
  fs.rmSync(builtStamp, { force: true });
}

/** @param {string} hash the sourceHash() from before the build: an edit made while it ran is then built next time */
export function markBuilt(hash) {
  fs.writeFileSync(builtStamp, hash);
}

/** A hash over the names and bytes of everything that the build reads. */
export function sourceHash() {
  const hash = createHash("sha256");
  for (const file of [...buildFiles, ...listSources("src").sort()]) {
    const bytes = readIfThere(path.join(root, file));
    hash.update(`${file}\0${bytes?.length ?? "absent"}\0`);
    if (bytes !== undefined) hash.update(bytes);
  }
  return hash.digest("hex");
}

/** Packages depend on the lock file, and the optional ones on the platform and Node's ABI. */
function installedHash() {
  const lock = fs.readFileSync(path.join(root, "package-lock.json"));
  const major = process.versions.node.split(".")[0];
  return `${createHash("sha256").update(lock).digest("hex")} node${major} ${process.platform} ${process.arch}`;
}

/**
 * @param {string} folder relative to the root, with forward slashes
 * @returns {string[]}
 */
function listSources(folder) {
  /** @type {string[]} */
  const files = [];
  for (const entry of fs.readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!generated.includes(name)) files.push(...listSources(name));
    } else if (!entry.name.endsWith(".test.ts")) {
      files.push(name);
    }
  }
  return files;
}

/** @param {string} file */
function readOrEmpty(file) {
  return readIfThere(file)?.toString("utf8") ?? "";
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}
