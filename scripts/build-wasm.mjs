/**
 * Builds the compute modules: src/backends/wasm/assembly compiled twice by AssemblyScript, without and with relaxed
 * SIMD, into src/backends/wasm/modules. The words of each kernel and the interpreter's switch are written from
 * kernels.ts first, so the two sides cannot disagree. Does nothing when the sources have not changed.
 * Not here: copying the modules into dist (build.mjs).
 *
 * Command line: node scripts/build-wasm.mjs [--force]
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const wasm = join(root, "src/backends/wasm");
const assembly = join(wasm, "assembly");
const generated = join(assembly, "generated");
const modules = join(wasm, "modules");
const stampFile = join(modules, "stamp.txt");

/** The modules by name and the features that each needs. */
const variants = { baseline: "simd,threads", relaxed: "simd,threads,relaxed-simd" };

/** The files of the kernel table: TypeScript that imports nothing but each other. */
function tableFiles() {
  const families = readdirSync(join(wasm, "kernels")).map((name) => `kernels/${name}`);
  return ["kernels.ts", "layout.ts", ...families.sort()].filter(
    (name) => name.endsWith(".ts") && !name.endsWith(".test.ts"),
  );
}

/** Hash of everything that the modules depend on. */
function sourceHash() {
  const hash = createHash("sha256");
  const files = readdirSync(assembly)
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .map((name) => join(assembly, name));
  const compiler = join(root, "node_modules/assemblyscript/package.json");
  for (const file of [
    ...files,
    ...tableFiles().map((name) => join(wasm, name)),
    fileURLToPath(import.meta.url),
    compiler,
  ]) {
    hash.update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

/** Runs the kernel table and returns its exports: compiled to JavaScript in a temporary folder, as Node 20 reads no types. */
async function loadKernelTable() {
  const { default: ts } = await import("typescript");
  const folder = mkdtempSync(join(tmpdir(), "fovea-kernels-"));
  try {
    mkdirSync(join(folder, "kernels"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    for (const name of tableFiles()) {
      const { outputText } = ts.transpileModule(readFileSync(join(wasm, name), "utf8"), {
        compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
      });
      writeFileSync(join(folder, name.replace(/\.ts$/, ".js")), outputText);
    }
    return await import(pathToFileURL(join(folder, "kernels.js")).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const fieldTypes = { address: "usize", int32: "i32", float32: "f32" };

/** One unmanaged class a kernel: its words as fields, a size as a method of the rows of the step. */
function wordsSource(kernels) {
  const lines = [
    "// Written by scripts/build-wasm.mjs from kernels.ts: the words of each kernel, in order. Do not edit.",
  ];
  for (const [name, { words }] of Object.entries(kernels)) {
    lines.push(`@unmanaged export class ${name[0].toUpperCase()}${name.slice(1)}Words {`);
    const methods = [];
    for (const [word, kind] of Object.entries(words)) {
      if (kind === "size") {
        lines.push(`  ${word}PerRow: i32;`, `  ${word}Fixed: i32;`);
        methods.push(`  @inline ${word}(rows: i32): i32 { return this.${word}PerRow * rows + this.${word}Fixed; }`);
      } else {
        lines.push(`  ${word}: ${fieldTypes[kind.replace("?", "")]};`);
      }
    }
    lines.push(...methods, "}");
  }
  return `${lines.join("\n")}\n`;
}

/** The interpreter's switch: one direct call a kernel. */
function dispatchSource(kernels) {
  const names = Object.keys(kernels);
  return `// Written by scripts/build-wasm.mjs from kernels.ts: from a kernel's id to its function. Do not edit.
import { ${names.join(", ")} } from "../kernels";

@inline export function call(kernel: i32, words: usize, tile: i32, rows: i32, scratch: usize): void {
  switch (kernel) {
${names.map((name) => `    case ${kernels[name].id}: ${name}(words, tile, rows, scratch); break;`).join("\n")}
    default: unreachable();
  }
}
`;
}

/** Writes under a temporary name, then renames: another process never sees half a file. */
function writeWhole(file, content) {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, file);
}

/** Compiles one module and returns its bytes. */
async function compile(features) {
  const { default: asc } = await import("assemblyscript/asc");
  /** @type {Uint8Array | undefined} */
  let binary;
  const { error, stderr } = await asc.main(
    [
      "index.ts",
      "--outFile",
      "module.wasm",
      "-O3",
      "--runtime",
      "stub",
      "--noAssert",
      "--importMemory",
      "--sharedMemory",
      "--initialMemory",
      "1",
      "--maximumMemory",
      "65536",
      // Functions that take or give vectors never leave the module.
      "--disableWarning",
      "112",
      "--enable",
      features,
    ],
    {
      readFile: (name, base) => {
        const file = join(assembly, base === "." ? "" : base, name);
        return existsSync(file) ? readFileSync(file, "utf8") : null;
      },
      writeFile: (_name, contents) => {
        if (typeof contents !== "string") binary = contents;
      },
      listFiles: () => [],
    },
  );
  const messages = stderr.toString();
  if (error || messages.includes("WARNING")) throw new Error(`assembly does not compile\n${messages}${error ?? ""}`);
  if (!binary) throw new Error("the AssemblyScript compiler wrote no module");
  return binary;
}

/**
 * Brings the modules up to date.
 * @param {{ force?: boolean }} [options] force: build although nothing has changed
 * @returns {Promise<boolean>} whether anything was built
 */
export async function buildWasm({ force = false } = {}) {
  const hash = sourceHash();
  const upToDate =
    existsSync(stampFile) &&
    readFileSync(stampFile, "utf8") === hash &&
    existsSync(generated) &&
    Object.keys(variants).every((name) => existsSync(join(modules, `${name}.wasm`)));
  if (upToDate && !force) return false;
  mkdirSync(generated, { recursive: true });
  mkdirSync(modules, { recursive: true });
  const { kernels } = await loadKernelTable();
  writeWhole(join(generated, "words.ts"), wordsSource(kernels));
  writeWhole(join(generated, "dispatch.ts"), dispatchSource(kernels));
  for (const [name, features] of Object.entries(variants)) {
    writeWhole(join(modules, `${name}.wasm`), await compile(features));
  }
  // The stamp comes last: a build that was interrupted is not taken for a whole one.
  writeWhole(stampFile, hash);
  return true;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const built = await buildWasm({ force: process.argv.includes("--force") });
  if (built) {
    for (const name of Object.keys(variants)) {
      console.log(`${name}.wasm ${readFileSync(join(modules, `${name}.wasm`)).length} bytes`);
    }
  }
}
