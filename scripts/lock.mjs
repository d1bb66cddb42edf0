/**
 * One process at a time: a lock file that holds a process id. A lock whose process is gone, or that nobody has touched
 * for half a minute (the id may have been given to another process since), is taken over; a live one is waited for.
 * Not a general lock: it guards setup and build in this folder, nothing else. Node's built-ins only.
 */
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const heartbeatMs = 1_000;
const abandonedMs = 30_000;
const pollMs = 100;

/**
 * Takes the lock, waiting for a live owner.
 *
 * @param {string} file where the lock lies
 * @param {(pid: number) => void} onWait called once, before the first wait, with the owner's process id
 * @returns {Promise<() => void>} a function that gives the lock back
 */
export async function acquireLock(file, onWait) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  for (let told = false; ; ) {
    if (create(file)) return hold(file);
    const owner = readOwner(file);
    if (owner === undefined) continue;
    if (!isLive(owner)) {
      takeAway(file, owner);
      continue;
    }
    if (!told) onWait(owner.pid);
    told = true;
    await sleep(pollMs);
  }
}

/** @param {string} file */
function create(file) {
  try {
    fs.writeFileSync(file, `${process.pid}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** @param {string} file */
function hold(file) {
  const heartbeat = setInterval(() => {
    try {
      fs.utimesSync(file, new Date(), new Date());
    } catch {
      // The lock was taken away by hand: nothing left to keep fresh.
    }
  }, heartbeatMs);
  heartbeat.unref();
  return () => {
    clearInterval(heartbeat);
    if (readOwner(file)?.pid === process.pid) fs.rmSync(file, { force: true });
  };
}

/**
 * @param {string} file
 * @returns {{ pid: number, age: number } | undefined} undefined if there is no lock (any more)
 */
function readOwner(file) {
  try {
    const pid = Number(fs.readFileSync(file, "utf8"));
    return { pid, age: Date.now() - fs.statSync(file).mtimeMs };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** @param {{ pid: number, age: number }} owner */
function isLive({ pid, age }) {
  if (age > abandonedMs) return false;
  // Between creating and writing, the file is empty: its owner has a second to write.
  if (!Number.isInteger(pid) || pid <= 0) return age < heartbeatMs;
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/**
 * Moves a stale lock aside. Two processes may try at once: a rename succeeds for one of them only, and what it moved is
 * looked at again, so that a lock that was created meanwhile is put back.
 *
 * @param {string} file
 * @param {{ pid: number }} stale
 */
function takeAway(file, stale) {
  const aside = `${file}.${process.pid}`;
  try {
    fs.renameSync(file, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  const moved = Number(fs.readFileSync(aside, "utf8"));
  if (Object.is(moved, stale.pid) || !fs.existsSync(aside)) fs.rmSync(aside, { force: true });
  else fs.renameSync(aside, file);
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
