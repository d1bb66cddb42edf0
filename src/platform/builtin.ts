/**
 * Node's own modules, fetched at run time: a static import of one would break every bundle for a browser.
 */

import { StateError } from "../core/errors.js";

interface Modules {
  "node:fs": typeof import("node:fs");
  "node:module": typeof import("node:module");
  "node:os": typeof import("node:os");
  "node:path": typeof import("node:path");
  "node:url": typeof import("node:url");
  "node:v8": typeof import("node:v8");
  "node:worker_threads": typeof import("node:worker_threads");
}

interface ProcessLike {
  readonly versions?: { readonly node?: string };
  readonly getBuiltinModule?: (name: string) => unknown;
}

/**
 * One of Node's modules. `process` is for tests.
 * @throws StateError outside of Node, and in a Node without `process.getBuiltinModule` (before 20.16).
 */
export function builtin<N extends keyof Modules>(
  name: N,
  process: ProcessLike | undefined = (globalThis as { process?: ProcessLike }).process,
): Modules[N] {
  if (process?.getBuiltinModule === undefined) {
    const found = process?.versions?.node === undefined ? "no Node" : `Node ${process.versions.node}`;
    throw new StateError(`fovea needs Node 20.19 or newer for ${name}, found ${found}; install a newer Node.`);
  }
  const module = process.getBuiltinModule(name);
  if (module === undefined) throw new StateError(`fovea needs the module ${name}, which this runtime does not have.`);
  return module as Modules[N];
}
