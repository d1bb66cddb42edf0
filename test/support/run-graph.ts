/** A few tensors computed by a real backend in one step, for tests that hold its numbers against another library's. */

import type { Backend, Buffer } from "../../src/backends/backend.js";
import { referenceBackend } from "../../src/backends/reference/reference.js";
import { WasmBackend } from "../../src/backends/wasm/wasm-backend.js";
import { arrayType, type TypedArray } from "../../src/core/dtype.js";
import type { NDArray } from "../../src/core/ndarray.js";
import { withRows } from "../../src/graph/dimensions.js";
import type { Tensor, Variable } from "../../src/graph/tensor.js";
import { moduleNames } from "../cases/engines.js";

/** A backend and what to call it in messages. */
export interface NamedBackend {
  readonly name: string;
  readonly backend: Backend;
}

/** The reference, and the engine on each module with 1 and with 2 threads, which all take part in however small a program. */
export function allBackends(): NamedBackend[] {
  const engines = moduleNames.flatMap((module) =>
    [1, 2].map((threads) => ({
      name: `${module}, ${threads} thread${threads === 1 ? "" : "s"}`,
      backend: new WasmBackend({ threads, module, shared: true, threadCost: 1 }),
    })),
  );
  return [{ name: "reference", backend: referenceBackend() }, ...engines];
}

/** Ends them. */
export async function closeBackends(backends: readonly NamedBackend[]): Promise<void> {
  for (const { backend } of backends) if (backend instanceof WasmBackend) await backend.close();
}

/** The values of `outputs` by name; `leaves` holds those of inputs (whose first axis is the rows of the step) and variables. */
export async function runGraph(
  backend: Backend,
  outputs: Readonly<Record<string, Tensor>>,
  leaves: ReadonlyMap<Tensor, NDArray>,
  rows: number,
): Promise<Record<string, TypedArray>> {
  const made: Buffer[] = [];
  const inputs: Record<string, { buffer: Buffer }> = {};
  const variables = new Map<Variable, Buffer>();
  for (const [leaf, values] of leaves) {
    const buffer = await backend.allocate(leaf.dtype, values.shape);
    made.push(buffer);
    const data = new arrayType[leaf.dtype](values.size);
    data.set(values.data);
    await backend.write(buffer, data);
    if (leaf.op === "variable") variables.set(leaf.attributes.variable as Variable, buffer);
    else inputs[leaf.attributes.name as string] = { buffer };
  }
  const program = await backend.lower({ name: "test", outputs, effects: [] }, { capacity: rows, variables });
  const targets: Record<string, { buffer: Buffer }> = {};
  for (const [name, { dtype, shape }] of Object.entries(outputs)) {
    targets[name] = { buffer: await backend.allocate(dtype, withRows(shape, rows)) };
    made.push(targets[name].buffer);
  }
  await backend.run(program, { inputs, outputs: targets, rows, batch: rows });
  const results: Record<string, TypedArray> = {};
  for (const [name, { buffer }] of Object.entries(targets)) results[name] = await backend.read(buffer);
  backend.release(program);
  backend.free(...made);
  return results;
}

/**
 * The largest difference of two arrays, each relative to the expected number, but to 1 for those below 1 (or to the
 * largest of all, where that is below 1).
 */
export function relativeMiss(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  const largest = Array.from(expected).reduce((most, v) => Math.max(most, Math.abs(v)), 1e-30);
  let miss = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(found[i]! - expected[i]!) / Math.max(Math.min(1, largest), Math.abs(expected[i]!));
    miss = Math.max(miss, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }
  return miss;
}
