/**
 * Finds a Chromium and starts it: the one that FOVEA_BROWSER names, else an installed Chrome or Chromium, else on
 * Linux x64 the one inside the npm package @sparticuz/chromium. Where there is none it throws with what to do, so that
 * a test fails and is never skipped.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { type Browser, chromium } from "playwright-core";

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

export interface Candidate {
  readonly executablePath: string;
  /** Environment that it needs besides the process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the first Chromium that starts. The caller closes it. */
export async function launchChromium(environment: NodeJS.ProcessEnv = process.env): Promise<Browser> {
  const failures: string[] = [];
  for (const find of finders(environment)) {
    for (const candidate of find()) {
      try {
        return await chromium.launch({
          executablePath: candidate.executablePath,
          headless: true,
          args: launchArguments,
          env: { ...environment, ...candidate.env },
        });
      } catch (error) {
        failures.push(`${candidate.executablePath}: ${(error as Error).message.split("\n").slice(0, 6).join("\n  ")}`);
      }
    }
  }
  const tried = failures.length === 0 ? "" : ` These did not start:\n${failures.join("\n")}\n`;
  throw new Error(`The browser tests found no Chromium that starts.${tried} ${howToGetOne}`);
}

/** In order of preference; each is asked only if those before it had nothing that starts. */
function finders(environment: NodeJS.ProcessEnv): (() => Candidate[])[] {
  const named = environment.FOVEA_BROWSER;
  if (named !== undefined && named !== "") return [() => [namedBrowser(named)]];
  return [() => installedBrowsers(environment), npmChromium];
}

function namedBrowser(executablePath: string): Candidate {
  if (!existsSync(executablePath)) {
    throw new Error(`FOVEA_BROWSER names ${executablePath}, and there is no such file. ${howToGetOne}`);
  }
  return { executablePath };
}

/** Chrome and Chromium where their installers put them, then on the PATH. */
export function installedBrowsers(
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
  exists: (file: string) => boolean = existsSync,
): Candidate[] {
  const files: string[] = [];
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

/** The Chromium inside npm's @sparticuz/chromium, unpacked once into .cache/, with the libraries it brings along. */
function npmChromium(): Candidate[] {
  if (process.platform !== "linux" || process.arch !== "x64") return [];
  const manifest = path.join(root, "node_modules", "@sparticuz", "chromium", "package.json");
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  const folder = path.join(root, ".cache", `chromium-${version}`);
  if (!existsSync(folder)) unpack(folder);
  return [
    {
      executablePath: path.join(folder, "chromium"),
      env: { LD_LIBRARY_PATH: path.join(folder, "al2023", "lib"), FONTCONFIG_PATH: path.join(folder, "fonts") },
    },
  ];
}

/** The package unpacks into the temporary folder, in place; under a name of our own first, it is whole or not there. */
function unpack(folder: string): void {
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
