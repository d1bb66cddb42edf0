/**
 * How several arrays are walked together: broadcasting and transposition brought to the fewest axes that say the same,
 * as the words of the kernels that walk (binary, select, copyStrided). Not here: which shapes may broadcast.
 */

import type { Size } from "./kernel.js";

/** Lengths of axes; null (only the first) is the rows of the step. */
export type Lengths = readonly (number | null)[];

/** The walk over an output: its elements, the innermost axis, and the lengths of those around it but the outermost. */
export interface Walk {
  readonly n: Size;
  readonly inner: Size;
  readonly d1: number;
  readonly d2: number;
  readonly d3: number;
  readonly d4: number;
  /** For each operand its strides in elements: of the innermost axis, then outwards, six in all. */
  readonly strides: readonly (readonly [number, number, number, number, number, number])[];
}

interface Axis {
  length: number | null;
  /** Where the rows have been merged in: length is that of one row. */
  rows: boolean;
  strides: number[];
}

/**
 * The walk over an output of lengths `output` whose operands have the given strides on each of its axes.
 * @throws RangeError beyond six axes that cannot be merged.
 */
export function walk(output: Lengths, strides: readonly (readonly number[])[]): Walk {
  const axes: Axis[] = [];
  for (let i = output.length - 1; i >= 0; i--) {
    const length = output[i]!;
    const own = strides.map((operand) => operand[i]!);
    if (length === 1) continue;
    const last = axes.at(-1);
    if (last !== undefined && own.every((stride, o) => stride === last.strides[o]! * last.length!)) {
      if (length === null) last.rows = true;
      else last.length! *= length;
    } else {
      axes.push({ length: length ?? 1, rows: length === null, strides: own });
    }
  }
  if (axes.length > 6) throw new RangeError(`a walk over ${axes.length} axes; 6 is the most`);
  const size = (axis: Axis | undefined): Size =>
    axis === undefined ? 1 : axis.rows ? { perRow: axis.length! } : axis.length!;
  const elements = axes.reduce((product, { length }) => product * length!, 1);
  // The outermost axis has the last place, whatever the rank: its length is what is left.
  const places = [0, 1, 2, 3, 4].map((place) => (place === 0 || place < axes.length - 1 ? axes[place] : undefined));
  const outermost = axes.length > 1 ? axes.at(-1) : undefined;
  const at = (place: number): number => places[place]?.length ?? 1;
  const all = strides.map((_, o) => [...places, outermost].map((axis) => axis?.strides[o] ?? 0));
  return {
    n: axes.some(({ rows }) => rows) ? { perRow: elements } : elements,
    inner: size(axes[0]),
    d1: at(1),
    d2: at(2),
    d3: at(3),
    d4: at(4),
    strides: all as unknown as Walk["strides"],
  };
}

/** Strides of a row-major array of lengths `own` on the axes of `output`, 0 where it is repeated. */
function broadcastStrides(own: Lengths, output: Lengths): number[] {
  const strides = new Array<number>(output.length).fill(0);
  let stride = 1;
  for (let i = own.length - 1, o = output.length - 1; i >= 0; i--, o--) {
    const length = own[i]!;
    if (length !== 1) strides[o] = stride;
    stride *= length ?? 1;
  }
  return strides;
}

/** The walk of operands of lengths `operands` that broadcast to `output`. */
export function broadcastWalk(output: Lengths, operands: readonly Lengths[]): Walk {
  return walk(
    output,
    operands.map((own) => broadcastStrides(own, output)),
  );
}

/** The walk that reads an array of lengths `input` in the order of its axes `permutation`. */
export function permutedWalk(input: Lengths, permutation: readonly number[]): Walk {
  const own = broadcastStrides(input, input);
  return walk(
    permutation.map((axis) => input[axis]!),
    [permutation.map((axis) => own[axis]!)],
  );
}
