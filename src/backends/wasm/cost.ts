/** About how many operations a call takes: enough to tell a small program from a large one. Not a measurement. */

import type { Call } from "./call.js";
import { sizeAt } from "./kernels/kernel.js";
import { kernels, type Size } from "./kernels.js";

/** Operations of a call with so many rows: the product of its sizes, twice if it multiplies and adds. */
export function costOf({ kernel, values }: Call, rows: number): number {
  const { words } = kernels[kernel];
  const sizes = Object.entries(words).flatMap(([word, kind]) =>
    kind === "size" ? [[word, sizeAt((values[word] ?? 0) as Size, rows)] as const] : [],
  );
  const known = Object.fromEntries(sizes);
  if (known.m !== undefined && known.n !== undefined && known.k !== undefined) return 2 * known.m * known.n * known.k;
  return Math.max(1, ...sizes.map(([, size]) => size));
}
