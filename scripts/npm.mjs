/** Where npm is. Node's built-ins only, since setup needs it before anything is installed. */
import fs from "node:fs";
import path from "node:path";

/**
 * npm's own script, run by this Node: on Windows npm is a .cmd file, which cannot be spawned without a shell.
 *
 * @returns {{ file: string, leading: string[], shell?: boolean }}
 */
export function npmCommand() {
  const beside = path.dirname(process.execPath);
  const places = [
    process.env.npm_execpath ?? "",
    path.join(beside, "node_modules", "npm", "bin", "npm-cli.js"),
    path.join(beside, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
  ];
  // npm_execpath names yarn or pnpm when one of those runs the script; they would not read npm's lock file.
  const script = places.find((place) => path.basename(place) === "npm-cli.js" && fs.existsSync(place));
  if (script !== undefined) return { file: process.execPath, leading: [script] };
  return { file: "npm", leading: [], shell: process.platform === "win32" };
}
