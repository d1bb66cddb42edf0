/** Cases of convolution, pooling and resampling. */

import { type Conv2dAttributes, convolutionOf } from "../../src/graph/ops/conv2d.js";
import { routeResult } from "../../src/graph/ops/conv2dMaxPool.js";
import { maxPool2d } from "../../src/graph/ops/maxPool2d.js";
import type { PoolAttributes } from "../../src/graph/ops/pool.js";
import { type Padding, windowGeometry } from "../../src/graph/ops/window.js";
import { convolutionBound } from "./bounds.js";
import { type Case, caseOf } from "./case.js";
import { apart, derived, distinct, integers, listed, picking, ties } from "./fill.js";
import { pooledShape, routeInput } from "./route.js";

type Pair = readonly [number, number];

/** A convolution of the table. */
export interface Convolution {
  readonly size: Pair;
  readonly channels: number;
  readonly filters: number;
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
  readonly dilationRate?: Pair;
  readonly groups?: number;
}

const base: Convolution = { size: [7, 5], channels: 3, filters: 5, kernel: [3, 3], strides: [1, 1], padding: "valid" };

const kernels: Pair[] = [
  [1, 1],
  [3, 3],
  [5, 5],
  [2, 3],
];
const strides: Pair[] = [
  [1, 1],
  [2, 2],
  [1, 2],
  [3, 2],
];

/** Strides by way of folded pictures: odd sizes, rests of channels and phases, a row behind the last window. */
const foldedConvolutions: Convolution[] = [
  { ...base, size: [27, 28], filters: 24, kernel: [5, 5], strides: [2, 2] },
  { ...base, size: [23, 35], channels: 5, filters: 13, kernel: [5, 5], strides: [2, 2], padding: "same" },
  { ...base, size: [15, 16], channels: 5, filters: 24, kernel: [6, 5], strides: [2, 2], padding: "same" },
  { ...base, size: [12, 23], channels: 9, filters: 13, kernel: [3, 5], strides: [1, 2] },
  { ...base, size: [23, 24], filters: 24, kernel: [8, 8], strides: [3, 3], padding: "same" },
];

/** Tiles of two taps, of each size: over both edges, over one, whole. */
const twoTaps: Pick<Convolution, "size" | "channels" | "filters" | "padding">[] = [
  { size: [15, 18], channels: 23, filters: 9, padding: "valid" },
  { size: [15, 15], channels: 23, filters: 9, padding: "valid" },
  { size: [18, 24], channels: 11, filters: 9, padding: "valid" },
  { size: [20, 28], channels: 11, filters: 9, padding: "valid" },
  { size: [6, 20], channels: 23, filters: 9, padding: "same" },
  { size: [5, 29], channels: 19, filters: 9, padding: "same" },
  { size: [12, 23], channels: 11, filters: 9, padding: "same" },
  { size: [13, 28], channels: 11, filters: 9, padding: "same" },
  { size: [13, 25], channels: 11, filters: 9, padding: "valid" },
  { size: [14, 21], channels: 11, filters: 9, padding: "same" },
  { size: [6, 6], channels: 16, filters: 24, padding: "same" },
  { size: [3, 20], channels: 24, filters: 48, padding: "same" },
];

/** Tiles of two sizes: along both axes, padded and not, along one, and of one size along each. */
export const mixedTiles: Convolution[] = [
  { ...base, size: [24, 23], channels: 7, filters: 13 },
  { ...base, size: [16, 22], channels: 7, filters: 13, padding: "same" },
  { ...base, size: [19, 12], channels: 16, filters: 16 },
  { ...base, size: [12, 25], channels: 17, filters: 6 },
  { ...base, size: [26, 24], channels: 3, filters: 8 },
  { ...base, size: [20, 13], channels: 16, filters: 16, kernel: [2, 2] },
  // Every tile short, and only some narrow: no tile has the point of infinity down.
  { ...base, size: [7, 13], channels: 16, filters: 16 },
  { ...base, size: [13, 7], channels: 16, filters: 16 },
];

