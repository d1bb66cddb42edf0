/**
 * Settings of the WASM engine that hold for the whole process or page: where its files lie, and what it prints of
 * itself. Not here: threads and the choice of a module, which are options of each engine (index.ts).
 */

import { OptionError } from "../../core/errors.js";

/** A file of the engine: its address, or its bytes. */
export type Asset = string | URL | Uint8Array | ArrayBuffer;

/** Where the engine's files are, where it is not beside this code. */
export interface Assets {
  /** The module with relaxed SIMD; default `modules/relaxed.wasm`. */
  readonly relaxed?: Asset;
  /** The module without; default `modules/baseline.wasm`. */
  readonly baseline?: Asset;
  /** The address of the worker's script; default `worker.js`. */
  readonly worker?: string | URL;
}

/** What the engine prints to the console: the graph it lowers, the plan it makes of it, the time of each kernel. */
export type Debug = "graph" | "plan" | "time";

/** What `configure` takes. */
export interface Configuration {
  /**
   * A base address under which `worker.js` and `modules/` lie as in the package's `dist/backends/wasm/`, or each file
   * by itself. Default: beside the code.
   */
  readonly assets?: string | URL | Assets;
  /** What to print; default: what the variable FOVEA_DEBUG names, separated by commas. */
  readonly debug?: readonly Debug[];
}

const debugs: readonly Debug[] = ["graph", "plan", "time"];

let configuration: Configuration = {};

/**
 * Sets what is given and leaves the rest. Engines that run already keep their module and workers.
 * @throws OptionError for an unknown option or value.
 * @example
 * configure({ assets: "https://example.org/fovea/" });
 */
export function configure(options: Configuration): void {
  for (const name of Object.keys(options)) {
    if (name !== "assets" && name !== "debug") {
      throw new OptionError(`configure: there is no option "${name}"; there are assets and debug.`);
    }
  }
  for (const name of options.debug ?? []) checkDebug(name, "configure: debug");
  configuration = { ...configuration, ...options };
}

/** Where a file was configured to be; undefined: beside the code. */
export function configuredAsset(name: "relaxed" | "baseline" | "worker"): Asset | undefined {
  const { assets } = configuration;
  if (assets === undefined) return undefined;
  if (typeof assets === "string" || assets instanceof URL) {
    const file = name === "worker" ? "worker.js" : `modules/${name}.wasm`;
    const text = String(assets);
    return new URL(file, new URL(text.endsWith("/") ? text : `${text}/`, pageAddress()));
  }
  const asset = assets[name];
  return typeof asset === "string" ? new URL(asset, pageAddress()) : asset;
}

/** What is to be printed. @throws OptionError for an unknown word in FOVEA_DEBUG. */
export function debugged(): ReadonlySet<Debug> {
  if (configuration.debug !== undefined) return new Set(configuration.debug);
  const text = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.FOVEA_DEBUG;
  const names = (text ?? "").split(",").map((name) => name.trim());
  return new Set(names.filter((name) => name !== "").map((name) => checkDebug(name, "FOVEA_DEBUG")));
}

function checkDebug(name: string, what: string): Debug {
  if (!debugs.includes(name as Debug)) {
    throw new OptionError(`${what}: "${name}" is not one of ${debugs.join(", ")}.`);
  }
  return name as Debug;
}

function pageAddress(): string | undefined {
  return (globalThis as { location?: { href?: string } }).location?.href;
}
