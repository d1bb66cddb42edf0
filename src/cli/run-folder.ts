/** The folder that a run's files go to: tried before the work, written after it. */

import { mkdtempSync, rmdirSync, statSync } from "node:fs";
import path from "node:path";
import { getSystemErrorMap } from "node:util";
import { currentPlatform } from "../platform/current.js";

/** A file of a run. */
export interface RunFile {
  readonly name: string;
  readonly contents: string | Uint8Array;
}

/**
 * Makes sure that files of these names can be written to the folder, which need not be there, and leaves no trace.
 * @throws Error saying what is in the way.
 */
export function checkRunFolder(folder: string, names: readonly string[]): void {
  const full = path.resolve(folder);
  try {
    let there = full;
    while (kindOf(there) === "nothing") there = path.dirname(there);
    if (kindOf(there) === "file") throw new Error(`${there} is a file, not a folder`);
    for (const name of names) {
      const file = path.join(full, name);
      if (kindOf(file) === "folder") throw new Error(`${file} is a folder, not a file`);
    }
    // Permission bits do not tell whether a folder can be written to: only writing does.
    rmdirSync(mkdtempSync(path.join(there, ".fovea-")));
  } catch (error) {
    throw new Error(`Cannot write to ${folder}: ${reasonOf(error)}. Give another folder with --out.`, { cause: error });
  }
}

/** Writes the files one after the other, each whole; no signal is seen in between. */
export async function writeRun(folder: string, files: readonly RunFile[]): Promise<void> {
  const platform = currentPlatform();
  await platform.files.mkdir(folder);
  for (const { name, contents } of files) await platform.files.writeWhole(path.join(folder, name), contents);
}

function kindOf(file: string): "nothing" | "folder" | "file" {
  try {
    return statSync(file).isDirectory() ? "folder" : "file";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ENOTDIR: a part of the path is a file, which is found further up.
    if (code === "ENOENT" || code === "ENOTDIR") return "nothing";
    throw error;
  }
}

function reasonOf(error: unknown): string {
  const { errno, code, message } = error as NodeJS.ErrnoException;
  const known = errno === undefined ? undefined : getSystemErrorMap().get(errno);
  return known === undefined ? message : `${known[1]} (${code})`;
}