const convolutions: Convolution[] = [
  ...kernels.flatMap((kernel) =>
    strides.flatMap((step) =>
      (["valid", "same"] as const).map((padding) => ({ ...base, kernel, strides: step, padding })),
    ),
  ),
  // Every count of channels and filters that leaves a rest, with and without the other one.
  ...[1, 4, 7, 8, 13, 16].map((channels) => ({ ...base, channels })),
  ...[1, 3, 4, 7, 8, 13, 16].map((filters) => ({ ...base, filters })),
  { ...base, channels: 1, filters: 1 },
  { ...base, channels: 127, filters: 3, size: [3, 3], kernel: [1, 1] },
  { ...base, channels: 3, filters: 129, size: [3, 3] },
  { ...base, channels: 129, filters: 127, size: [2, 2], kernel: [1, 1] },
  { ...base, channels: 16, filters: 13, padding: "same" },
  // Sizes: a single window, single rows and columns, odd, and longer than a tile.
  { ...base, size: [3, 3] },
  { ...base, size: [1, 1], padding: "same" },
  { ...base, size: [1, 7], padding: "same" },
  { ...base, size: [13, 1], padding: "same", kernel: [5, 5] },
  { ...base, size: [13, 13], channels: 4, filters: 8 },
  { ...base, size: [13, 13], channels: 4, filters: 8, padding: "same", strides: [2, 2] },
  { ...base, size: [12, 10], channels: 8, filters: 16 },
  // Tiles of each size by Winograd: whole, and over the edges; channels and filters that leave a rest.
  { ...base, size: [10, 9], channels: 16, filters: 21 },
  { ...base, size: [7, 8], channels: 16, filters: 24, padding: "same" },
  { ...base, size: [12, 11], channels: 13, filters: 7 },
  { ...base, size: [10, 9], channels: 17, filters: 6, padding: "same" },
  { ...base, size: [14, 13], channels: 8, filters: 9 },
  { ...base, size: [12, 13], channels: 9, filters: 13, padding: "same" },
  { ...base, size: [6, 10], channels: 23, filters: 9, padding: "same" },
  { ...base, size: [6, 6], channels: 16, filters: 24 },
  { ...base, size: [6, 5], channels: 48, filters: 64 },
  { ...base, size: [4, 8], channels: 24, filters: 48, padding: "same" },
  ...twoTaps.map((tiles): Convolution => ({ ...base, kernel: [2, 2], ...tiles })),
  ...mixedTiles,
  { ...base, size: [3, 127], channels: 1, filters: 3 },
  { ...base, size: [129, 3], channels: 1, filters: 3, padding: "same" },
  { ...base, size: [3, 3], kernel: [2, 3], strides: [5, 5], padding: "same" },
  // Direct convolution: phases of several channels, runs and windows of few, single pixels of all pictures.
  { ...base, size: [9, 11], channels: 10, filters: 12, strides: [2, 2], padding: "same" },
  { ...base, size: [11, 9], channels: 9, filters: 20, kernel: [5, 5], strides: [2, 3] },
  { ...base, size: [16, 13], kernel: [7, 7], strides: [4, 4], padding: "same", filters: 8 },
  { ...base, size: [14, 14], channels: 6, filters: 16, kernel: [5, 5] },
  { ...base, size: [12, 12], channels: 1, filters: 6, kernel: [5, 5] },
  { ...base, size: [8, 8], channels: 12, filters: 24, kernel: [1, 1] },
  // By pixels, all gradients at once: more than one chunk, and rests (more than one block: kernels/pixels.test.ts).
  { ...base, size: [9, 7], channels: 13, filters: 50, kernel: [1, 1] },
  { ...base, size: [5, 5], channels: 16, filters: 12, kernel: [5, 5] },
  ...foldedConvolutions,
];

function outputSize({ size, kernel, ...window }: Convolution): Pair {
  const geometry = windowGeometry("case", size[0], size[1], kernel, window);
  return [geometry.height.output, geometry.width.output];
}

function filterShape({ kernel, channels, filters, groups = 1 }: Convolution): readonly number[] {
  return [...kernel, channels / groups, filters];
}

