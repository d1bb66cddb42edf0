/**
 * Which JavaScript runtime this is. Not what it can do: that is the Platform.
 */

/** Where the code runs; a page and its workers are both "browser". */
export type Runtime = "node" | "bun" | "deno" | "browser";

/** The facts about the runtime. At most one of the `is...` is true: Bun and Deno also pass for Node, and are not it. */
export interface Environment {
  readonly runtime: Runtime;
  /** Name and version, `Node 20.19.0`; of a browser, its user agent. */
  readonly version: string;
  readonly isNode: boolean;
  readonly isBun: boolean;
  readonly isDeno: boolean;
  readonly isBrowser: boolean;
}

interface Globals {
  readonly process?: { readonly versions?: Readonly<Record<string, string | undefined>> | undefined } | undefined;
  readonly Bun?: unknown;
  readonly Deno?: { readonly version?: { readonly deno?: string } } | undefined;
  readonly navigator?: { readonly userAgent?: string } | undefined;
}

/** Looks at the globals to say where the code runs. `globals` is for tests. */
export function detectEnvironment(globals: Globals = globalThis as Globals): Environment {
  const { process, Bun, Deno, navigator } = globals;
  const versions = process?.versions ?? {};
  if (Deno?.version?.deno !== undefined) return environment("deno", `Deno ${Deno.version.deno}`);
  if (Bun !== undefined || versions.bun !== undefined) return environment("bun", `Bun ${versions.bun ?? "?"}`);
  // A bundler's stand-in for `process` has no versions.node.
  if (typeof versions.node === "string") return environment("node", `Node ${versions.node}`);
  return environment("browser", navigator?.userAgent ?? "unknown browser");
}

function environment(runtime: Runtime, version: string): Environment {
  return {
    runtime,
    version,
    isNode: runtime === "node",
    isBun: runtime === "bun",
    isDeno: runtime === "deno",
    isBrowser: runtime === "browser",
  };
}
