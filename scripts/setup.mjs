/**
 * Makes the repository ready to run: packages installed, library built. Called before start, test, fovea and bench.
 * Quick and silent when there is nothing to do; else one line a stage, and the tools' own output only if they fail.
 * Node's built-ins only, since it runs before anything is installed.
 *
 * node scripts/setup.mjs          whatever is missing
 * node scripts/setup.mjs --build  the same, and build in any case
 */
import { spawn } from "node:child_process";
import os from "node:os";
import path from "node:path";
import { exitWith } from "./exit.mjs";
import { acquireLock } from "./lock.mjs";
import { npmCommand } from "./npm.mjs";
import { isBuilt, isInstalled, markInstalled, root } from "./stamp.mjs";

const oldestNode = [20, 19];
const installArguments = ["ci", "--include=dev", "--prefer-offline", "--no-audit", "--no-fund"];
const lockFile = path.join(root, ".cache", "setup.lock");

class StageFailed extends Error {}

exitWith(await setup(process.argv.includes("--build")));

/** @param {boolean} alwaysBuild */
async function setup(alwaysBuild) {
  if (!nodeIsNewEnough()) {
    console.error(
      `fovea needs Node ${oldestNode.join(".")} or newer, and this is Node ${process.versions.node} (${process.execPath}). ` +
        "Install a newer Node from https://nodejs.org and run the command again.",
    );
    return 1;
  }
  if (isInstalled() && isBuilt() && !alwaysBuild) return 0;

  const release = await acquireLock(lockFile, (pid) =>
    console.log(`Waiting for another setup in this folder (process ${pid}, lock ${path.relative(root, lockFile)})…`),
  );
  const abort = new AbortController();
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.once(signal, () => {
      abort.abort();
      release();
      console.error("Setup interrupted; the next command goes on from here.");
      process.exit(128 + os.constants.signals[signal]);
    });
  }
  try {
    if (!isInstalled()) {
      await stage("Installing dependencies…", npmCommand(), installArguments, abort.signal);
      markInstalled();
    }
    if (alwaysBuild || !isBuilt()) {
      await stage("Building…", { file: process.execPath, leading: [] }, ["scripts/build.mjs"], abort.signal);
    }
    return 0;
  } catch (error) {
    if (!(error instanceof StageFailed)) throw error;
    console.error(error.message);
    return 1;
  } finally {
    release();
  }
}

function nodeIsNewEnough() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = oldestNode;
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/**
 * @param {string} title
 * @param {{ file: string, leading: string[], shell?: boolean }} command
 * @param {string[]} args
 * @param {AbortSignal} signal
 */
async function stage(title, command, args, signal) {
  console.log(title);
  const child = spawn(command.file, [...command.leading, ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    shell: command.shell ?? false,
    signal,
    windowsHide: true,
  });
  /** @type {Buffer[]} */
  const output = [];
  child.stdout.on("data", (chunk) => output.push(chunk));
  child.stderr.on("data", (chunk) => output.push(chunk));
  const [code, reason] = await new Promise((resolve) => {
    child.once("error", (error) => resolve([1, error.message]));
    child.once("close", (exitCode, killedBy) => resolve([exitCode ?? 1, killedBy ?? `exit code ${exitCode}`]));
  });
  if (code === 0) return;
  process.stderr.write(Buffer.concat(output));
  const what = [path.basename(command.file), ...command.leading.map((part) => path.basename(part)), ...args].join(" ");
  throw new StageFailed(`\n${title.replace("…", "")} failed: ${what} (${reason}). Its output is above.`);
}
