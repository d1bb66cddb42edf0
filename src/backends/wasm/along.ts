/**
 * Which calls walk along their arrays: tile i of them reads and writes the same run of elements of each, so that another
 * walk over the same elements can follow tile by tile (chain.ts), and a result may lie where an operand lay (plan.ts).
 * Not here: what walks compute (kernels/).
 */

import { type Call, isPlace } from "./call.js";
import { parts, times } from "./kernels/kernel.js";
import type { KernelName, Size } from "./kernels.js";
import type { Block } from "./place.js";

/** A walk of a call along arrays of `elements` elements. */
export interface Along {
  readonly elements: Size;
  /** Elements of one unit of the kernel's tile rule; tiles can be cut at its multiples only. */
  readonly unit: number;
  /** Elements of a tile, where what the call writes depends on it. */
  readonly tile: number | undefined;
  /** The arrays, and the byte at which each begins; whatever else the call touches it touches in its own way. */
  readonly arrays: ReadonlyMap<Block, number>;
}

type Values = Call["values"];

/** The words of a kernel that are walked along, and how. */
interface Rule {
  readonly words: readonly string[] | ((values: Values) => readonly string[]);
  /** Elements of a unit; default 1. */
  readonly unit?: (values: Values) => number;
  /** Units of a tile, where these are not free. */
  readonly tile?: (values: Values) => number;
}

const byPixel = ({ channels }: Values): number => channels as number;
const byChunk = ({ chunk }: Values): number => chunk as number;

const rules: { readonly [N in KernelName]?: Rule } = {
  unary: { words: ["x", "y"] },
  activation: { words: ["x", "y"] },
  activationGradient: { words: ["x", "dy", "dx"] },
  clip: { words: ["x", "y"] },
  cast: { words: ["x", "y"] },
  castScale: { words: ["x", "y"] },
  binary: { words: (values) => [...moving(values, ["a", "b"]), "y"] },
  select: { words: (values) => [...moving(values, ["condition", "a", "b"]), "y"] },
  scaleChannels: { words: ["x", "y"], unit: byPixel },
  batchMoments: { words: ["x"], unit: byPixel, tile: byChunk },
  batchGradientSums: { words: ["x", "dy"], unit: byPixel, tile: byChunk },
  batchInputGradient: { words: ["x", "dy", "dx"], unit: byPixel },
  sgdUpdate: { words: ["weights", "velocity", "gradient"] },
  adamUpdate: { words: ["weights", "first", "second", "gradient"] },
  assignFinite: { words: ["x", "y"] },
  // Its units are bytes; what is copied as effects and outputs are has elements of four.
  copy: { words: ["x", "y"], unit: () => 1 / 4 },
};

/** How a call walks along arrays; undefined where it does not. */
export function alongOf({ kernel, values }: Call): Along | undefined {
  const rule = rules[kernel];
  if (rule === undefined) return undefined;
  const unit = rule.unit?.(values) ?? 1;
  const elements = times(values.n as Size, unit);
  if (!Object.values(parts(elements)).every(Number.isInteger)) return undefined;
  const words = typeof rule.words === "function" ? rule.words(values) : rule.words;
  const arrays = new Map<Block, number>();
  for (const word of words) {
    const place = values[word];
    if (!isPlace(place)) continue;
    // The same array from another byte on: places do not meet.
    if ((arrays.get(place.block) ?? place.offset) !== place.offset) return undefined;
    arrays.set(place.block, place.offset);
  }
  const others = Object.entries(values).filter(([word]) => !words.includes(word));
  if (others.some(([, place]) => isPlace(place) && arrays.has(place.block))) return undefined;
  return { elements, unit, tile: rule.tile && rule.tile(values) * unit, arrays };
}

/** Those operands of a walk with broadcasting that are not broadcast. */
function moving(values: Values, operands: readonly string[]): string[] {
  const at = (word: string): number => values[word] as number;
  return operands.filter((operand) => {
    const strides = [0, 1, 2, 3, 4, 5].map((axis) => at(`${operand.charAt(0)}${axis}`));
    if (strides[0] !== 1) return false;
    const { perRow, fixed } = parts(values.inner as Size);
    // The rows are a part of the only axis.
    if (perRow > 0) return true;
    let run = fixed;
    for (const axis of [1, 2, 3, 4]) {
      const length = at(`d${axis}`);
      if (length > 1 && strides[axis] !== run) return false;
      run *= length;
    }
    const whole = parts(values.n as Size);
    return (whole.perRow === 0 && whole.fixed === run) || strides[5] === run;
  });
}
