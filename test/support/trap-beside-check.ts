/** A step in which one thread traps beside another that finds a number that is not finite, for tests of which is told. */

import type { Buffer } from "../../src/backends/backend.js";
import type { Builder } from "../../src/backends/wasm/builder.js";
import type { WasmBackend } from "../../src/backends/wasm/wasm-backend.js";

/** Bytes that a thread reads before it traps: for milliseconds. */
const LONG = 64 * 2 ** 20;

/**
 * Emits it. Whoever comes first reads to the end of the memory and beyond, which traps; the other meets NaN long before
 * and leaves. Where the other comes late, it finds a job that has failed already.
 */
export function trapBesideCheck(builder: Builder): void {
  builder.emit("checkFinite", { x: builder.scratch(4), n: 2 ** 30 });
  builder.emit("checkFinite", { x: builder.constant(Float32Array.of(Number.NaN)), n: 1 });
}

/** Makes the memory so large that reading to its end takes long. */
export function longMemory(backend: WasmBackend): Promise<Buffer> {
  return backend.allocate("uint8", [LONG]);
}
