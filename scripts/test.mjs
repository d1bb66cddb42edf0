/**
 * `npm test`: biome, the type-check, then every test. `npm test -- src/core` runs only the test files whose path
 * contains that word (and the two checks). The last line is `N passed, N failed`, counting tests and checks; a failure
 * that is no test's (a file that does not load, an error outside any test, a skipped test) counts as one too.
 *
 * node scripts/test.mjs --long [filter]   the longer proofs in test/long/ instead, without the two checks
 */
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { exitWith } from "./exit.mjs";
import { root } from "./stamp.mjs";
import { countTests } from "./test-report.mjs";

const args = process.argv.slice(2);
const long = args.includes("--long");
const filters = args.filter((word) => word !== "--long");
const bin = path.join(root, "node_modules");
const started = Date.now();

const total = { passed: 0, failed: 0 };
if (!long) {
  for (const check of [
    {
      name: "lint (biome)",
      file: path.join(bin, "@biomejs", "biome", "bin", "biome"),
      args: ["ci", "--error-on-warnings", "--colors=off", "."],
    },
    { name: "types (tsc)", file: path.join(bin, "typescript", "bin", "tsc"), args: ["-p", "tsconfig.json"] },
  ]) {
    const passed = await runCheck(check);
    total[passed ? "passed" : "failed"] += 1;
  }
}
const tests = await runTests();
total.passed += tests.passed;
total.failed += tests.failed;
console.log(`\n${((Date.now() - started) / 1000).toFixed(0)} s`);
console.log(`${total.passed} passed, ${total.failed} failed`);
exitWith(total.failed === 0 ? 0 : 1);

/** @param {{ name: string, file: string, args: string[] }} check */
async function runCheck(check) {
  const from = Date.now();
  const { code, output } = await run(check.file, check.args, "pipe");
  console.log(`${code === 0 ? "✓" : "✗"} ${check.name} ${Date.now() - from}ms`);
  if (code !== 0) console.log(output);
  return code === 0;
}

/** Vitest prints its line a file and every failure itself; the counts come from its JSON report. */
async function runTests() {
  const report = path.join(root, ".cache", "test-report.json");
  fs.mkdirSync(path.dirname(report), { recursive: true });
  fs.rmSync(report, { force: true });
  const config = long ? ["--config", "vitest.long.config.ts"] : [];
  const { code } = await run(
    path.join(bin, "vitest", "vitest.mjs"),
    ["run", ...config, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...filters],
    "shown",
  );
  const text = fs.existsSync(report) ? fs.readFileSync(report, "utf8") : undefined;
  const { notes, ...counts } = countTests(text === undefined ? undefined : JSON.parse(text), code);
  for (const note of notes) console.log(note);
  return counts;
}

/**
 * @param {string} script
 * @param {string[]} words
 * @param {"pipe" | "shown"} output shown: errors too go to the standard output, so that everything stays in order
 * @returns {Promise<{ code: number, output: string }>}
 */
function run(script, words, output) {
  const to = output === "pipe" ? "pipe" : 1;
  // In a pipe or a file colors are noise.
  const plain = process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
  const child = spawn(process.execPath, [script, ...words], { cwd: root, stdio: ["ignore", to, to], env: plain });
  let text = "";
  child.stdout?.on("data", (chunk) => {
    text += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    text += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, output: text }));
  });
}
