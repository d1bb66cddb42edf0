/**
 * The image of a program as it lies in memory (layout.ts): header, slots, instructions, relocations, constants. It is
 * made anew when the arena moves. Not here: the order of calls (schedule.ts) and arena offsets (plan.ts).
 */

import type { Variable } from "../../graph/tensor.js";
import { type Call, isPlace } from "./call.js";
import type { KeptPlan } from "./kept.js";
import { type KernelName, type KernelValues, kernels, type Size, wordOffset, writeInstruction } from "./kernels.js";
import { ALIGNMENT, INSTRUCTION, PROGRAM, RELOCATION } from "./layout.js";
import type { Block } from "./place.js";
import type { ArenaPlan } from "./plan.js";
import type { Schedule } from "./schedule.js";

/** Sizes and offsets of an image, known before any address is. */
export interface ImageLayout {
  readonly bytes: number;
  /** Offset of the table of bound addresses. */
  readonly slots: number;
  readonly slotCount: number;
  readonly instructions: number;
  readonly relocations: number;
  readonly relocationCount: number;
  readonly constants: ReadonlyMap<Block, number>;
}

/** Where everything is that an image refers to. */
export interface Addresses {
  /** Of the image itself. */
  readonly program: number;
  readonly arena: number;
  /** Of what the program keeps. */
  readonly kept: number;
  variable(variable: Variable): number;
}

function align(bytes: number, to: number): number {
  return Math.ceil(bytes / to) * to;
}

/** Lays out the image of a schedule with so many slots. */
export function layOut({ calls }: Schedule, slotCount: number): ImageLayout {
  let relocationCount = 0;
  const constants = new Map<Block, number>();
  for (const { values } of calls) {
    for (const value of Object.values(values)) {
      if (!isPlace(value)) continue;
      if (value.block.kind === "rows" || value.block.kind === "whole") relocationCount++;
      if (value.block.kind === "constant") constants.set(value.block, 0);
    }
  }
  const slots = PROGRAM.bytes;
  const instructions = align(slots + slotCount * 4, ALIGNMENT);
  const relocations = instructions + calls.length * INSTRUCTION.bytes;
  let bytes = align(relocations + relocationCount * RELOCATION.bytes, ALIGNMENT);
  for (const block of constants.keys()) {
    constants.set(block, bytes);
    bytes = align(bytes + (block as Extract<Block, { kind: "constant" }>).data.length, ALIGNMENT);
  }
  return { bytes, slots, slotCount, instructions, relocations, relocationCount, constants };
}

/** Writes the image. */
export function assemble(
  { calls, stages, chained }: Schedule,
  layout: ImageLayout,
  { offsets }: ArenaPlan,
  kept: KeptPlan,
  addresses: Addresses,
): Uint8Array<ArrayBuffer> {
  const image = new Uint8Array(layout.bytes);
  const view = new DataView(image.buffer);
  const at = addresses.program;
  view.setUint32(PROGRAM.instructions, calls.length, true);
  view.setUint32(PROGRAM.firstInstruction, at + layout.instructions, true);
  view.setUint32(PROGRAM.relocations, layout.relocationCount, true);
  view.setUint32(PROGRAM.firstRelocation, at + layout.relocations, true);
  view.setUint32(PROGRAM.slots, at + layout.slots, true);
  let relocation = layout.relocations;

  const resolve = (call: Call, index: number): Record<string, Size> => {
    const values: Record<string, Size> = {};
    for (const [word, value] of Object.entries(call.values)) {
      if (value === undefined) continue;
      if (!isPlace(value)) {
        values[word] = value;
        continue;
      }
      const { block, offset } = value;
      const keptAt = kept.offsets.get(block);
      if (keptAt !== undefined) values[word] = addresses.kept + keptAt + offset;
      else if (block.kind === "arena") values[word] = addresses.arena + offsets.get(block)! + offset;
      else if (block.kind === "variable") values[word] = addresses.variable(block.variable) + offset;
      else if (block.kind === "constant") values[word] = at + layout.constants.get(block)! + offset;
      else {
        const words = layout.instructions + index * INSTRUCTION.bytes + INSTRUCTION.words;
        view.setUint32(
          relocation + RELOCATION.address,
          at + words + wordOffset(kernels[call.kernel].words, word),
          true,
        );
        view.setUint32(relocation + RELOCATION.slot, block.slot, true);
        view.setUint32(relocation + RELOCATION.rowBytes, block.kind === "rows" ? block.rowBytes : 0, true);
        view.setUint32(relocation + RELOCATION.offset, offset, true);
        relocation += RELOCATION.bytes;
      }
    }
    return values;
  };

  calls.forEach((call, i) => {
    writeInstruction(view, layout.instructions + i * INSTRUCTION.bytes, {
      kernel: call.kernel,
      values: resolve(call, i) as unknown as KernelValues<KernelName>,
      // The interpreter has its own barrier between steps.
      barrier: i + 1 < calls.length && stages[i + 1] !== stages[i],
      chained: chained[i],
      block: call.block,
    });
  });
  for (const [block, offset] of layout.constants) {
    image.set((block as Extract<Block, { kind: "constant" }>).data, offset);
  }
  return image;
}
