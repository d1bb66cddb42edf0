/**
 * How much arithmetic a call is: what its products multiply, what the direct algorithm would, and about how many
 * operations it takes, enough to tell a small program from a large one. Not a measurement.
 */

import { type Call, isPlace } from "./call.js";
import { sizeAt } from "./kernels/kernel.js";
import { kernels } from "./kernels.js";

/** Words that say how much a kernel does for each of its units, where it has them. */
const perUnit = ["length", "classes", "rowLength", "rowBytes", "height", "width", "channels", "count"] as const;

/** Operations of a call in a step of so many rows. */
export function costOf(call: Call, rows: number): number {
  const { kernel } = call;
  const { words } = kernels[kernel];
  const at = wordsOf(call, rows);
  const product = (...list: string[]): number => list.reduce((result, word) => result * at(word), 1);
  const multiplied = multipliedOf(call, rows);
  if (multiplied > 0) return multiplied;
  if (kernel === "packB") return product("k", "n", "count");
  if (kernel === "packPanels") return product("k", "n");
  if (kernel === "packPairs") return product("m", "k");
  if (kernel === "winogradPoints" || kernel === "winogradResults") {
    return 8 * at("points") ** 2 * product("n", "down", "across", kernel === "winogradPoints" ? "channels" : "filters");
  }
  if (kernel === "winogradFilter") return 50 * product("channels", "filters");
  if (kernel === "foldPictures" || kernel === "unfoldPictures") return product("n", "height", "width", "channels");
  if (kernel === "foldFilter" || kernel === "unfoldFilter") {
    return product("kernelHeight", "kernelWidth", "channels", "filters");
  }
  // Of each chunk a few numbers.
  if (kernel === "batchStatistics" || kernel === "batchGradientTerms") return product("n", "channels") / at("chunk");
  if (kernel === "splitPictures" || kernel === "joinPictures") return product("n", "height", "width", "channels");
  if (kernel === "reduce") return product("outer", "count", "inner");
  const units = Object.entries(words).filter(([, kind]) => kind === "size");
  return Math.max(1, ...units.map(([word]) => at(word))) * product(...perUnit.filter((word) => word in words));
}

/** The numbers of a call's words; 1 for a word that is left out. */
function wordsOf({ values }: Call, rows: number): (word: string) => number {
  return (word) => {
    const value = values[word];
    return value === undefined || isPlace(value) ? 1 : sizeAt(value, rows);
  };
}

/** Multiply-adds of a call's products, counted twice as in GFLOP/s; 0 where it has none. */
export function multipliedOf(call: Call, rows: number): number {
  const { kernel } = call;
  if (kernel !== "winogradForward" && kernel !== "winogradGradient" && kernel !== "winogradProducts") {
    return flopsOf(call, rows);
  }
  const at = wordsOf(call, rows);
  // Points of a picture: so many down times so many across.
  const points = (at("down") * at("points") - at("short")) * (at("across") * at("points") - at("narrow"));
  const products = kernel === "winogradGradient" ? gradientsOf(call) : 1;
  return 2 * products * points * at("n") * at("channels") * at("filters");
}

/** How many gradients are products of a convolution's backward call. */
function gradientsOf({ values }: Call): number {
  return [values.dx, values.partials].filter((place) => place !== undefined).length;
}

/** The same of the direct algorithm, which multiplies all zeros too. */
export function flopsOf(call: Call, rows: number): number {
  const { kernel } = call;
  const at = wordsOf(call, rows);
  const product = (...words: string[]): number => words.reduce((result, word) => result * at(word), 2);
  if (kernel.startsWith("gemm")) return product("m", "n", "k");
  const taps = at("taps") ** 2;
  if (kernel === "winogradForward") return taps * product("n", "outHeight", "outWidth", "channels", "filters");
  // Its own, for it knows no results.
  if (kernel === "winogradProducts") return at("points") ** 2 * product("n", "down", "across", "channels", "filters");
  if (kernel === "pixelGradients") return gradientsOf(call) * product("pixels", "channels", "filters");
  if (kernel === "winogradGradient") {
    return taps * gradientsOf(call) * product("n", "outHeight", "outWidth", "channels", "filters");
  }
  if (kernel === "depthwiseForward" || kernel === "depthwiseGradients") {
    const products = kernel === "depthwiseForward" ? 1 : gradientsOf(call);
    return products * product("n", "outHeight", "outWidth", "kernelHeight", "kernelWidth", "channels", "multiplier");
  }
  if (!kernel.startsWith("conv2d")) return 0;
  return product("n", "outHeight", "outWidth", "kernelHeight", "kernelWidth", "channels", "filters");
}
