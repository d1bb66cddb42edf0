/**
 * A static server on the loopback interface, with or without the two headers that isolate a page (and so allow it
 * shared memory). It serves the folders it is given and nothing else. For tests only.
 */
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

export interface StaticServer {
  /** Such as http://127.0.0.1:40123, without a slash at its end. */
  readonly url: string;
  /** The paths that were asked for and are not there. */
  readonly missing: readonly string[];
  close(): Promise<void>;
}

export interface ServeOptions {
  /** URL prefix → folder: `{ "/": pages, "/dist/": dist }`. The longest prefix that fits is taken. */
  readonly folders: Readonly<Record<string, string>>;
  /** Whether to send COOP and COEP, which make the page cross-origin isolated. */
  readonly isolated: boolean;
}

export async function serve({ folders, isolated }: ServeOptions): Promise<StaticServer> {
  const isolation = isolated
    ? { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" }
    : {};
  const missing: string[] = [];
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
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    missing,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

function locate(folders: Readonly<Record<string, string>>, wanted: string): string | undefined {
  const prefixes = Object.keys(folders).sort((a, b) => b.length - a.length);
  const prefix = prefixes.find((candidate) => wanted.startsWith(candidate));
  if (prefix === undefined) return undefined;
  const folder = path.resolve(folders[prefix]!);
  const file = path.resolve(folder, wanted.slice(prefix.length));
  const inside = file.startsWith(folder + path.sep);
  return inside && (statSync(file, { throwIfNoEntry: false })?.isFile() ?? false) ? file : undefined;
}
