/**
 * Finds a Chromium and starts it: the one that FOVEA_BROWSER names, else an installed Chrome or Chromium, else on
 * Linux x64 the one inside the npm package @sparticuz/chromium. Where there is none it throws with what to do, so that
 * a test fails and is never skipped. JavaScript, since the bench starts its pages by it as well.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";

const root = path.join(import.meta.dirname, "..", "..");

/** Nothing but the tests' own pages is loaded, so the sandbox, the GPU and every background request can be off. */
const launchArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--no-default-browser-check",
  "--no-pings",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-client-side-phishing-detection",
  "--disable-default-apps",
  "--disable-domain-reliability",
  "--disable-sync",
  "--metrics-recording-only",
];

const howToGetOne =
  "Install Google Chrome or Chromium, or set FOVEA_BROWSER to the executable of one " +
  "(for example FOVEA_BROWSER=/opt/chromium/chrome npm test).";

/**
 * @typedef {object} Candidate
 * @property {string} executablePath
 * @property {Readonly<Record<string, string>>} [env] environment that it needs besides the process's own
 */

/**
 * Starts the first Chromium that starts. The caller closes it.
 * @param {NodeJS.ProcessEnv} [environment]
 * @returns {Promise<import("playwright-core").Browser>}
 */
export async function launchChromium(environment = process.env) {
  /** @type {string[]} */
  const failures = [];
  for (const find of finders(environment)) {
    for (const candidate of find()) {
      try {
        return await chromium.launch({
          executablePath: candidate.executablePath,
          headless: true,
          args: launchArguments,
          env: /** @type {Record<string, string>} */ ({ ...environment, ...candidate.env }),
        });
      } catch (error) {
        failures.push(
          `${candidate.executablePath}: ${/** @type {Error} */ (error).message.split("\n").slice(0, 6).join("\n  ")}`,
        );
      }
    }
  }
  const tried = failures.length === 0 ? "" : ` These did not start:\n${failures.join("\n")}\n`;
  throw new Error(`The browser tests found no Chromium that starts.${tried} ${howToGetOne}`);
}

/**
 * In order of preference; each is asked only if those before it had nothing that starts.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {(() => Candidate[])[]}
 */
function finders(environment) {
  const named = environment.FOVEA_BROWSER;
  if (named !== undefined && named !== "") return [() => [namedBrowser(named)]];
  return [() => installedBrowsers(environment), npmChromium];
}

/**
 * @param {string} executablePath
 * @returns {Candidate}
 */
function namedBrowser(executablePath) {
  if (!existsSync(executablePath)) {
    throw new Error(`FOVEA_BROWSER names ${executablePath}, and there is no such file. ${howToGetOne}`);
  }
  return { executablePath };
}

/**
 * Chrome and Chromium where their installers put them, then on the PATH.
 * @param {NodeJS.ProcessEnv} environment
 * @param {NodeJS.Platform} [platform]
 * @param {(file: string) => boolean} [exists]
 * @returns {Candidate[]}
 */
export function installedBrowsers(environment, platform = process.platform, exists = existsSync) {
  /** @type {string[]} */
  const files = [];
  if (platform === "darwin") {
    for (const folder of ["/Applications", path.posix.join(environment.HOME ?? "/", "Applications")]) {
      files.push(`${folder}/Google Chrome.app/Contents/MacOS/Google Chrome`);
      files.push(`${folder}/Chromium.app/Contents/MacOS/Chromium`);
    }
  } else if (platform === "win32") {
    for (const folder of [environment.PROGRAMFILES, environment["PROGRAMFILES(X86)"], environment.LOCALAPPDATA]) {
      if (folder === undefined) continue;
      files.push(path.win32.join(folder, "Google", "Chrome", "Application", "chrome.exe"));
      files.push(path.win32.join(folder, "Chromium", "Application", "chrome.exe"));
    }
  } else {
    const folders = [...(environment.PATH ?? "").split(":"), "/usr/bin", "/usr/local/bin", "/snap/bin"];
    for (const name of ["google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "chrome"]) {
      for (const folder of folders) if (folder !== "") files.push(`${folder}/${name}`);
    }
    files.push("/opt/google/chrome/chrome");
  }
  return [...new Set(files)].filter(exists).map((executablePath) => ({ executablePath }));
}

/**
 * The Chromium inside npm's @sparticuz/chromium, unpacked once into .cache/, with the libraries it brings along.
 * @returns {Candidate[]}
 */
function npmChromium() {
  if (process.platform !== "linux" || process.arch !== "x64") return [];
  const manifest = path.join(root, "node_modules", "@sparticuz", "chromium", "package.json");
  const { version } = /** @type {{ version: string }} */ (JSON.parse(readFileSync(manifest, "utf8")));
  const folder = path.join(root, ".cache", `chromium-${version}`);
  if (!existsSync(folder)) unpack(folder);
  return [
    {
      executablePath: path.join(folder, "chromium"),
      env: { LD_LIBRARY_PATH: path.join(folder, "al2023", "lib"), FONTCONFIG_PATH: path.join(folder, "fonts") },
    },
  ];
}

/**
 * The package unpacks into the temporary folder, in place; under a name of our own first, it is whole or not there.
 * @param {string} folder
 */
function unpack(folder) {
  mkdirSync(path.dirname(folder), { recursive: true });
  const unfinished = mkdtempSync(`${folder}-`);
  try {
    const program = 'import chromium from "@sparticuz/chromium"; await chromium.executablePath();';
    execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
      cwd: root,
      // The second variable makes it unpack its shared libraries too, which a bare Debian lacks.
      env: { ...process.env, TMPDIR: unfinished, AWS_LAMBDA_JS_RUNTIME: "nodejs20.x" },
    });
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}