/** Forward and gradients, one by one. */
export function singleCases(convolution: Convolution): Case[] {
  const { size, channels, filters, kernel } = convolution;
  const window: Conv2dAttributes = convolutionOf(convolution);
  const taps = kernel[0] * kernel[1];
  const output = outputSize(convolution);
  const work = output[0] * output[1] * taps * channels * filters;
  const options = work > 20000 ? ({ gradient: false } as const) : {};
  const x = [null, ...size, channels];
  const dy = [null, ...output, filters];
  const filter = filterShape(convolution);
  const bound = (result: Parameters<typeof convolutionBound>[0]) =>
    convolutionBound(result, { ...convolution, output, batch: 5, capacity: 5 });
  return [
    caseOf("conv2d", [x, filter], window, { ...bound("y"), ...options }),
    caseOf(
      "conv2dInputGradient",
      [dy, filter],
      { ...window, height: size[0], width: size[1] },
      { ...bound("dx"), ...options },
    ),
    caseOf("conv2dFilterGradient", [x, dy], { ...window, kernelSize: kernel }, { ...bound("dw"), ...options }),
    caseOf("conv2dBias", [x, filter, [filters]], { ...window, activation: "relu" }, bound("y")),
    caseOf("conv2dBias", [x, filter, [filters]], { ...window, activation: "linear" }, bound("y")),
  ];
}

const convolutionCases: Case[] = convolutions.flatMap(singleCases);
const whole = { strides: [1, 1], padding: "same" } as const;
convolutionCases.push(
  caseOf(
    "conv2d",
    [
      [2, 5, 5, 3],
      [3, 3, 3, 4],
    ],
    whole,
    { c: 12 },
  ),
  caseOf(
    "conv2dInputGradient",
    [
      [2, 5, 5, 4],
      [3, 3, 3, 4],
    ],
    { ...whole, height: 5, width: 5 },
    { c: 14 },
  ),
  caseOf(
    "conv2dFilterGradient",
    [
      [2, 5, 5, 3],
      [2, 5, 5, 4],
    ],
    { ...whole, kernelSize: [3, 3] },
    { c: 16 },
  ),
  // A batch longer than a block of pictures.
  caseOf(
    "conv2d",
    [
      [null, 5, 5, 3],
      [3, 3, 3, 4],
    ],
    whole,
    { c: 12, capacity: 37, jobs: [{ rows: 37 }, { rows: 90, batch: 33 }], gradient: false },
  ),
  // The same by tiles.
  caseOf(
    "conv2d",
    [
      [null, 7, 9, 9],
      [3, 3, 9, 10],
    ],
    whole,
    {
      ...convolutionBound("y", {
        ...base,
        size: [7, 9],
        output: [7, 9],
        channels: 9,
        filters: 10,
        padding: "same",
        batch: 37,
        capacity: 37,
      }),
      capacity: 37,
      jobs: [{ rows: 37 }, { rows: 90, batch: 33 }],
      gradient: false,
    },
  ),
  caseOf(
    "conv2dInputGradient",
    [
      [null, 5, 5, 4],
      [3, 3, 3, 4],
    ],
    { ...whole, height: 5, width: 5 },
    { c: 14, capacity: 37, gradient: false },
  ),
  caseOf(
    "conv2dFilterGradient",
    [
      [null, 5, 5, 3],
      [null, 5, 5, 4],
    ],
    { ...whole, kernelSize: [3, 3] },
    { c: 64, capacity: 37, gradient: false },
  ),
);

/** Strides that fold to two taps, which want tiles of many pictures. */
const foldedToTwoTaps = (
  [
    { ...base, size: [15, 16], channels: 9, filters: 13, strides: [2, 2] },
    { ...base, size: [26, 23], channels: 3, filters: 16, kernel: [7, 7], strides: [4, 4], padding: "same" },
  ] satisfies Convolution[]
).flatMap((convolution: Convolution): Case[] => {
  const { size, channels, filters, kernel, strides: step, padding } = convolution;
  const output = outputSize(convolution);
  const [x, filter, y] = [
    [null, ...size, channels],
    [...kernel, channels, filters],
    [null, ...output, filters],
  ];
  const capacity = 20;
  const options = { capacity, jobs: [{ rows: capacity }, { rows: 27, batch: 19 }], gradient: false } as const;
  const bound = (result: Parameters<typeof convolutionBound>[0]) =>
    convolutionBound(result, { ...convolution, output, batch: capacity, capacity });
  const window = { strides: step, padding };
  return [
    caseOf("conv2dBias", [x, filter, [filters]], { ...window, activation: "relu" }, { ...bound("y"), ...options }),
    ...(["dx", "dw", "db"] as const).map((name, result) =>
      caseOf("conv2dGradients", [x, filter, y], window, {
        ...bound(name),
        ...options,
        ...(result === 0 ? {} : { result }),
        label: `two taps, ${name}`,
      }),
    ),
  ];
});

