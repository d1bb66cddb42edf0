/**
 * Memory as the lowering speaks of it, before anyone knows addresses: blocks, and places within them. Addresses are
 * given by plan.ts (the arena) and assemble.ts (all others).
 */

import type { Variable } from "../../graph/tensor.js";

/**
 * A block of memory. "arena": lives for a part of a step; "variable": the state; "constant": written once with the
 * program; "rows": rows of a bound input or output, which advance with the steps; "whole": a bound buffer as a whole.
 */
export type Block =
  | { readonly kind: "arena"; readonly bytes: number }
  | { readonly kind: "variable"; readonly variable: Variable }
  | { readonly kind: "constant"; readonly data: Uint8Array }
  | { readonly kind: "rows"; readonly slot: number; readonly rowBytes: number }
  | { readonly kind: "whole"; readonly slot: number };

/** A byte in a block. */
export interface Place {
  readonly block: Block;
  readonly offset: number;
}

/** The first byte of a block. */
export function startOf(block: Block): Place {
  return { block, offset: 0 };
}

/** `bytes` further on in the same block. */
export function after(place: Place, bytes: number): Place {
  return { block: place.block, offset: place.offset + bytes };
}
