/**
 * The engine's sources as JavaScript in a folder of their own, for scripts that tests run in a process of their own:
 * what is tested is then the sources as they are, not an older build.
 */

import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformWithOxc } from "vite";
import { buildWasm } from "../../scripts/build-wasm.mjs";

const src = fileURLToPath(new URL("../../src/", import.meta.url));

/** Compiles some rooms without checking types. Returns the folder that stands for src/. */
export async function compileSources(rooms: readonly string[]): Promise<string> {
  await buildWasm();
  const folder = mkdtempSync(join(tmpdir(), "fovea-compiled-"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const room of rooms) {
    for (const name of readdirSync(join(src, room), { recursive: true, encoding: "utf8" })) {
      const [from, to] = [join(src, room, name), join(folder, room, name)];
      if (name.includes("assembly") || name.endsWith(".test.ts")) continue;
      if (!/\.(ts|js|wasm)$/.test(name)) continue;
      mkdirSync(dirname(to), { recursive: true });
      if (!name.endsWith(".ts")) {
        copyFileSync(from, to);
        continue;
      }
      const { code } = await transformWithOxc(readFileSync(from, "utf8"), from, { target: "es2022" });
      writeFileSync(to.replace(/\.ts$/, ".js"), code);
    }
  }
  return folder;
}
