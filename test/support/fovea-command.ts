/** Runs the built command line as a process of its own. Nothing is thrown on failure: tests look at the outcome. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import path from "node:path";
import type { Readable } from "node:stream";
import { cleanEnvironment } from "../packaging/command.js";

/** The command as built. */
export const commandFile = path.join(import.meta.dirname, "..", "..", "dist", "cli", "main.js");

/** How a process ended, and what it wrote. */
export interface Outcome {
  readonly code: number | null;
  /** The signal that ended it, where one did. */
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface FoveaOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Makes the process believe that its standard output is a terminal of 120 columns. Default false. */
  readonly terminal?: boolean;
  /** The file to run. Default: the command in dist. */
  readonly file?: string;
}

export interface Running {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<Outcome>;
  /** Resolves when the standard output has come to hold this. @throws Error if the process ends before. */
  printed(text: string | RegExp): Promise<void>;
}

const asTerminal = "Object.assign(process.stdout, { isTTY: true, columns: 120 });";

/** Starts `fovea` with these words. */
export function startFovea(args: readonly string[], options: FoveaOptions = {}): Running {
  const { NO_COLOR: _, FOVEA_DEBUG: __, ...inherited } = cleanEnvironment();
  const { terminal = false, file = commandFile } = options;
  const nodeArguments = terminal ? ["--import", `data:text/javascript,${encodeURIComponent(asTerminal)}`] : [];
  const child = spawn(process.execPath, [...nodeArguments, file, ...args], {
    cwd: options.cwd,
    env: { ...inherited, TERM: "xterm-256color", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    out += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    err += chunk;
  });
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, out, err }));
  });
  const printed = async (text: string | RegExp): Promise<void> => {
    const there = () => (typeof text === "string" ? out.includes(text) : text.test(out));
    while (!there()) {
      const more = new Promise<boolean>((resolve) => child.stdout.once("data", () => resolve(true)));
      if (!(await Promise.race([more, ended.then(() => there())]))) {
        throw new Error(`fovea ended before it printed ${text}:\n${out}${err}`);
      }
    }
  };
  return { child, ended, printed };
}

/** Runs `fovea` with these words to its end. */
export function fovea(args: readonly string[], options: FoveaOptions = {}): Promise<Outcome> {
  return startFovea(args, options).ended;
}
