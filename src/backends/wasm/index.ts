/** The WASM backend: threads, SIMD, whole steps as programs. What a graph means is in graph/; the contract in backend.ts. */

import { OptionError } from "../../core/errors.js";
import { oneOf, optional, optionsOf, positiveInteger } from "../../core/options.js";
import { currentPlatform } from "../../platform/current.js";
import type { Backend } from "../backend.js";
import type { Assets } from "./configure.js";
import { configure } from "./configure.js";
import { MAX_THREADS } from "./layout.js";
import type { ModuleName } from "./module.js";
import { defaultThreads } from "./settings.js";
import { WasmBackend } from "./wasm-backend.js";

/** Options of an engine. */
export interface WasmOptions {
  /** Threads that compute: 1 to 16. Default: as many as the machine can run at once, at most 16. */
  readonly threads?: number | undefined;
  /** Which compute module: "auto" (default) takes relaxed SIMD where the runtime has it. */
  readonly module?: "auto" | ModuleName | undefined;
  /** Where the engine's files are: as `configure({ assets })`, for the whole process. */
  readonly assets?: string | URL | Assets | undefined;
}

const checkOptions = optionsOf("wasmBackend", {
  threads: optional(positiveInteger()),
  module: optional(oneOf(["auto", "baseline", "relaxed"])),
});

/**
 * An engine of its own. Nothing is loaded or started before it is first needed.
 * @throws OptionError for an unknown option or one out of range.
 * @example
 * const backend = wasmBackend({ threads: 2 });
 * console.log(await backend.describe());
 * await backend.close();
 */
export function wasmBackend({ assets, ...options }: WasmOptions = {}): Backend {
  const { threads, module = "auto" } = checkOptions(options);
  if (threads !== undefined && threads > MAX_THREADS) {
    throw new OptionError(`wasmBackend: threads must be a whole number from 1 to ${MAX_THREADS}, received ${threads}.`);
  }
  if (assets !== undefined) configure({ assets });
  const shared = currentPlatform().isolated;
  return new WasmBackend({ threads: shared ? (threads ?? defaultThreads()) : 1, module, shared });
}

export { type Asset, type Assets, type Configuration, configure, type Debug } from "./configure.js";
