/** Finding the value in which a step stopped being finite: the same step, with nothing fused and everything kept. */

import type { Job } from "../backends/backend.js";
import { withRows } from "../graph/dimensions.js";
import type { Graph } from "../graph/graph.js";
import type { VariableStore } from "./variable-store.js";

/**
 * Runs an inspection graph on the rows of one step and names its first output that is not finite; `the update of the
 * weights` if all are.
 */
export async function findNonFinite(
  store: VariableStore,
  graph: Graph,
  rows: number,
  bound: Pick<Job, "inputs" | "tables">,
): Promise<string> {
  const { backend } = store;
  const program = await backend.lower(graph, { capacity: rows, variables: store.buffers, fuse: false });
  const outputs: Record<string, { buffer: Awaited<ReturnType<typeof backend.allocate>> }> = {};
  try {
    for (const [name, { dtype, shape }] of Object.entries(graph.outputs)) {
      outputs[name] = { buffer: await backend.allocate(dtype, withRows(shape, rows)) };
    }
    await backend.run(program, { ...bound, outputs, rows, batch: rows });
    for (const [name, { buffer }] of Object.entries(outputs)) {
      if (!(await backend.read(buffer)).every(Number.isFinite)) return `the ${name}`;
    }
    return "the update of the weights";
  } finally {
    backend.free(...Object.values(outputs).map(({ buffer }) => buffer));
    backend.release(program);
  }
}