/** So many tiles that they go in blocks. */
const blocked = (
  [
    { ...base, size: [42, 44], channels: 9, filters: 24 },
    { ...base, size: [37, 41], channels: 12, filters: 13, padding: "same" },
    { ...base, size: [50, 45], channels: 9, filters: 24, kernel: [2, 2] },
  ] satisfies Convolution[]
).map((convolution: Convolution): Case => {
  const { size, channels, filters, kernel, padding } = convolution;
  const bound = convolutionBound("y", { ...convolution, output: outputSize(convolution), batch: 3, capacity: 3 });
  const inputs = [[null, ...size, channels], [...kernel, channels, filters], [filters]];
  const window = { strides: convolution.strides, padding, activation: "relu" } as const;
  return caseOf("conv2dBias", inputs, window, { ...bound, capacity: 3, jobs: [{ rows: 3 }], gradient: false });
});

interface Pooling {
  readonly size: Pair;
  readonly channels: number;
  readonly attributes: PoolAttributes;
}

const pool = (poolSize: Pair, step: Pair, padding: Padding): PoolAttributes => ({ poolSize, strides: step, padding });
const poolings: Pooling[] = [
  ...kernels.flatMap((poolSize) =>
    strides.flatMap((step) =>
      (["valid", "same"] as const).map((padding) => ({
        size: [7, 5] as const,
        channels: 3,
        attributes: pool(poolSize, step, padding),
      })),
    ),
  ),
  ...[1, 3, 5, 7, 13, 127, 129].map((channels) => ({
    size: [4, 4] as const,
    channels,
    attributes: pool([2, 2], [2, 2], "valid"),
  })),
  { size: [13, 13], channels: 4, attributes: pool([2, 2], [2, 2], "valid") },
  { size: [13, 13], channels: 8, attributes: pool([2, 2], [2, 2], "same") },
  { size: [26, 26], channels: 8, attributes: pool([2, 2], [2, 2], "valid") },
  { size: [1, 1], channels: 5, attributes: pool([3, 3], [1, 1], "same") },
  { size: [3, 127], channels: 1, attributes: pool([3, 3], [2, 2], "valid") },
  { size: [129, 3], channels: 2, attributes: pool([2, 2], [2, 2], "same") },
];

const poolingCases: Case[] = poolings.flatMap(({ size, channels, attributes }) => {
  const x = [null, ...size, channels];
  const pooled = maxPool2d.definition.infer([{ shape: x, dtype: "float32" }], attributes).shape;
  const y = derived(
    ([pictures], shape) => maxPool2d.definition.reference({ inputs: [pictures!], attributes, shape, rows: shape[0]! })!,
  );
  const taps = attributes.poolSize[0] * attributes.poolSize[1];
  const cases = [
    caseOf("maxPool2d", [{ shape: x, values: distinct }], attributes),
    caseOf("maxPool2dGradient", [{ shape: x, values: distinct }, { shape: pooled, values: y }, pooled], attributes, {
      // Windows that overlap add up.
      c: 2 + taps,
    }),
    caseOf("averagePool2d", [x], attributes, { c: 2 + taps }),
    caseOf("averagePool2dGradient", [pooled], { ...attributes, height: size[0], width: size[1] }, { c: 2 + taps }),
  ];
  if (channels !== 3) return cases;
  return [
    ...cases,
    caseOf("maxPool2d", [{ shape: x, values: ties }], attributes, { gradient: false, label: "ties" }),
    caseOf("maxPool2dGradient", [{ shape: x, values: ties }, { shape: pooled, values: y }, pooled], attributes, {
      c: 2 + taps,
      label: "ties",
    }),
  ];
});
poolingCases.push(
  caseOf("maxPool2d", [{ shape: [2, 4, 4, 3], values: distinct }], pool([2, 2], [2, 2], "valid")),
  caseOf("averagePool2d", [[2, 4, 4, 3]], pool([2, 2], [2, 2], "valid"), { c: 6 }),
  caseOf("averagePool2d", [[null, 3, 3, 13]], pool([3, 3], [3, 3], "valid"), { c: 11, label: "global" }),
);

