/**
 * Proves scripts/setup.mjs in a small copy of the repository, with an npm and a build that only write down that they
 * ran: what is missing is done once, nothing is done twice, two at a time wait for each other, and nothing that was
 * interrupted counts as done.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { leastTime } from "./support/least-time.js";

const scripts = path.join(import.meta.dirname, "..", "scripts");

let folder: string;
const at = (...parts: string[]) => path.join(folder, ...parts);

const fakeNpm = `
import fs from "node:fs";
fs.appendFileSync("log", "npm " + process.argv.slice(2).join(" ") + "\\n");
console.log("npm chatter");
if (fs.existsSync("slow")) await new Promise((resolve) => setTimeout(resolve, 2000));
if (fs.existsSync("offline")) { console.error("npm error: no network"); process.exit(7); }
fs.rmSync("node_modules", { recursive: true, force: true });
fs.mkdirSync("node_modules");
`;

const fakeBuild = `
import fs from "node:fs";
import { markBuilt, markUnbuilt, sourceHash } from "./stamp.mjs";
const hash = sourceHash();
fs.appendFileSync("log", "build\\n");
console.log("build chatter");
fs.mkdirSync("dist", { recursive: true });
fs.mkdirSync("src/backends/wasm/modules", { recursive: true });
markUnbuilt();
if (fs.existsSync("src/broken.ts")) { console.log("src/broken.ts(1,1): error TS1: broken"); process.exit(1); }
markBuilt(hash);
`;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "fovea-setup-"));
  for (const name of ["setup.mjs", "stamp.mjs", "exit.mjs", "lock.mjs", "npm.mjs"])
    cpSync(path.join(scripts, name), at("scripts", name));
  writeFileSync(at("scripts", "build.mjs"), fakeBuild);
  mkdirSync(at("src", "core"), { recursive: true });
  writeFileSync(at("src", "core", "a.ts"), "export const a = 1;");
  writeFileSync(at("package-lock.json"), "{}");
  writeFileSync(at("package.json"), '{ "type": "module" }');
  writeFileSync(at("npm-cli.js"), fakeNpm);
  writeFileSync(at("log"), "");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(nodeArguments: string[] = [], args: string[] = []): { child: ChildProcess; ended: Promise<Outcome> } {
  const child = spawn(process.execPath, [...nodeArguments, path.join("scripts", "setup.mjs"), ...args], {
    cwd: folder,
    env: { ...process.env, npm_execpath: at("npm-cli.js") },
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  return { child, ended: new Promise((resolve) => child.once("close", (code) => resolve({ code, out, err }))) };
}

const setup = (args: string[] = []) => start([], args).ended;
const log = () => readFileSync(at("log"), "utf8");
const install = "npm ci --include=dev --prefer-offline --no-audit --no-fund\n";
const bothStages = "Installing dependencies…\nBuilding…\n";

it("does what is missing with a line a stage, and nothing the second time", async () => {
  expect(await setup()).toEqual({ code: 0, out: bothStages, err: "" });
  expect(log()).toBe(`${install}build\n`);
  expect(await setup()).toEqual({ code: 0, out: "", err: "" });
  expect(log()).toBe(`${install}build\n`);
  expect(existsSync(at(".cache", "setup.lock"))).toBe(false);
});

it("builds again after a source, not after a test, and installs again after the lock file changed", async () => {
  await setup();
  writeFileSync(at("src", "core", "a.test.ts"), "");
  expect((await setup()).out).toBe("");
  writeFileSync(at("src", "core", "a.ts"), "export const a = 2;");
  expect((await setup()).out).toBe("Building…\n");
  writeFileSync(at("src", "core", "b.ts"), "");
  expect((await setup()).out).toBe("Building…\n");
  rmSync(at("src", "core", "b.ts"));
  expect((await setup()).out).toBe("Building…\n");
  writeFileSync(at("package-lock.json"), '{ "lockfileVersion": 3 }');
  expect((await setup()).out).toBe(bothStages);
  rmSync(at("dist"), { recursive: true });
  expect((await setup()).out).toBe("Building…\n");
  rmSync(at("node_modules"), { recursive: true });
  expect((await setup()).out).toBe("Installing dependencies…\n");
  expect((await setup(["--build"])).out).toBe("Building…\n");
});

it("shows the whole output of a stage that failed, fails, and does it again next time", async () => {
  writeFileSync(at("offline"), "");
  const failed = await setup();
  expect(failed.code).toBe(1);
  expect(failed.out).toBe("Installing dependencies…\n");
  expect(failed.err).toContain("npm chatter\nnpm error: no network\n");
  expect(failed.err).toMatch(/Installing dependencies failed: .*npm-cli\.js ci .* \(exit code 7\)/);
  rmSync(at("offline"));

  writeFileSync(at("src", "broken.ts"), "");
  const unbuilt = await setup();
  expect(unbuilt.code).toBe(1);
  expect(unbuilt.err).toContain("src/broken.ts(1,1): error TS1: broken");
  rmSync(at("src", "broken.ts"));
  expect(await setup()).toEqual({ code: 0, out: "Building…\n", err: "" });
});

it("two at once do the work once, and the second says what it waits for", async () => {
  writeFileSync(at("slow"), "");
  const first = start();
  await until(() => log() !== "");
  const second = await setup();
  expect(second.code).toBe(0);
  expect(second.out).toBe(
    `Waiting for another setup in this folder (process ${first.child.pid}, lock ${path.join(".cache", "setup.lock")})…\n`,
  );
  expect((await first.ended).code).toBe(0);
  expect(log()).toBe(`${install}build\n`);
});

it("takes over the lock of a process that is gone, of none, and of one that has long been silent", async () => {
  const gone = start();
  await gone.ended;
  const lock = at(".cache", "setup.lock");
  const longAgo = new Date(Date.now() - 60_000);
  for (const { owner, touched } of [
    { owner: `${gone.child.pid}\n`, touched: new Date() },
    { owner: "", touched: longAgo },
    { owner: `${process.pid}\n`, touched: longAgo },
  ]) {
    rmSync(at("dist"), { recursive: true });
    writeFileSync(lock, owner);
    utimesSync(lock, touched, touched);
    expect(await setup()).toEqual({ code: 0, out: "Building…\n", err: "" });
    expect(existsSync(lock)).toBe(false);
  }
});

if (process.platform !== "win32")
  it("stopped by a signal, it leaves neither lock nor stamp, and ends as the signal asks", async () => {
    writeFileSync(at("slow"), "");
    const stopped = start();
    await until(() => log() !== "");
    stopped.child.kill("SIGINT");
    const outcome = await stopped.ended;
    expect(outcome.code).toBe(130);
    expect(outcome.err).toBe("Setup interrupted; the next command goes on from here.\n");
    expect(existsSync(at(".cache", "setup.lock"))).toBe(false);
    rmSync(at("slow"));
    expect((await setup()).out).toBe(bothStages);
  });

it("refuses a Node that is too old, naming both versions", async () => {
  const pretend = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.18.3" } });`;
  const old = await start(["--import", `data:text/javascript,${encodeURIComponent(pretend)}`]).ended;
  expect(old.code).toBe(1);
  expect(old.err).toMatch(/^fovea needs Node 20\.19 or newer, and this is Node 20\.18\.3 .*nodejs\.org/);
  expect(log()).toBe("");
});

it("takes less than 150 ms when nothing is to do", async () => {
  await setup();
  // Hundreds of files of the size that sources have.
  for (let i = 0; i < 300; i++) writeFileSync(at("src", "core", `file${i}.ts`), "x".repeat(8_000));
  await setup();
  expect(await leastTime(150, setup)).toBeLessThan(150);
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}
