/**
 * Brings the packages of others onto this machine: Python's, pinned in a requirements.txt, into a virtual environment in
 * .cache/; and what every installation needs, a stamp and errors that say what failed. Nothing that fovea itself needs:
 * that is setup.mjs.
 */

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What cannot be had, and how to. */
export class NotInstalled extends Error {}

/** The oldest Python that the pinned packages run on. */
const oldestPython = [3, 11];

/**
 * The Python of a virtual environment that holds what a requirements.txt names; made anew where there is none of it, or
 * one of another file.
 * @param {object} environment
 * @param {string} environment.folder where it lies
 * @param {string} environment.requirements the file
 * @param {string} environment.shown the file's name in messages
 * @param {() => void} environment.onInstall told before the minutes that it takes
 * @returns {Promise<string>}
 * @throws NotInstalled
 */
export async function pythonWith({ folder, requirements, shown, onInstall }) {
  const python = path.join(folder, ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]));
  const installed = installedStamp(folder, [requirements]);
  if (installed.isThere) return python;
  const system = await findPython();
  onInstall();
  rmSync(folder, { recursive: true, force: true });
  await install(system, ["-m", "venv", folder], "python -m venv");
  await install(
    python,
    ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements],
    `pip install --requirement ${shown}`,
  );
  installed.write();
  return python;
}

/**
 * The environment of Python programs: settings that some machines need for old builds of OpenBLAS slow new ones down.
 * @param {Readonly<Record<string, string>>} [more]
 * @returns {Record<string, string | undefined>}
 */
export function pythonEnvironment(more = {}) {
  const { OPENBLAS_CORETYPE: _type, OPENBLAS_L2_SIZE: _size, PYTHONPATH: _path, ...rest } = process.env;
  return { ...rest, PYTHONDONTWRITEBYTECODE: "1", ...more };
}

/**
 * A file whose presence says that an installation of these files ended well.
 * @param {string} folder
 * @param {readonly string[]} files
 */
export function installedStamp(folder, files) {
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
 * Runs an installer, silently unless it fails.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {string} what
 * @param {{ cwd?: string, shell?: boolean }} [options]
 * @throws NotInstalled with the last lines that it printed
 */
export async function install(file, args, what, options = {}) {
  try {
    await run(file, args, { ...options, env: pythonEnvironment(), maxBuffer: 1 << 28 });
  } catch (error) {
    const { stdout = "", stderr = "", message } = /** @type {Error & { stdout?: string, stderr?: string }} */ (error);
    const printed = `${stdout}${stderr}`.trim();
    throw new NotInstalled(`${what} failed: ${printed === "" ? message : printed.split("\n").slice(-12).join("\n")}`);
  }
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
  throw new NotInstalled(`it needs Python ${wanted} or newer (${there}); install one and run the command again`);
}
