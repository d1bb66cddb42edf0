/** The package as a user gets it: packed by npm, and installed into an empty project. */
import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { npmCommand } from "../../scripts/npm.mjs";
import { runCommand } from "./command.js";

const root = path.join(import.meta.dirname, "..", "..");

/** Packs the built repository into a folder and returns the tarball. */
export async function pack(into: string): Promise<string> {
  await npm(["pack", "--ignore-scripts", "--pack-destination", into], root);
  const tarball = readdirSync(into).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error(`npm pack left no tarball in ${into}`);
  return path.join(into, tarball);
}

/** An empty project of ES modules in a temporary folder with the tarball installed. The caller removes it. */
export async function createProject(tarball: string): Promise<string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "fovea-project-"));
  writeFileSync(path.join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  await npm(["install", "--prefer-offline", "--no-audit", "--no-fund", tarball], folder);
  return folder;
}

/** Runs npm, and throws with its whole output if it fails. */
export async function npm(args: readonly string[], cwd: string): Promise<string> {
  const command = npmCommand();
  const outcome = await runCommand(command.file, [...command.leading, ...args], { cwd, shell: command.shell ?? false });
  if (outcome.code !== 0) throw new Error(`npm ${args.join(" ")} failed:\n${outcome.out}${outcome.err}`);
  return outcome.out;
}
