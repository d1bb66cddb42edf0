/**
 * The platform of a browser: a page or one of its workers. It has no files and no terminal.
 */

import { StateError } from "../core/errors.js";
import type { Environment } from "./environment.js";
import type { Files, Platform } from "./platform.js";

interface BrowserGlobals {
  readonly crossOriginIsolated?: boolean;
  readonly navigator?: { readonly hardwareConcurrency?: number };
}

/** The platform of a browser. `globals` is for tests. */
export function browserPlatform(
  environment: Environment,
  globals: BrowserGlobals = globalThis as BrowserGlobals,
): Platform {
  return {
    environment,
    files: noFiles,
    terminal: { isTTY: false, columns: 80, color: false, write: lineWriter((line) => console.log(line)) },
    isolated: globals.crossOriginIsolated === true,
    availableParallelism: () => Math.max(1, globals.navigator?.hardwareConcurrency ?? 1),
    now: () => performance.now(),
  };
}

const noFiles: Files = {
  readFile: (path) => refuse(`read ${path}`, "Give the bytes or a URL instead of a path."),
  writeWhole: (path) => refuse(`write ${path}`, "Take the bytes and offer them as a download, or store them."),
  append: (path) => refuse(`write ${path}`, "Take the text and offer it as a download, or store it."),
  mkdir: (path) => refuse(`make the folder ${path}`, "Leave the folder out."),
  exists: (path) => refuse(`look for ${path}`, "Leave the path out."),
  findPackageFile: (specifier) => refuse(`look for ${specifier}`, "Give the bytes or a URL."),
};

async function refuse(what: string, advice: string): Promise<never> {
  throw new StateError(`Cannot ${what}: a page in a browser has no files. ${advice}`);
}

/** The console writes whole lines only, so what has no end yet is kept; "\r" starts the line again. */
export function lineWriter(print: (line: string) => void): (text: string) => void {
  let pending = "";
  return (text) => {
    const lines = (pending + text).split("\n");
    pending = lines.pop()!;
    for (const line of lines) print(line.replace(/\r$/, "").replace(/^.*\r/s, ""));
  };
}
