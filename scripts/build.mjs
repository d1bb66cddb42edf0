/**
 * Builds the library into dist/: the WASM modules; the declarations with tsc, which mirror src; and the code with
 * rolldown, each room in one file. (Loading its 240 files one by one took Node over 100 ms and a page as many requests;
 * the same code in a few files takes 20 ms.) Files that no source stands for any more are removed. Setup runs this under
 * its lock; run by itself it builds in any case.
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { rolldown } from "rolldown";
import { buildWasm } from "./build-wasm.mjs";
import { markBuilt, markUnbuilt, root, sourceHash } from "./stamp.mjs";

const src = path.join(root, "src");
const dist = path.join(root, "dist");
const wasm = path.join("backends", "wasm");

/** What is imported from dist: the package's two, then what bench/ looks at. */
const entries = [
  "index",
  "cli/main",
  "cli/recipes/index",
  "graph/leaves",
  "graph/ops/index",
  "graph/tensor",
  "backends/wasm/profile",
];

/** The rooms that become one file, lower ones first: a room's file then never holds what belongs to one below. */
const rooms = ["core", "platform", "formats", "graph", "backends/reference", wasm.replaceAll("\\", "/"), "nn", "data"];
rooms.push("models", "evaluation");

const hash = sourceHash();
fs.mkdirSync(dist, { recursive: true });
markUnbuilt();
await buildWasm();
const written = new Set([...declare(), ...(await bundle()), ...copyAssets()]);
removeStale(dist, written);
makeExecutable(path.join(dist, "cli", "main.js"));
markBuilt(hash);

/** @returns {string[]} the declarations that tsc wrote */
function declare() {
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

/** @returns {Promise<string[]>} the code files */
async function bundle() {
  const build = await rolldown({
    input: Object.fromEntries(entries.map((name) => [name, path.join(src, `${name}.ts`)])),
    platform: "neutral",
    // Packages and Node's own modules are the user's.
    external: (id) => !id.startsWith(".") && !path.isAbsolute(id),
    resolve: { extensionAlias: { ".js": [".ts", ".js"] } },
    transform: { target: "es2022" },
    onLog: (_level, log) => {
      throw new Error(`rolldown: ${log.message}`);
    },
  });
  const { output } = await build.write({
    dir: dist,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: ({ moduleIds }) => (moduleIds.some((id) => isIn("cli", id)) ? "cli/[name].js" : "[name].js"),
    codeSplitting: {
      groups: [
        ...rooms.map((room, depth) => ({
          name: `${room}/room`,
          test: (/** @type {string} */ id) => isIn(room, id),
          priority: rooms.length - depth,
        })),
        { name: "library", test: (id) => isIn(".", id) && !isIn("cli", id), priority: 0 },
      ],
    },
  });
  await build.close();
  return output.map(({ fileName }) => path.join(dist, fileName));
}

/**
 * @param {string} room
 * @param {string} file
 */
function isIn(room, file) {
  return file.startsWith(path.join(src, room) + path.sep);
}

/** @returns {string[]} the copies of the worker and the modules, which lie beside the engine's code as in src */
function copyAssets() {
  const modules = fs.readdirSync(path.join(src, wasm, "modules")).filter((name) => name.endsWith(".wasm"));
  fs.mkdirSync(path.join(dist, wasm, "modules"), { recursive: true });
  return ["worker.js", ...modules.map((name) => path.join("modules", name))].map((name) => {
    const copy = path.join(dist, wasm, name);
    fs.copyFileSync(path.join(src, wasm, name), copy);
    return copy;
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
