/**
 * Finding the value in which a step stopped being finite: the same step, with nothing fused and every value handed out. It has
 * the training program's room, and what that writes counts as written: kernels and their blocks are a matter of both, and
 * another algorithm might round to a finite number.
 */

import { withRows } from "../graph/dimensions.js";
import { writtenVariables } from "../graph/effects.js";
import type { Graph } from "../graph/graph.js";
import type { Lowered } from "./program-cache.js";
import { type Bound, readBy } from "./row-source.js";
import type { VariableStore } from "./variable-store.js";

/**
 * Runs an inspection graph on the rows of one step of a training program and names its first output that is not finite;
 * `the update of the weights` if all are.
 */
export async function findNonFinite(
  store: VariableStore,
  graph: Graph,
  trained: Lowered,
  rows: number,
  bound: Bound,
): Promise<string> {
  const { backend } = store;
  const program = await backend.lower(graph, {
    capacity: trained.program.capacity,
    variables: store.buffers,
    fuse: false,
    alsoWritten: trained.graph.effects.flatMap(writtenVariables),
  });
  const outputs: Record<string, { buffer: Awaited<ReturnType<typeof backend.allocate>> }> = {};
  try {
    for (const [name, { dtype, shape }] of Object.entries(graph.outputs)) {
      outputs[name] = { buffer: await backend.allocate(dtype, withRows(shape, rows)) };
    }
    await backend.run(program, { ...readBy(graph, bound), outputs, rows, batch: rows });
    for (const [name, { buffer }] of Object.entries(outputs)) {
      if (!(await backend.read(buffer)).every(Number.isFinite)) return `the ${name}`;
    }
    return "the update of the weights";
  } finally {
    backend.free(...Object.values(outputs).map(({ buffer }) => buffer));
    backend.release(program);
  }
}
