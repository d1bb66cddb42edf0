/** Runs a program to its end and returns everything that it wrote. A test's helper: nothing is thrown on failure. */
import { spawn } from "node:child_process";

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** For npm where it is a .cmd file. */
  readonly shell?: boolean;
}

export function runCommand(file: string, args: readonly string[], options: CommandOptions): Promise<Outcome> {
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.env ?? cleanEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
    shell: options.shell ?? false,
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, err }));
  });
}

/** This process's environment without what npm and the test runner put there, as a user's own shell has it. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(npm_|VITEST|TEST$|NODE_ENV$|NODE_OPTIONS$|INIT_CWD$|FORCE_COLOR$|NODE_COMPILE_CACHE$)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}
