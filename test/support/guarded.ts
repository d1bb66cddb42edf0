/**
 * A program whose memory is watched: every block of its arena has a place of its own between fences, and arena and
 * scratch memory are full of NaN before each job. So a kernel that writes beyond its block is found, and one that reads
 * what no kernel wrote gives NaN. For tests; on engines of one thread, whose scratch memory ends where it is fenced.
 */

import type { Buffer } from "../../src/backends/backend.js";
import type { WasmBuffer } from "../../src/backends/wasm/buffers.js";
import type { Engine } from "../../src/backends/wasm/engine.js";
import type { Region } from "../../src/backends/wasm/engine-memory.js";
import { ALIGNMENT } from "../../src/backends/wasm/layout.js";
import { lowerGraph } from "../../src/backends/wasm/lower.js";
import type { Block } from "../../src/backends/wasm/place.js";
import { type ArenaPlan, planArena } from "../../src/backends/wasm/plan.js";
import type { WasmProgram } from "../../src/backends/wasm/program.js";
import type { Schedule } from "../../src/backends/wasm/schedule.js";
import type { WasmBackend } from "../../src/backends/wasm/wasm-backend.js";
import type { Graph } from "../../src/graph/graph.js";
import type { Variable } from "../../src/graph/tensor.js";

/** Bytes of a fence. */
const FENCE = 4 * ALIGNMENT;
/** Four of them are a NaN. */
export const POISON = 0xff;

/** A watched program. */
export class GuardedProgram {
  private readonly scratchBytes: number;

  private constructor(
    readonly program: WasmProgram,
    private readonly engine: Engine,
  ) {
    this.scratchBytes = Math.ceil(program.scratch / ALIGNMENT) * ALIGNMENT;
  }

  /** Lowers a graph for an engine of one thread. */
  static async lower(
    backend: WasmBackend,
    graph: Graph,
    capacity: number,
    variables: ReadonlyMap<Variable, Buffer>,
  ): Promise<GuardedProgram> {
    const lowered = lowerGraph(graph, { capacity, fuse: true, log: undefined });
    const arena = fenced(lowered.schedule);
    const program = await backend.load({ ...lowered, arena }, variables as ReadonlyMap<Variable, WasmBuffer>);
    return new GuardedProgram(program, (backend as unknown as { engine: Engine }).engine);
  }

  /** Fills arena and scratch memory; before each job, with nothing else going on. */
  async poison(): Promise<void> {
    for (const { address, bytes } of await this.regions()) {
      await this.engine.port.write(address, new Uint8Array(bytes).fill(POISON));
    }
  }

  /** Which fence was written to, in words; undefined if none was. */
  async trespass(): Promise<string | undefined> {
    const { arena, schedule } = this.program.lowered;
    const [blocks, scratch] = await this.regions();
    const bytes = await this.engine.port.read(blocks!.address, blocks!.bytes);
    for (const [block, start] of arena.offsets) {
      const end = start + (block as Extract<Block, { kind: "arena" }>).bytes;
      const written = [...schedule.calls].filter(({ writes }) => writes.has(block)).map(({ kernel }) => kernel);
      const name = `the block of ${end - start} bytes that ${written.join(" and ")} wrote`;
      for (let i = end; i < end + FENCE; i++) if (bytes[i] !== POISON) return `byte ${i - end} behind ${name}`;
      for (let i = start - FENCE; i < start; i++) if (bytes[i] !== POISON) return `byte ${start - i} before ${name}`;
    }
    const tail = await this.engine.port.read(scratch!.address + this.scratchBytes, FENCE);
    const at = tail.findIndex((byte) => byte !== POISON);
    return at < 0 ? undefined : `byte ${at} behind ${this.scratchBytes} bytes of scratch memory`;
  }

  private async regions(): Promise<{ address: number; bytes: number }[]> {
    const { arena, scratch } = this.engine as unknown as { arena: Region; scratch: Region };
    const sizes = [
      [arena, this.program.lowered.arena.bytes],
      [scratch, this.scratchBytes + FENCE],
    ] as const;
    return Promise.all(sizes.map(async ([region, bytes]) => ({ address: await region.ensure(bytes), bytes })));
  }
}

/** A plan in which no block shares its place. */
function fenced(schedule: Schedule): ArenaPlan {
  const { lives } = planArena(schedule);
  const offsets = new Map<Block, number>();
  let end = FENCE;
  for (const [block, { bytes }] of lives) {
    offsets.set(block, end);
    end += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT + FENCE;
  }
  return { offsets, lives, bytes: end };
}
