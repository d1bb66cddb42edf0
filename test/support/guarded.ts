/**
 * A program whose memory is watched: every block of its arena has a place of its own between fences, and blocks and
 * scratch memory are full of NaN before each job. So a kernel that writes beyond its block is found, and one that reads
 * what no kernel wrote gives NaN. For tests; on engines of one thread, whose scratch memory ends where it is fenced.
 */

import type { Buffer } from "../../src/backends/backend.js";
import type { WasmBuffer } from "../../src/backends/wasm/buffers.js";
import type { Engine } from "../../src/backends/wasm/engine.js";
import type { Region } from "../../src/backends/wasm/engine-memory.js";
import type { KeptPlan } from "../../src/backends/wasm/kept.js";
import { ALIGNMENT } from "../../src/backends/wasm/layout.js";
import { lowerGraph } from "../../src/backends/wasm/lower.js";
import type { Block } from "../../src/backends/wasm/place.js";
import { type ArenaPlan, planArena } from "../../src/backends/wasm/plan.js";
import type { WasmProgram } from "../../src/backends/wasm/program.js";
import type { Schedule } from "../../src/backends/wasm/schedule.js";
import type { WasmBackend } from "../../src/backends/wasm/wasm-backend.js";
import type { Graph } from "../../src/graph/graph.js";
import type { Variable } from "../../src/graph/tensor.js";

/** A plan that keeps nothing. */
const nothingKept: KeptPlan = { calls: new Set(), offsets: new Map(), bytes: 0, variables: [] };

/** Bytes of a fence. */
const FENCE = 4 * ALIGNMENT;
/** What blocks are full of: four of them are a NaN. */
export const POISON = 0xff;
/** What fences are made of: not NaN, which stays what it is when something is added. */
const BOARD = 0x3f;

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
    const program = await backend.load(
      { ...lowered, kept: nothingKept, arena },
      variables as ReadonlyMap<Variable, WasmBuffer>,
    );
    return new GuardedProgram(program, (backend as unknown as { engine: Engine }).engine);
  }

  /** Fills arena and scratch memory; before each job, with nothing else going on. */
  async poison(): Promise<void> {
    const [blocks, scratch] = await this.regions();
    const arena = new Uint8Array(blocks!.bytes).fill(BOARD);
    for (const [block, start] of this.program.lowered.arena.offsets) arena.fill(POISON, start, start + bytesOf(block));
    await this.engine.port.write(blocks!.address, arena);
    const own = new Uint8Array(scratch!.bytes).fill(POISON).fill(BOARD, this.scratchBytes);
    await this.engine.port.write(scratch!.address, own);
  }

  /** Which fence was written to, in words; undefined if none was. */
  async trespass(): Promise<string | undefined> {
    const { arena, schedule } = this.program.lowered;
    const [blocks, scratch] = await this.regions();
    const bytes = await this.read(blocks!.address, blocks!.bytes);
    for (const [block, start] of arena.offsets) {
      const end = start + bytesOf(block);
      const written = [...schedule.calls].filter(({ writes }) => writes.has(block)).map(({ kernel }) => kernel);
      const name = `the block of ${end - start} bytes that ${written.join(" and ")} wrote`;
      for (let i = end; i < end + FENCE; i++) if (bytes[i] !== BOARD) return `byte ${i - end} behind ${name}`;
      for (let i = start - FENCE; i < start; i++) if (bytes[i] !== BOARD) return `byte ${start - i} before ${name}`;
    }
    const tail = await this.read(scratch!.address + this.scratchBytes, FENCE);
    const at = tail.findIndex((byte) => byte !== BOARD);
    return at < 0 ? undefined : `byte ${at} behind ${this.scratchBytes} bytes of scratch memory`;
  }

  private async read(address: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    await this.engine.port.read(address, bytes);
    return bytes;
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

/** A plan in which no block shares its place; what would be kept lies there too, and is made in every job. */
function fenced(schedule: Schedule): ArenaPlan {
  const { lives } = planArena(schedule, nothingKept);
  const offsets = new Map<Block, number>();
  let end = FENCE;
  for (const [block, { bytes }] of lives) {
    offsets.set(block, end);
    end += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT + FENCE;
  }
  return { offsets, lives, bytes: end };
}

function bytesOf(block: Block): number {
  return (block as Extract<Block, { kind: "arena" }>).bytes;
}
