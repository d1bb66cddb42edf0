/**
 * The compiled modules: which of the two this machine runs, where their bytes come from, and how its multiply-add
 * rounds. Compiled once a process. Not here: instances, which live in the workers.
 */

import { EngineError } from "../../core/errors.js";
import { builtin } from "../../platform/builtin.js";
import { currentPlatform } from "../../platform/current.js";
import type { Asset } from "./configure.js";
import { configuredAsset } from "./configure.js";
import { unshared } from "./unshared.js";

/** The two modules built from one source. */
export type ModuleName = "baseline" | "relaxed";

/** A module ready to be instantiated. */
export interface CompiledModule {
  readonly name: ModuleName;
  readonly module: WebAssembly.Module;
  /** How a sum of products rounds; results are bit-identical only under the same value. */
  readonly simd: "baseline" | "relaxed-fused" | "relaxed-unfused";
}

const loaded = new Map<string, Promise<CompiledModule>>();

/**
 * The module of this name, or with "auto" the relaxed one where it validates; with `shared` false, for a memory that is
 * not shared.
 * @throws EngineError where the file is missing or this runtime cannot run it.
 */
export function loadModule(choice: "auto" | ModuleName, shared = true): Promise<CompiledModule> {
  // The addresses belong to the key: `configure` may name others later.
  const key = [choice, String(shared), addressOf("relaxed"), addressOf("baseline")].map(keyOf).join(" ");
  let module = loaded.get(key);
  if (module === undefined) {
    module = load(choice, shared ? (bytes) => bytes : unshared);
    loaded.set(key, module);
    module.catch(() => loaded.delete(key));
  }
  return module;
}

async function load(
  choice: "auto" | ModuleName,
  variant: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>,
): Promise<CompiledModule> {
  if (choice !== "baseline") {
    const bytes = await bytesOf("relaxed");
    if (validates(bytes)) {
      const module = await compile(variant(bytes));
      return { name: "relaxed", module, simd: fuses() ? "relaxed-fused" : "relaxed-unfused" };
    }
    if (choice === "relaxed") {
      throw new EngineError('wasm: this runtime has no relaxed SIMD; use module "baseline" or "auto".');
    }
  }
  const bytes = await bytesOf("baseline");
  if (!WebAssembly.validate(bytes)) {
    throw new EngineError(
      "wasm: this runtime lacks WebAssembly SIMD or threads; a browser from 2023 on or Node 20.19 has both.",
    );
  }
  return { name: "baseline", module: await compile(variant(bytes)), simd: "baseline" };
}

/** Whether the relaxed module can run here; in a Node that knows relaxed SIMD but has it off, it is turned on. */
function validates(bytes: Uint8Array<ArrayBuffer>): boolean {
  if (WebAssembly.validate(bytes)) return true;
  if (!currentPlatform().environment.isNode) return false;
  try {
    builtin("node:v8").setFlagsFromString("--experimental-wasm-relaxed-simd");
  } catch {
    return false;
  }
  return WebAssembly.validate(bytes);
}

function addressOf(name: ModuleName): Asset {
  const configured = configuredAsset(name);
  if (configured !== undefined) return configured;
  // Both addresses in full: bundlers look for exactly this form.
  return name === "relaxed"
    ? new URL("./modules/relaxed.wasm", import.meta.url)
    : new URL("./modules/baseline.wasm", import.meta.url);
}

const keys = new WeakMap<object, number>();
let nextKey = 0;

function keyOf(asset: Asset): string {
  if (typeof asset === "string" || asset instanceof URL) return String(asset);
  if (!keys.has(asset)) keys.set(asset, nextKey++);
  return `bytes ${keys.get(asset)}`;
}

async function bytesOf(name: ModuleName): Promise<Uint8Array<ArrayBuffer>> {
  const asset = addressOf(name);
  if (asset instanceof Uint8Array) return Uint8Array.from(asset);
  if (asset instanceof ArrayBuffer) return new Uint8Array(asset);
  try {
    const bytes = await bytesAt(new URL(asset));
    if (!isModule(bytes)) throw new Error("what lies there is no WebAssembly module");
    return bytes;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EngineError(
      `wasm: cannot load ${asset}: ${reason}. Run the build, have the bundler leave fovea's files together ` +
        '(Vite before 8: optimizeDeps: { exclude: ["fovea"] }), or name another place with configure({ assets }).',
      { cause },
    );
  }
}

async function bytesAt(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  if (url.protocol === "file:" && !currentPlatform().environment.isBrowser) {
    return Uint8Array.from(await currentPlatform().files.readFile(url));
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Whether it begins as modules do; many servers answer with a page where there is no such file. */
function isModule([a, b, c, d]: Uint8Array): boolean {
  return a === 0 && b === 0x61 && c === 0x73 && d === 0x6d;
}

async function compile(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw new EngineError(`wasm: the module does not compile: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Whether relaxed_madd rounds once here. (1 + 2^-12)(1 - 2^-12) - 1 is -2^-24 if it does; rounded twice the product is
 * 1 and the sum 0.
 */
function fuses(): boolean {
  const { madd } = new WebAssembly.Instance(new WebAssembly.Module(maddModule)).exports;
  return (madd as (a: number, b: number, c: number) => number)(1 + 2 ** -12, 1 - 2 ** -12, -1) !== 0;
}

/** (func (export "madd") (param f32 f32 f32) (result f32) lane 0 of f32x4.relaxed_madd of the three splats). */
// biome-ignore format: one line a section
const maddModule = new Uint8Array([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
  1, 8, 1, 0x60, 3, 0x7d, 0x7d, 0x7d, 1, 0x7d,
  3, 2, 1, 0,
  7, 8, 1, 4, 0x6d, 0x61, 0x64, 0x64, 0, 0,
  10, 22, 1, 20, 0, 0x20, 0, 0xfd, 0x13, 0x20, 1, 0xfd, 0x13, 0x20, 2, 0xfd, 0x13, 0xfd, 0x85, 2, 0xfd, 0x1f, 0, 0x0b,
]);
