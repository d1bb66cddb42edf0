/**
 * What the calls of a program amount to, to be set against the times of a job: arithmetic, memory touched, stages. For
 * looking at a program from outside (bench/profile.mjs); nothing here decides anything.
 */

import { bytesPerElement } from "../../core/dtype.js";
import { StateError } from "../../core/errors.js";
import { sizeOf } from "../../core/shape.js";
import type { Program } from "../backend.js";
import { flopsOf, multipliedOf } from "./cost.js";
import type { Block } from "./place.js";
import { WasmProgram } from "./program.js";

/** One call of a program. */
export interface CallProfile {
  /** The kernel, and the op it is for: `gemm (matmul)`. */
  readonly name: string;
  readonly stage: number;
  /** Whether it is done tile by tile with the call before it, whose time is that of both. */
  readonly chained: boolean;
  /** Multiplications and additions of its product, a convolution counted as the direct algorithm; 0 where it is none. */
  readonly flops: number;
  /** The same as it is done: by Winograd's algorithm fewer. Zeros that are left out count. */
  readonly multiplied: number;
  /** Bytes of all that it reads and writes, each counted once; of a table of rows none. */
  readonly bytes: number;
}

/** A program in numbers. */
export interface ProgramProfile {
  readonly calls: readonly CallProfile[];
  readonly stages: number;
  /** Bytes of the arena, where everything lies that lives for a part of a step. */
  readonly arena: number;
  /** Bytes of scratch memory of one thread. */
  readonly scratch: number;
}

/** Describes a program for steps of so many rows. @throws StateError if it is not one of the WASM engine. */
export function profileOf(program: Program, rows: number): ProgramProfile {
  if (!(program instanceof WasmProgram)) throw new StateError("profileOf: the program is not one of the WASM engine.");
  const { schedule, arena } = program.lowered;
  return {
    calls: schedule.calls.map((call, i) => ({
      name: program.nameOf(i),
      stage: schedule.stages[i]!,
      chained: schedule.chained[i - 1] ?? false,
      flops: flopsOf(call, rows),
      multiplied: multipliedOf(call, rows),
      bytes: [...new Set([...call.reads, ...call.writes])].reduce((sum, block) => sum + bytesOf(block, rows), 0),
    })),
    stages: schedule.length,
    arena: arena.bytes,
    scratch: program.scratch,
  };
}

function bytesOf(block: Block, rows: number): number {
  if (block.kind === "arena") return block.bytes;
  if (block.kind === "constant") return block.data.length;
  if (block.kind === "rows") return block.rowBytes * rows;
  return block.kind === "variable" ? sizeOf(block.variable.shape) * bytesPerElement(block.variable.dtype) : 0;
}
