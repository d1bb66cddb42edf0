/** Programs made of kernel calls by hand, for tests of the engine below the ops: endless work, traps. */

import { layOut } from "../../src/backends/wasm/assemble.js";
import { Builder } from "../../src/backends/wasm/builder.js";
import { planKept } from "../../src/backends/wasm/kept.js";
import { planArena } from "../../src/backends/wasm/plan.js";
import type { LoweredGraph } from "../../src/backends/wasm/program.js";
import { schedule } from "../../src/backends/wasm/schedule.js";

/**
 * The program of the calls that `emit` makes, without inputs. Calls of an output, one float each, are made in jobs that
 * have a place for it.
 */
export function handmade(
  name: string,
  emit: (builder: Builder) => void,
  { capacity = 1, outputs = [] }: { readonly capacity?: number; readonly outputs?: readonly string[] } = {},
): LoweredGraph {
  const builder = new Builder(capacity);
  builder.begin({ op: name });
  emit(builder);
  const order = schedule(builder.calls);
  const kept = planKept(order);
  return {
    name,
    capacity,
    schedule: order,
    kept,
    arena: planArena(order, kept),
    layout: layOut(order, outputs.length),
    inputs: [],
    tables: [],
    outputs: outputs.map((output, slot) => ({ name: output, slot, shape: [1], dtype: "float32" })),
    variables: [],
  };
}
