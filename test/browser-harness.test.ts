/**
 * Proves that the browser tests stand on something: a Chromium starts, a page opens, the two headers isolate it, and a
 * page's failure reaches the test. Training in a page is in browser.test.ts.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installedBrowsers, launchChromium } from "./browser/chromium.mjs";
import { openPage } from "./browser/page.js";
import { serve } from "./browser/server.mjs";

const pages = path.join(import.meta.dirname, "browser", "pages");

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

describe.each([{ isolated: true }, { isolated: false }])("a page with isolated: $isolated", ({ isolated }) => {
  let server: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    server = await serve({ folders: { "/": pages }, isolated });
  });
  afterAll(() => server.close());

  it("opens, and it and its workers have shared memory exactly if it is isolated", async () => {
    const page = await openPage(browser, `${server.url}/blank.html`);
    expect(await page.page.title()).toBe("fovea");
    expect(await page.call("/facts.js", "isolation")).toEqual({ isolated, sharedMemory: isolated });
    expect(await page.call("/facts.js", "workerIsolation")).toEqual({ isolated, sharedMemory: isolated });
    expect(page.complaints).toEqual([]);
    expect(server.missing).toEqual([]);
    await page.close();
  });
});

it("an error in a page and a missing file are seen", async () => {
  const server = await serve({ folders: { "/": pages }, isolated: false });
  const page = await openPage(browser, `${server.url}/blank.html`);
  await page.call("/facts.js", "fail");
  expect(page.complaints.join("\n")).toContain("planted failure");
  await expect(page.call("/gone.js", "anything")).rejects.toThrow();
  expect(server.missing).toEqual(["/gone.js"]);
  await page.close();
  await server.close();
});

describe("the static server", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "fovea-served-"));
    mkdirSync(path.join(folder, "inner"));
    writeFileSync(path.join(folder, "secret.txt"), "secret");
    writeFileSync(path.join(folder, "inner", "module.wasm"), new Uint8Array([0, 97, 115, 109]));
    writeFileSync(path.join(folder, "inner", "code.js"), "export const a = 1;");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("names the types that modules and WASM need, and stays inside its folders", async () => {
    const server = await serve({ folders: { "/lib/": path.join(folder, "inner") }, isolated: true });
    const type = async (name: string) => (await fetch(server.url + name)).headers.get("content-type");
    expect(await type("/lib/module.wasm")).toBe("application/wasm");
    expect(await type("/lib/code.js")).toBe("text/javascript; charset=utf-8");
    expect((await fetch(`${server.url}/lib/%2e%2e%2fsecret.txt`)).status).toBe(404);
    expect((await fetch(`${server.url}/secret.txt`)).status).toBe(404);
    expect((await fetch(`${server.url}/lib/code.js`)).headers.get("cross-origin-embedder-policy")).toBe("require-corp");
    await server.close();
  });
});

describe("finding a browser", () => {
  it("a browser that FOVEA_BROWSER names and that is not there is an error that says so", async () => {
    await expect(launchChromium({ FOVEA_BROWSER: "/nowhere/chrome" })).rejects.toThrow(
      /FOVEA_BROWSER names \/nowhere\/chrome, and there is no such file.*Install Google Chrome or Chromium/,
    );
  });

  it("a named browser that does not start is an error, and no other is taken instead", async () => {
    await expect(launchChromium({ FOVEA_BROWSER: process.execPath })).rejects.toThrow(
      /found no Chromium that starts.*These did not start/s,
    );
  });

  it.each([
    ["linux", { PATH: "/home/me/bin:/usr/bin" }, "/usr/bin/chromium"],
    ["darwin", { HOME: "/Users/me" }, "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"],
    ["win32", { PROGRAMFILES: "C:\\Program Files" }, "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe"],
  ] as const)("on %s an installed one is found", (platform, environment, file) => {
    expect(installedBrowsers(environment, platform, (name) => name === file)).toEqual([{ executablePath: file }]);
  });
});
