/**
 * Brings the peers onto this machine: Python's into virtual environments, npm's into a folder, both under .cache/bench/,
 * which git ignores. What is there already is left alone. No part of fovea needs any of it.
 */

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { npmCommand } from "../scripts/npm.mjs";

const run = promisify(execFile);

const peers = fileURLToPath(new URL("./peers", import.meta.url));

/** Where peers and made data are kept. */
export const cache = fileURLToPath(new URL("../.cache/bench", import.meta.url));

/** A peer that cannot be had, and how to. */
export class NotInstalled extends Error {}

/** The oldest Python that the pinned packages run on. */
const oldestPython = [3, 11];

/**
 * A file whose presence says that an installation of these files ended well.
 * @param {string} folder
 * @param {readonly string[]} files
 */
function stamp(folder, files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(file));
  const content = hash.digest("hex");
  const file = path.join(folder, ".installed");
  return {
    isThere: existsSync(file) && readFileSync(file, "utf8") === content,
    write: () => writeFileSync(file, content),
  };
}

/**
 * The Python of the virtual environment of a peer, made if need be.
 * @param {"torch" | "keras"} name a folder of peers/ with a requirements.txt
 * @param {(text: string) => void} say
 * @returns {Promise<string>}
 * @throws NotInstalled
 */
export async function pythonOf(name, say) {
  const requirements = path.join(peers, name, "requirements.txt");
  const folder = path.join(cache, name);
  const python = path.join(folder, ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]));
  const installed = stamp(folder, [requirements]);
  if (installed.isThere) return python;
  const system = await findPython();
  say(`Installing ${name} for the bench (once; it may take minutes)…`);
  rmSync(folder, { recursive: true, force: true });
  await stage(system, ["-m", "venv", folder], "python -m venv");
  await stage(
    python,
    ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements],
    `pip install --requirement bench/peers/${name}/requirements.txt`,
  );
  installed.write();
  return python;
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
  const installed = stamp(
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
  await stage(file, args, "npm ci in bench/peers", { cwd: folder, shell: shell ?? false });
  installed.write();
  return folder;
}

/**
 * The environment of Python peers: settings that some machines need for old builds of OpenBLAS slow new ones down.
 * @param {Readonly<Record<string, string>>} [more]
 * @returns {Record<string, string | undefined>}
 */
export function peerEnvironment(more = {}) {
  const { OPENBLAS_CORETYPE: _type, OPENBLAS_L2_SIZE: _size, PYTHONPATH: _path, ...rest } = process.env;
  return { ...rest, PYTHONDONTWRITEBYTECODE: "1", ...more };
}

/** @throws NotInstalled where there is no Python, or only an old one */
async function findPython() {
  const wanted = oldestPython.join(".");
  /** @type {string[]} */
  const found = [];
  for (const name of process.platform === "win32" ? ["python"] : ["python3", "python"]) {
    try {
      const { stdout } = await run(name, ["-c", "import sys; print(*sys.version_info[:2], sep='.')"]);
      const [major = 0, minor = 0] = stdout.trim().split(".").map(Number);
      if (major > 3 || (major === 3 && minor >= (oldestPython[1] ?? 0))) return name;
      found.push(stdout.trim());
    } catch {
      // Not there under this name.
    }
  }
  const there = found.length === 0 ? "there is none on the path" : `this is ${found[0]}`;
  throw new NotInstalled(`it needs Python ${wanted} or newer (${there}); install one and run the bench again`);
}

/**
 * @param {string} file
 * @param {readonly string[]} args
 * @param {string} what
 * @param {{ cwd?: string, shell?: boolean }} [options]
 */
async function stage(file, args, what, options = {}) {
  try {
    await run(file, args, { ...options, env: peerEnvironment(), maxBuffer: 1 << 28 });
  } catch (error) {
    const { stdout = "", stderr = "", message } = /** @type {Error & { stdout?: string, stderr?: string }} */ (error);
    const printed = `${stdout}${stderr}`.trim();
    throw new NotInstalled(`${what} failed: ${printed === "" ? message : printed.split("\n").slice(-12).join("\n")}`);
  }
}
