/**
 * How a kernel is described to the lowering: its words in order, how its work is cut into tiles, and the scratch memory
 * a thread needs for it. Not here: the kernels themselves (../kernels.ts is the table) and the code behind them
 * (../assembly).
 */

/**
 * A word's type. "address": a byte address, unsigned. "size": a count that may grow with the rows of the step; it takes
 * two words. A question mark: may be left out, and is then 0.
 */
export type WordKind = "address" | "address?" | "int32" | "int32?" | "float32" | "float32?" | "size";

/** A count: fixed, or `perRow` for each row of the step plus `fixed` (default 0). */
export type Size = number | { readonly perRow: number; readonly fixed?: number };

/** The words of a kernel, by name, in order. */
export type WordKinds = Readonly<Record<string, WordKind>>;

type ValueOf<K extends WordKind> = K extends "size" ? Size : number;
type Optional<W extends WordKinds> = { [N in keyof W]: W[N] extends `${string}?` ? N : never }[keyof W];

/** The values of a kernel's words. */
export type WordValues<W extends WordKinds> = {
  readonly [N in Exclude<keyof W, Optional<W>>]: ValueOf<W[N]>;
} & { readonly [N in Optional<W>]?: number };

/** tiles = ceil((rows * unitsPerRow + unitsFixed) / block) * times. */
export interface TileRule {
  readonly unitsPerRow: number;
  readonly unitsFixed: number;
  readonly block: number;
  readonly times: number;
}

/** A kernel as the lowering sees it. */
export interface Kernel<W extends WordKinds = WordKinds> {
  readonly words: W;
  tiles(values: WordValues<W>): TileRule;
  /** Bytes of scratch one thread needs when a step has at most `capacity` rows. */
  scratch(values: WordValues<W>, capacity: number): number;
}

/** Describes a kernel; checks only types. Without `scratch` it needs none. */
export function kernel<const W extends WordKinds>(
  words: W,
  tiles: (values: WordValues<W>) => TileRule,
  scratch: (values: WordValues<W>, capacity: number) => number = () => 0,
): Kernel<W> {
  return { words, tiles, scratch };
}

/** A size in full. */
export function parts(size: Size): { readonly perRow: number; readonly fixed: number } {
  return typeof size === "number" ? { perRow: 0, fixed: size } : { perRow: size.perRow, fixed: size.fixed ?? 0 };
}

/** A size for a given number of rows. */
export function sizeAt(size: Size, rows: number): number {
  const { perRow, fixed } = parts(size);
  return perRow * rows + fixed;
}

/** A size `factor` times as large. */
export function times(size: Size, factor: number): Size {
  const { perRow, fixed } = parts(size);
  return { perRow: perRow * factor, fixed: fixed * factor };
}

/** n up to a multiple of `to`. */
export function up(n: number, to: number): number {
  return Math.ceil(n / to) * to;
}

/** The length of equal parts of `size`, each at most `most` long. */
export function equalPart(size: number, most: number): number {
  return Math.ceil(size / Math.ceil(size / most));
}

/** Blocks of `block` units of `size`, the whole done `times` times. */
export function blocks(size: Size, block: number, times = 1): TileRule {
  const { perRow, fixed } = parts(size);
  return { unitsPerRow: perRow, unitsFixed: fixed, block, times };
}

/** A single tile. */
export const one: TileRule = { unitsPerRow: 0, unitsFixed: 1, block: 1, times: 1 };

/** How many 32-bit words a kernel's words take. */
export function wordCount(words: WordKinds): number {
  return Object.values(words).reduce((count, kind) => count + (kind === "size" ? 2 : 1), 0);
}

/** Writes the words of a kernel from byte `offset` of `view` on. */
export function writeWords(view: DataView, offset: number, words: WordKinds, values: WordValues<WordKinds>): void {
  let at = offset;
  for (const [name, kind] of Object.entries(words)) {
    const value = values[name] ?? 0;
    if (kind === "size") {
      const { perRow, fixed } = parts(value);
      view.setInt32(at, perRow, true);
      view.setInt32(at + 4, fixed, true);
      at += 8;
      continue;
    }
    if (kind.startsWith("float32")) view.setFloat32(at, value as number, true);
    else if (kind.startsWith("address")) view.setUint32(at, value as number, true);
    else view.setInt32(at, value as number, true);
    at += 4;
  }
}

/** Where a word begins, in bytes from the first: what a relocation of that word's address needs. */
export function wordOffset(words: WordKinds, name: string): number {
  let at = 0;
  for (const [word, kind] of Object.entries(words)) {
    if (word === name) return at;
    at += kind === "size" ? 8 : 4;
  }
  throw new RangeError(`no word "${name}" among ${Object.keys(words).join(", ")}`);
}
