import { describe, expect, it } from "vitest";
import { StateError } from "../core/errors.js";
import { browserPlatform, lineWriter } from "./browser.js";
import { wantsColor } from "./color.js";
import { detectEnvironment } from "./environment.js";

const environment = detectEnvironment({ navigator: { userAgent: "Mozilla/5.0 (a browser)" } });

describe("the platform of a browser", () => {
  it("takes cores and isolation from the page", () => {
    const page = browserPlatform(environment, { crossOriginIsolated: true, navigator: { hardwareConcurrency: 6 } });
    expect(page.isolated).toBe(true);
    expect(page.availableParallelism()).toBe(6);
    const bare = browserPlatform(environment, {});
    expect(bare.isolated).toBe(false);
    expect(bare.availableParallelism()).toBe(1);
    expect(bare.terminal).toMatchObject({ isTTY: false, color: false });
    expect(bare.now()).toBeGreaterThan(0);
  });

  it("refuses everything about files and says what to do instead", async () => {
    const { files } = browserPlatform(environment, {});
    const calls = [
      files.readFile("x"),
      files.writeWhole("x", ""),
      files.append("x", ""),
      files.exists("x"),
      files.mkdir("x"),
      files.findPackageFile("x", ""),
    ];
    for (const call of calls) {
      await expect(call).rejects.toThrow(StateError);
      await expect(call).rejects.toThrow("a page in a browser has no files. ");
    }
  });

  it("writes whole lines to the console, each as it ends up", () => {
    const lines: string[] = [];
    const write = lineWriter((line) => lines.push(line));
    write("Epoch 1/5\n1/3");
    write("\r2/3");
    expect(lines).toEqual(["Epoch 1/5"]);
    write("\r3/3\nnext\r\n");
    expect(lines).toEqual(["Epoch 1/5", "3/3", "next"]);
  });
});

describe("detectEnvironment", () => {
  it("tells Node, Bun, Deno and browsers apart", () => {
    expect(environment).toMatchObject({ runtime: "browser", isBrowser: true, version: "Mozilla/5.0 (a browser)" });
    const node = { versions: { node: "20.19.0" } };
    expect(detectEnvironment({ process: node, navigator: { userAgent: "Node.js/21" } })).toEqual({
      runtime: "node",
      version: "Node 20.19.0",
      isNode: true,
      isBun: false,
      isDeno: false,
      isBrowser: false,
    });
    expect(detectEnvironment({ process: { versions: { node: "22", bun: "1.2.3" } }, Bun: {} })).toMatchObject({
      version: "Bun 1.2.3",
      isNode: false,
      isBun: true,
    });
    expect(detectEnvironment({ process: node, Deno: { version: { deno: "2.1.0" } } })).toMatchObject({
      version: "Deno 2.1.0",
      isNode: false,
      isDeno: true,
    });
    expect(detectEnvironment({ process: { versions: {} } }).isBrowser).toBe(true);
    expect(detectEnvironment({})).toMatchObject({ isBrowser: true, version: "unknown browser" });
  });
});

describe("wantsColor", () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ TERM: "dumb" }, true, false],
    [{ NO_COLOR: "1" }, true, false],
    [{ NO_COLOR: "" }, true, true],
    [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
    [{ FORCE_COLOR: "1" }, false, true],
    [{ FORCE_COLOR: "0" }, true, false],
    [{ FORCE_COLOR: "false" }, true, false],
  ])("%o on a terminal: %s gives %s", (env, isTTY, expected) => {
    expect(wantsColor(env, isTTY)).toBe(expected);
  });
});
