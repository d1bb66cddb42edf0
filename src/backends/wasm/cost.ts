/** About how many operations a call takes: enough to tell a small program from a large one. Not a measurement. */

import type { Call } from "./call.js";
import { sizeAt } from "./kernels/kernel.js";
import { kernels, type Size } from "./kernels.js";

/** Words that say how much a kernel does for each of its units, where it has them. */
const perUnit = ["length", "classes", "rowLength", "rowBytes", "height", "width", "channels", "count"] as const;

/** Operations of a call in a step of so many rows. */
export function costOf({ kernel, values }: Call, rows: number): number {
  const { words } = kernels[kernel];
  const at = (word: string): number => {
    const value = values[word] as Size | undefined;
    return value === undefined ? 1 : sizeAt(value, rows);
  };
  const product = (list: readonly string[]): number => list.reduce((result, word) => result * at(word), 1);
  if (kernel === "gemm") return 2 * product(["m", "n", "k"]);
  if (kernel === "packB") return product(["k", "n", "count"]);
  if (kernel === "packPanels") return product(["k", "n"]);
  if (kernel === "packPairs") return product(["m", "k"]);
  if (kernel.startsWith("conv2d")) {
    return 2 * product(["n", "outHeight", "outWidth", "kernelHeight", "kernelWidth", "channels", "filters"]);
  }
  if (kernel === "winogradForward") return 10 * product(["n", "outHeight", "outWidth", "channels", "filters"]);
  // Two products a point of a tile, of which there are at least 9 / 4 for each result.
  if (kernel === "winogradGradient") return 9 * product(["n", "outHeight", "outWidth", "channels", "filters"]);
  if (kernel === "winogradProducts") {
    return 2 * at("points") ** 2 * product(["n", "down", "across", "channels", "filters"]);
  }
  if (kernel === "winogradPoints" || kernel === "winogradResults") {
    return (
      8 * at("points") ** 2 * product(["n", "down", "across", kernel === "winogradPoints" ? "channels" : "filters"])
    );
  }
  if (kernel === "winogradFilter") return 50 * product(["channels", "filters"]);
  if (kernel === "foldPictures" || kernel === "unfoldPictures") return product(["n", "height", "width", "channels"]);
  if (kernel === "foldFilter" || kernel === "unfoldFilter") {
    return product(["kernelHeight", "kernelWidth", "channels", "filters"]);
  }
  if (kernel === "reduce") return product(["outer", "count", "inner"]);
  const units = Object.entries(words).filter(([, kind]) => kind === "size");
  return Math.max(1, ...units.map(([word]) => at(word))) * product(perUnit.filter((word) => word in words));
}