/** Poolings of what is convolved: the usual one, overlapping windows, and windows that look outside. */
const fusedPools = [
  { poolSize: [2, 2], poolStrides: [2, 2], poolPadding: "valid" },
  { poolSize: [3, 3], poolStrides: [2, 2], poolPadding: "same" },
  { poolSize: [2, 3], poolStrides: [1, 2], poolPadding: "valid" },
] as const;

/** The fused ops, and all gradients at once; every so many-th with another pooling. */
export function fusedCasesOf(convolution: Convolution, number: number): Case[] {
  const { size, channels, filters } = convolution;
  const window: Conv2dAttributes = convolutionOf(convolution);
  const output = outputSize(convolution);
  const bound = (result: Parameters<typeof convolutionBound>[0]) =>
    convolutionBound(result, { ...convolution, output, batch: 5, capacity: 5 });
  const x = [null, ...size, channels];
  const filter = filterShape(convolution);
  const y = [null, ...output, filters];
  const results = (["dx", "dw", "db"] as const).map((name, result) =>
    result === 0 ? bound(name) : { ...bound(name), result, label: name },
  );
  const cases = results.flatMap((options) => [
    caseOf("conv2dGradients", [x, filter, y], window, options),
    caseOf("conv2dReluGradients", [x, filter, y, y], window, options),
  ]);
  const pools = fusedPools[number % fusedPools.length]!;
  const [height, width] = [0, 1].map((axis) => output[axis]! - pools.poolSize[axis]!);
  if (pools.poolPadding === "valid" && (height! < 0 || width! < 0)) return cases;
  for (const activation of ["relu", "linear"] as const) {
    const attributes = { ...window, activation, ...pools };
    const inputs = [{ shape: x }, { shape: filter }, { shape: [filters] }];
    const pooled = pooledShape(x, filter, attributes);
    // Whole numbers: sums are exact, so that the same maximum wins everywhere, and ties are met too. By Winograd they are
    // not exact; there what is compared differs by more than that.
    const exact = bound("y").spreads === undefined;
    const fills = exact ? inputs.map(() => integers(-2, 3)) : [apart, picking, listed(0)];
    const whole = inputs.map((input, i) => ({ ...input, values: fills[i]! }));
    cases.push(
      caseOf("conv2dMaxPool", inputs, attributes, bound("y")),
      caseOf("conv2dMaxPool", whole, attributes, { result: routeResult, label: "route" }),
    );
    const places = pools.poolSize[0] * pools.poolSize[1];
    const route = routeInput(pooled, filters, attributes);
    for (const options of results) {
      cases.push(
        caseOf("conv2dMaxPoolGradients", [x, filter, route, pooled], attributes, { ...options, c: options.c + places }),
      );
    }
  }
  return cases;
}

const fusedCases: Case[] = convolutions.flatMap(fusedCasesOf);

/** Tables of a few outputs: single elements, means, weights of both signs, a row without terms. */
const resampled: Case[] = (
  [
    [[null, 4], 1],
    [[5, 4, 3], 1],
    [[4, 129], 0],
    [[null, 3, 4, 1], 2],
    [[null, 4, 3, 5], 1],
    [[null, 4, 13, 8], 1],
    [[null, 5, 4, 7], 2],
    [[null, 3, 2, 4], 3],
  ] as const
).flatMap(([shape, axis]) =>
  [
    { starts: [0, 1, 2, 3], sources: [3, 0, 0], weights: [1, 1, 1] },
    {
      starts: [0, 2, 2, 6, 9, 10],
      sources: [0, 1, 0, 1, 2, 3, 3, 2, 1, 2],
      weights: [0.5, 0.5, -1, 2, 3, -4, 1, 1, 1, 0.25],
    },
  ].map((table) => caseOf("resample", [shape], { axis, ...table }, { c: 4 })),
);

/** Cases of conv2d, its gradients, conv2dBias, the poolings and resampling. */
export const pictureCases: readonly Case[] = [
  ...convolutionCases,
  ...foldedToTwoTaps,
  ...blocked,
  ...fusedCases,
  ...poolingCases,
  ...resampled,
];
