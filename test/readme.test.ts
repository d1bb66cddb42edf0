/** The README's example is a program: it runs as it stands, on the whole of MNIST, and learns. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";
import { runCommand } from "./packaging/command.js";

const root = path.join(import.meta.dirname, "..");

it("the README's example runs as it stands and learns MNIST", async () => {
  const example = readFileSync(path.join(root, "README.md"), "utf8").match(/```ts\n(.*?)```/s)?.[1] ?? "";
  expect(example).toContain('from "fovea"');
  // Inside the repository, so that "fovea" is the package itself, as built.
  const folder = mkdtempSync(path.join(root, ".cache", "readme-"));
  try {
    const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
    const program = ts.transpileModule(`${example}\nconsole.log(JSON.stringify(score));`, { compilerOptions });
    writeFileSync(path.join(folder, "example.mjs"), program.outputText);
    const { code, out, err } = await runCommand(process.execPath, [path.join(folder, "example.mjs")], { cwd: root });
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(out).toContain("dense");
    const score = JSON.parse(out.trim().split("\n").at(-1)!);
    // One seed; the mean of three is proved in test/long.
    expect(score.acc).toBeGreaterThan(0.965);
    expect(score.loss).toBeLessThan(0.13);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
