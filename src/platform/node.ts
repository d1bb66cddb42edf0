/**
 * The platform of Node, and of Bun and Deno, which have its modules. Not the choice of it: current.ts.
 */

import { FileError } from "../core/errors.js";
import { builtin } from "./builtin.js";
import { wantsColor } from "./color.js";
import type { Environment } from "./environment.js";
import type { Files, Platform } from "./platform.js";

/** The platform of Node. @throws StateError in a Node that is too old. */
export function nodePlatform(environment: Environment): Platform {
  const os = builtin("node:os");
  const { process } = globalThis;
  return {
    environment,
    files: nodeFiles(),
    terminal: {
      // Asked each time: a terminal can be resized while an epoch runs.
      get isTTY() {
        return process.stdout.isTTY === true;
      },
      get columns() {
        return process.stdout.columns || 80;
      },
      get color() {
        return wantsColor(process.env, process.stdout.isTTY === true);
      },
      write: (text) => {
        process.stdout.write(text);
      },
    },
    isolated: true,
    availableParallelism: () => Math.max(1, os.availableParallelism()),
    now: () => performance.now(),
  };
}

function nodeFiles(): Files {
  const fs = builtin("node:fs");
  const path = builtin("node:path");

  function writeWholeNow(file: string, contents: string | Uint8Array): void {
    const unique = crypto.randomUUID().slice(0, 8);
    const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${unique}.temporary`);
    const descriptor = fs.openSync(temporary, "wx");
    try {
      try {
        fs.writeFileSync(descriptor, contents);
        fs.fsyncSync(descriptor);
      } finally {
        fs.closeSync(descriptor);
      }
      fs.renameSync(temporary, file);
    } catch (error) {
      try {
        fs.rmSync(temporary, { force: true });
      } catch {
        // What went wrong first is what matters.
      }
      throw error;
    }
  }

  return {
    async readFile(file, { limit = Number.POSITIVE_INFINITY } = {}) {
      const bytes = await attempt("read", file, async () => {
        const { size } = await fs.promises.stat(file);
        if (size > limit) throw new Error(`expected at most ${limit} bytes, found ${size}`);
        return fs.promises.readFile(file);
      });
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
    async writeWhole(file, contents) {
      await attempt("write", file, () => writeWholeNow(file, contents));
    },
    async append(file, contents) {
      await attempt("write", file, () => fs.appendFileSync(file, contents));
    },
    async exists(file) {
      return fs.existsSync(file);
    },
    async mkdir(folder) {
      await attempt("make the folder", folder, () => fs.mkdirSync(folder, { recursive: true }));
    },
    async findPackageFile(specifier, from) {
      const here = path.join(process.cwd(), "anything.js");
      // In a bundle `from` can be no file at all.
      const starts = from.startsWith("file:") ? [from, here] : [here];
      for (const start of starts) {
        try {
          return builtin("node:module").createRequire(start).resolve(specifier);
        } catch (error) {
          const code = (error as NodeJS.ErrnoException).code;
          if (code !== "MODULE_NOT_FOUND" && code !== "ERR_PACKAGE_PATH_NOT_EXPORTED") throw error;
        }
      }
      return undefined;
    },
  };
}

/** What the commonest system errors mean, with what to do. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the disk is read-only",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is a file, not a folder",
  EEXIST: "there is a file of this name",
  ENOSPC: "the disk is full",
  EDQUOT: "the quota is used up",
  EMFILE: "too many files are open",
  ERR_FS_FILE_TOO_LARGE: "it is larger than 2 GiB",
};

async function attempt<T>(verb: string, file: string | URL, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = (code !== undefined && reasons[code]) || message;
    throw new FileError(`Cannot ${verb} ${file}: ${reason}${code === undefined ? "" : ` (${code})`}.`, { cause });
  }
}
