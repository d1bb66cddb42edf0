/**
 * Which backend computes: one by name, and the one of this process or page that models use unless told otherwise. Not
 * the backends themselves.
 */

import { StateError } from "../core/errors.js";
import { integer, type OptionsInput, oneOf, optional, optionsOf } from "../core/options.js";
import type { Backend, BackendName } from "./backend.js";
import { referenceBackend } from "./reference/reference.js";
import { wasmBackend } from "./wasm/index.js";
import { MAX_THREADS } from "./wasm/layout.js";

/** Names of the backends there are. */
const backendNames: readonly BackendName[] = ["wasm", "reference"];

const engineOptions = optionsOf("configure", {
  backend: optional(oneOf(backendNames)),
  threads: optional(integer({ min: 1, max: MAX_THREADS })),
  module: optional(oneOf(["auto", "baseline", "relaxed"])),
});

/**
 * `backend` "wasm" (default) or "reference"; `threads` of the WASM engine (default what the machine can run at once,
 * at most 16); `module` "auto" (default), "baseline" or "relaxed" SIMD.
 */
export type EngineOptions = OptionsInput<typeof engineOptions>;

/**
 * A new backend of its own.
 * @throws OptionError for an unknown name or option.
 */
export function createBackend(options: EngineOptions = {}): Backend {
  const { backend = "wasm", ...rest } = engineOptions(options);
  return backend === "reference" ? referenceBackend() : wasmBackend(rest);
}

let settings: EngineOptions = {};
let engine: Backend | undefined;

/**
 * Sets how the engine of this process or page is made.
 * @throws StateError once a model uses it: its memory cannot move.
 */
export function configureEngine(options: EngineOptions): void {
  const checked = engineOptions(options);
  if (engine !== undefined && Object.keys(checked).length > 0) {
    throw new StateError("configure: the engine runs already; set backend and threads before the first model is used.");
  }
  settings = { ...settings, ...checked };
}

/** The engine of this process or page, made when first asked for. */
export function defaultEngine(): Backend {
  engine ??= createBackend(settings);
  return engine;
}
