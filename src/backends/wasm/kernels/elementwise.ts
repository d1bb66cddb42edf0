/** Kernels that make one element of the output from one element of each input, with broadcasting. */

import { broadcastWalk, type Lengths, permutedWalk, type Walk } from "./axes.js";
import { blocks, kernel } from "./kernel.js";

/** Elements of a tile. */
const BLOCK = 8192;

/** What `unary` computes, all float32; reluGradient and the like of two inputs are in binaryOps. */
export const unaryOps = {
  negate: 0,
  absolute: 1,
  square: 2,
  sqrt: 3,
  reciprocal: 4,
  sign: 5,
  relu: 6,
  exp: 7,
  log: 8,
  tanh: 9,
  sigmoid: 10,
  round: 11,
} as const;

/** What `binary` computes: float32, or int32 where the name says so; from equal on the results are bool bytes. */
export const binaryOps = {
  add: 0,
  subtract: 1,
  multiply: 2,
  divide: 3,
  maximum: 4,
  minimum: 5,
  reluGradient: 6,
  sigmoidGradient: 7,
  tanhGradient: 8,
  addInt32: 9,
  subtractInt32: 10,
  multiplyInt32: 11,
  maximumInt32: 12,
  minimumInt32: 13,
  equal: 14,
  greater: 15,
  greaterEqual: 16,
  equalInt32: 17,
  greaterInt32: 18,
  greaterEqualInt32: 19,
} as const;

/** Element types as `cast` and `accumulate` number them. */
export const elementTypes = { float32: 0, int32: 1, uint8: 2, bool: 3, float64: 4 } as const;

const axes = { n: "size", inner: "size", d1: "int32", d2: "int32", d3: "int32", d4: "int32" } as const;

export const elementwiseKernels = {
  /** y = op(x), n float32; x and y may be the same. */
  unary: kernel(
    { x: "address", y: "address", op: "int32", n: "size" },
    ({ n }) => blocks(n, BLOCK),
    // The constants of tanh.
    () => 320,
  ),
  /** y = op(a, b) with broadcasting; the strides come from binaryWords. */
  binary: kernel(
    {
      a: "address",
      b: "address",
      y: "address",
      op: "int32",
      ...axes,
      a0: "int32",
      a1: "int32",
      a2: "int32",
      a3: "int32",
      a4: "int32",
      a5: "int32",
      b0: "int32",
      b1: "int32",
      b2: "int32",
      b3: "int32",
      b4: "int32",
      b5: "int32",
    },
    ({ n }) => blocks(n, BLOCK),
    () => 32,
  ),
  /** y = condition ? a : b with broadcasting, of 4-byte elements (1-byte ones with bytes = 1). */
  select: kernel(
    {
      condition: "address",
      a: "address",
      b: "address",
      y: "address",
      bytes: "int32",
      ...axes,
      c0: "int32",
      c1: "int32",
      c2: "int32",
      c3: "int32",
      c4: "int32",
      c5: "int32",
      a0: "int32",
      a1: "int32",
      a2: "int32",
      a3: "int32",
      a4: "int32",
      a5: "int32",
      b0: "int32",
      b1: "int32",
      b2: "int32",
      b3: "int32",
      b4: "int32",
      b5: "int32",
    },
    ({ n }) => blocks(n, BLOCK),
    () => 48,
  ),
  /** y row-major from x by strides, of elements of `bytes` 1, 4 or 8: broadcastTo and transpose. */
  copyStrided: kernel(
    {
      x: "address",
      y: "address",
      bytes: "int32",
      ...axes,
      x0: "int32",
      x1: "int32",
      x2: "int32",
      x3: "int32",
      x4: "int32",
      x5: "int32",
    },
    ({ n }) => blocks(n, BLOCK),
  ),
  /** y = min(max(x, low), high), float32; NaN stays. */
  clip: kernel({ x: "address", y: "address", low: "float32", high: "float32", n: "size" }, ({ n }) => blocks(n, BLOCK)),
  /** y = x as another element type: rules of the op `cast`. */
  cast: kernel({ x: "address", y: "address", from: "int32", to: "int32", n: "size" }, ({ n }) => blocks(n, BLOCK)),
  /** y = x * scale + offset, uint8 to float32. */
  castScale: kernel({ x: "address", y: "address", scale: "float32", offset: "float32", n: "size" }, ({ n }) =>
    blocks(n, BLOCK),
  ),
  /** y = x, `n` bytes. */
  copy: kernel({ x: "address", y: "address", n: "size" }, ({ n }) => blocks(n, BLOCK * 8)),
  /** n runs of `run` bytes from x to y, xStep and yStep bytes from one to the next; zeros without an x. */
  copyRuns: kernel(
    { x: "address?", y: "address", n: "size", run: "int32", xStep: "int32", yStep: "int32" },
    ({ n, run }) => blocks(n, Math.max(1, Math.floor((BLOCK * 8) / run))),
  ),
  /** y = value, n float32. */
  fill: kernel({ y: "address", value: "float32", n: "size" }, ({ n }) => blocks(n, BLOCK)),
};

function axisWords({ n, inner, d1, d2, d3, d4 }: Walk) {
  return { n, inner, d1, d2, d3, d4 };
}

/** The words of `binary` that broadcasting decides. */
export function binaryWords(output: Lengths, a: Lengths, b: Lengths) {
  const walk = broadcastWalk(output, [a, b]);
  const [[a0, a1, a2, a3, a4, a5], [b0, b1, b2, b3, b4, b5]] = walk.strides as [Strides, Strides];
  return { ...axisWords(walk), a0, a1, a2, a3, a4, a5, b0, b1, b2, b3, b4, b5 };
}

/** The words of `select` that broadcasting decides. */
export function selectWords(output: Lengths, condition: Lengths, a: Lengths, b: Lengths) {
  const walk = broadcastWalk(output, [condition, a, b]);
  const strides = walk.strides as [Strides, Strides, Strides];
  const [[c0, c1, c2, c3, c4, c5], [a0, a1, a2, a3, a4, a5], [b0, b1, b2, b3, b4, b5]] = strides;
  return { ...axisWords(walk), c0, c1, c2, c3, c4, c5, a0, a1, a2, a3, a4, a5, b0, b1, b2, b3, b4, b5 };
}

/** The words of `copyStrided` for a broadcast of lengths `x` to `output`. */
export function broadcastWords(output: Lengths, x: Lengths) {
  return copyWords(broadcastWalk(output, [x]));
}

/** The words of `copyStrided` for a transposition. */
export function transposeWords(input: Lengths, permutation: readonly number[]) {
  return copyWords(permutedWalk(input, permutation));
}

function copyWords(walk: Walk) {
  const [x0, x1, x2, x3, x4, x5] = walk.strides[0]!;
  return { ...axisWords(walk), x0, x1, x2, x3, x4, x5 };
}

type Strides = Walk["strides"][number];
