/**
 * A static server on the loopback interface, with or without the two headers that isolate a page (and so allow it
 * shared memory). It serves the folders it is given and nothing else. For tests and the bench only.
 */
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";

/** @type {Readonly<Record<string, string>>} */
const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/**
 * @typedef {object} StaticServer
 * @property {string} url such as http://127.0.0.1:40123, without a slash at its end
 * @property {readonly string[]} missing the paths that were asked for and are not there
 * @property {() => Promise<void>} close
 *
 * @typedef {object} ServeOptions
 * @property {Readonly<Record<string, string>>} folders URL prefix to folder: `{ "/": pages, "/dist/": dist }`. The longest
 *   prefix that fits is taken.
 * @property {boolean} isolated whether to send COOP and COEP, which make the page cross-origin isolated
 */

/**
 * @param {ServeOptions} options
 * @returns {Promise<StaticServer>}
 */
export async function serve({ folders, isolated }) {
  /** @type {Record<string, string>} */
  const isolation = isolated
    ? { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" }
    : {};
  /** @type {string[]} */
  const missing = [];
  const server = createServer((request, response) => {
    const wanted = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
    const file = locate(folders, wanted);
    if (file === undefined) {
      // Browsers ask for it unasked.
      if (wanted !== "/favicon.ico") missing.push(wanted);
      response.writeHead(404, isolation).end("not found");
      return;
    }
    const type = types[path.extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { "Content-Type": type, "Content-Length": statSync(file).size, ...isolation });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  return {
    url: `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`,
    missing,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve(undefined) : reject(error)));
        server.closeAllConnections();
      }),
  };
}

/**
 * @param {Readonly<Record<string, string>>} folders
 * @param {string} wanted
 */
function locate(folders, wanted) {
  const prefixes = Object.keys(folders).sort((a, b) => b.length - a.length);
  const prefix = prefixes.find((candidate) => wanted.startsWith(candidate));
  if (prefix === undefined) return undefined;
  const folder = path.resolve(/** @type {string} */ (folders[prefix]));
  const file = path.resolve(folder, wanted.slice(prefix.length));
  const inside = file.startsWith(folder + path.sep);
  return inside && (statSync(file, { throwIfNoEntry: false })?.isFile() ?? false) ? file : undefined;
}
