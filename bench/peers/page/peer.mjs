/**
 * A library in Chromium as a peer: `node peer.mjs --library tfjs --threads 2`. Chromium's page is isolated, so that
 * libraries can use threads, which two of them do in a browser only. Its other half is page.mjs.
 */

import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { launchChromium } from "../../../test/browser/chromium.mjs";
import { serve as servePages } from "../../../test/browser/server.mjs";
import { serve, Unsupported } from "../serve.mjs";

const { values } = parseArgs({
  options: { threads: { type: "string", default: "1" }, library: { type: "string", default: "fovea" } },
});
const threads = Number(values.threads);
const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Address prefixes and their folders; those of data are added when they are asked for. @type {Record<string, string>} */
const folders = { "/bench/": path.join(root, "bench"), "/dist/": path.join(root, "dist") };
const packages = process.env.FOVEA_BENCH_PACKAGES;
if (packages !== undefined) folders["/packages/"] = path.join(packages, "node_modules");

const server = await servePages({ folders, isolated: true });
const browser = await launchChromium();
const page = await browser.newPage();
page.on("console", (message) => console.error(message.text()));
await page.goto(`${server.url}/bench/peers/page/index.html`);

/**
 * Calls a function of page.mjs. A page's errors arrive as text, those it cannot help with their name in front.
 * @param {string} name
 * @param {readonly unknown[]} args
 */
async function call(name, ...args) {
  const list = args.map((argument) => JSON.stringify(argument)).join(", ");
  try {
    return await page.evaluate(`import("/bench/peers/page/page.mjs").then((m) => m.${name}(${list}))`);
  } catch (error) {
    const message = /** @type {Error} */ (error).message.split("\n")[0] ?? "";
    const reason = /Unsupported: (.*)/.exec(message)?.[1];
    throw reason === undefined ? error : new Unsupported(reason);
  }
}

/** @param {import("../pictures.mjs").DataSpec} data */
function addressesOf(data) {
  const address = (/** @type {import("../pictures.mjs").Part} */ { file, offset }) => {
    const folder = path.dirname(file);
    const known = Object.keys(folders).find((prefix) => folders[prefix] === folder);
    const prefix = known ?? `/data-${Object.keys(folders).length}/`;
    folders[prefix] = folder;
    return { file: prefix + path.basename(file), offset };
  };
  return { ...data, images: address(data.images), labels: address(data.labels) };
}

await serve({
  hello: async () => {
    const answer = await call("hello", values.library, threads);
    return { ...answer, versions: { ...answer.versions, chromium: browser.version() } };
  },
  make: async (what) => {
    const request = what.data === undefined ? what : { ...what, data: addressesOf(what.data) };
    const facts = await call("make", values.library, request, threads);
    return {
      facts,
      sample: async (measure, count) => (await call("sample", what.id, measure, count)).milliseconds,
      drop: () => call("drop", what.id),
    };
  },
  end: async () => {
    await browser.close();
    await server.close();
  },
});
