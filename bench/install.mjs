/**
 * Brings the peers onto this machine: Python's into virtual environments, npm's into a folder, both under .cache/bench/,
 * which git ignores. What is there already is left alone. No part of fovea needs any of it.
 */

import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { npmCommand } from "../scripts/npm.mjs";
import { install, installedStamp, pythonWith } from "../scripts/python.mjs";

const peers = fileURLToPath(new URL("./peers", import.meta.url));

/** Where peers and made data are kept. */
export const cache = fileURLToPath(new URL("../.cache/bench", import.meta.url));

/**
 * The Python of the virtual environment of a peer, made if need be.
 * @param {"torch" | "keras"} name a folder of peers/ with a requirements.txt
 * @param {(text: string) => void} say
 * @returns {Promise<string>}
 * @throws NotInstalled
 */
export function pythonOf(name, say) {
  return pythonWith({
    folder: path.join(cache, name),
    requirements: path.join(peers, name, "requirements.txt"),
    shown: `bench/peers/${name}/requirements.txt`,
    onInstall: () => say(`Installing ${name} for the bench (once; it may take minutes)…`),
  });
}

/**
 * The folder with the npm packages of the peers, installed if need be.
 * @param {(text: string) => void} say
 * @returns {Promise<string>}
 * @throws NotInstalled
 */
export async function packagesOf(say) {
  const folder = path.join(cache, "npm");
  const names = ["package.json", "package-lock.json", ".npmrc"];
  const installed = installedStamp(
    folder,
    names.map((name) => path.join(peers, name)),
  );
  if (installed.isThere) return folder;
  say("Installing the bench's npm packages (once)…");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of names) copyFileSync(path.join(peers, name), path.join(folder, name));
  const { file, leading, shell } = npmCommand();
  const args = [...leading, "ci", "--prefer-offline", "--no-audit", "--no-fund"];
  await install(file, args, "npm ci in bench/peers", { cwd: folder, shell: shell ?? false });
  installed.write();
  return folder;
}
