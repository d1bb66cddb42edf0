/** The examples are programs: the type-check covers them, and they are what the README shows, which readme.test.ts runs. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { expect, it, vi } from "vitest";

const root = path.join(import.meta.dirname, "..");

/** The program of a text: kinds of syntax, names and literals, without layout and comments. */
function programOf(text: string): unknown {
  const shape = (node: ts.Node): unknown => {
    const parts: unknown[] = [];
    ts.forEachChild(node, (child) => {
      parts.push(shape(child));
    });
    const own = ts.isIdentifier(node) || ts.isLiteralExpression(node) ? node.text : null;
    return [ts.SyntaxKind[node.kind], own, parts];
  };
  return shape(ts.createSourceFile("program.ts", text, ts.ScriptTarget.Latest));
}

const readmeExample = () =>
  readFileSync(path.join(root, "README.md"), "utf8").match(/```ts\n(.*?)```/s)?.[1] ?? "no example";

it("examples/mnist.ts is the README's program", () => {
  const example = readFileSync(path.join(root, "examples", "mnist.ts"), "utf8");
  expect(programOf(example)).toEqual(programOf(readmeExample()));
});

it("another program is told apart", () => {
  expect(programOf(readmeExample().replace("512", "511"))).not.toEqual(programOf(readmeExample()));
});

it("the type-check covers every example, which imports the package by its name", () => {
  const { include } = ts.readConfigFile(path.join(root, "tsconfig.json"), ts.sys.readFile).config;
  expect(include).toContain("examples/**/*.ts");
  for (const name of readdirSync(path.join(root, "examples"))) {
    expect(readFileSync(path.join(root, "examples", name), "utf8"), name).toContain('from "fovea"');
  }
});

it("examples/resnet20.ts has the weights that ResNet-20 is known for, and learns", { timeout: 300_000 }, async () => {
  const print = vi.spyOn(console, "log").mockImplementation(() => {});
  const { resnet20, score } = await import("../examples/resnet20.js");
  expect(print.mock.calls.flat().join("\n")).toContain('Model: "resnet20"');
  print.mockRestore();
  expect(score.acc).toBeGreaterThan(0.9);
  using whole = resnet20(10);
  expect(whole.summary()).toContain("Trainable params: 272,474 (");
});
