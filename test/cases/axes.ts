/** Cases of the ops over axes: reductions, shapes, softmax. */

import type { Dimensions } from "../../src/graph/dimensions.js";
import { type Case, caseOf, oddSizes } from "./case.js";
import { distinct, integers, listed, normal, probabilities, ties } from "./fill.js";

/** A shape and the axes to reduce over. */
const reductions: (readonly [Dimensions, readonly number[]])[] = [
  ...oddSizes.map((n) => [[n], [0]] as const),
  ...oddSizes.map((n) => [[n, 5], [0]] as const),
  ...oddSizes.map((n) => [[3, n], [1]] as const),
  ...oddSizes.map((n) => [[6, n], [0]] as const),
  [[], []],
  [[3, 5], []],
  [
    [3, 5],
    [0, 1],
  ],
  [[2, 3, 5], [1]],
  [
    [2, 3, 5],
    [0, 2],
  ],
  [
    [2, 3, 5, 7],
    [1, 2],
  ],
  [[null], [0]],
  [[null, 7], [0]],
  [[null, 7], [1]],
  [
    [null, 7],
    [0, 1],
  ],
  [[null, 127], [0]],
  [[null, 129], [1]],
  [
    [null, 5, 3, 13],
    [0, 1, 2],
  ],
  [
    [null, 5, 3, 13],
    [1, 2],
  ],
  [[null, 5, 3, 13], [3]],
  [
    [null, 5, 3, 13],
    [0, 1, 2, 3],
  ],
  [
    [null, 3, 5],
    [0, 2],
  ],
];

const reductionCases: Case[] = reductions.flatMap(([shape, axes]) =>
  [false, true].flatMap((keepDims) => [
    caseOf("reduceSum", [shape], { axes, keepDims }, { c: 4 }),
    caseOf("reduceMax", [{ shape, values: distinct }], { axes, keepDims }),
  ]),
);
reductionCases.push(
  caseOf(
    "reduceMax",
    [{ shape: [null, 7], values: ties }],
    { axes: [1], keepDims: false },
    { gradient: false, label: "ties" },
  ),
  // Chunks of a sum over the batch, added in order.
  caseOf(
    "reduceSum",
    [[null, 33]],
    { axes: [0], keepDims: false },
    { c: 8, label: "300 rows", capacity: 300, jobs: [{ rows: 300 }, { rows: 257 }, { rows: 1 }], gradient: false },
  ),
  caseOf(
    "reduceSum",
    [[null]],
    { axes: [0], keepDims: false },
    { c: 8, label: "1000 rows", capacity: 1000, jobs: [{ rows: 1000 }, { rows: 129 }], gradient: false },
  ),
  caseOf("reduceSum", [[10007]], { axes: [0], keepDims: false }, { c: 8, gradient: false }),
);

const counts: Case[] = ([[null], [null, 3]] as Dimensions[]).map((shape) => caseOf("rowCount", [shape], {}));

const largest: Case[] = [
  ...oddSizes.map((n) => caseOf("argmax", [{ shape: [null, n], values: distinct }], {})),
  ...oddSizes.map((n) => caseOf("argmax", [{ shape: [3, n], values: ties }], {}, { label: "ties" })),
  caseOf("argmax", [{ shape: [2, 3, 10], values: normal }], {}),
  caseOf("argmax", [[7]], {}),
];

const broadcasts: (readonly [Dimensions, Dimensions])[] = [
  ...oddSizes.map((n) => [[], [n]] as const),
  ...oddSizes.map((n) => [[1], [n]] as const),
  [[], []],
  [[5], [5]],
  [[5], [3, 5]],
  [
    [3, 1],
    [3, 5],
  ],
  [
    [2, 1, 3],
    [2, 7, 3],
  ],
  [
    [3, 1, 1],
    [2, 3, 5, 7],
  ],
  [[], [null]],
  [[], [null, 7]],
  [[7], [null, 7]],
  [
    [1, 7],
    [null, 7],
  ],
  [
    [null, 1],
    [null, 13],
  ],
  [
    [null, 1, 3],
    [null, 5, 3],
  ],
  [
    [null, 3, 1],
    [null, 3, 5],
  ],
  [
    [null, 1, 1, 5],
    [null, 3, 3, 5],
  ],
];
const broadcastCases: Case[] = [
  ...broadcasts.map(([from, shape]) => caseOf("broadcastTo", [from], { shape })),
  ...(["int32", "uint8"] as const).flatMap((dtype) =>
    (
      [
        [[3], [null, 3]],
        [
          [null, 2, 1, 3, 1, 1],
          [null, 2, 2, 3, 3, 1],
        ],
      ] as const
    ).map(([from, shape]) =>
      caseOf("broadcastTo", [{ shape: from, dtype, values: integers(0, 9) }], { shape }, { label: dtype }),
    ),
  ),
];

const reshapes: (readonly [Dimensions, Dimensions])[] = [
  [[6], [2, 3]],
  [[2, 3], [6]],
  [[], [1, 1]],
  [[1], []],
  [
    [null, 2, 3, 5],
    [null, 30],
  ],
  [
    [null, 12],
    [null, 3, 4],
  ],
  [[null], [null, 1]],
  [[null, 1], [null]],
];
const reshapeCases: Case[] = [
  ...reshapes.map(([from, shape]) => caseOf("reshape", [from], { shape })),
  ...(["int32", "uint8", "bool"] as const).map((dtype) =>
    caseOf("reshape", [{ shape: [null, 1], dtype, values: integers(0, 2) }], { shape: [null] }, { label: dtype }),
  ),
];

const transposes: (readonly [Dimensions, readonly number[]])[] = [
  ...oddSizes.map(
    (n) =>
      [
        [n, 5],
        [1, 0],
      ] as const,
  ),
  ...oddSizes.map(
    (n) =>
      [
        [4, n],
        [1, 0],
      ] as const,
  ),
  [[], []],
  [[7], [0]],
  [
    [2, 3, 5],
    [2, 0, 1],
  ],
  [
    [2, 3, 5],
    [0, 2, 1],
  ],
  [
    [2, 3, 5],
    [0, 1, 2],
  ],
  [
    [2, 3, 4, 5],
    [3, 1, 0, 2],
  ],
  [
    [null, 3],
    [0, 1],
  ],
  [
    [null, 3, 5],
    [0, 2, 1],
  ],
  [
    [null, 3, 5, 7],
    [0, 3, 1, 2],
  ],
];
const transposeCases: Case[] = [
  ...transposes.map(([shape, permutation]) => caseOf("transpose", [shape], { permutation })),
  ...(["int32", "uint8"] as const).map((dtype) =>
    caseOf(
      "transpose",
      [{ shape: [null, 3, 5], dtype, values: integers(0, 9) }],
      { permutation: [0, 2, 1] },
      { label: dtype },
    ),
  ),
];

const runCases: Case[] = [
  ...(
    [
      [[null, 5], 1, 1, 3],
      [[null, 5], 1, 0, 5],
      [[7, 3], 0, 2, 4],
      [[null, 4, 5, 3], 1, 3, 1],
      [[null, 4, 5, 3], 2, 1, 2],
      [[null, 4, 5, 3], 3, 2, 1],
      [[null, 127, 65], 1, 1, 125],
    ] as const
  ).flatMap(([shape, axis, from, length]) => {
    const rest = shape[axis]! - from - length;
    return [
      caseOf("slice", [shape], { axis, from, length }),
      caseOf("pad", [(shape as Dimensions).with(axis, length)], { axis, before: from, after: rest }),
    ];
  }),
  ...(
    [
      [[null, 3], [null, 5], 1],
      [[2, 3], [7, 3], 0],
      [[null, 2, 4, 3], [null, 2, 4, 8], 3],
      [[null, 2, 4, 3], [null, 2, 1, 3], 2],
      [[null, 63, 65], [null, 66, 65], 1],
    ] as const
  ).map(([a, b, axis]) => caseOf("concatenate", [a, b], { axis })),
  caseOf(
    "concatenate",
    [1, 2].map((length) => ({ shape: [null, length], dtype: "int32", values: integers(-9, 9) }) as const),
    { axis: 1 },
    { label: "int32" },
  ),
];

/** Bytes, of which a run need not be whole words. */
const bytes = { shape: [null, 5, 3], dtype: "uint8", values: integers(0, 256) } as const;
runCases.push(
  caseOf("slice", [bytes], { axis: 1, from: 1, length: 3 }, { label: "uint8" }),
  caseOf("slice", [bytes], { axis: 2, from: 1, length: 1 }, { label: "uint8" }),
  caseOf("pad", [bytes], { axis: 1, before: 1, after: 0 }, { label: "uint8" }),
  caseOf("pad", [bytes], { axis: 2, before: 2, after: 1 }, { label: "uint8" }),
);

const softmaxShapes: Dimensions[] = [
  ...oddSizes.map((n) => [null, n]),
  [3, 10],
  [10],
  [2, 3, 5],
  [null, 5, 7],
  [null, 1000],
];
const softmaxCases: Case[] = softmaxShapes.flatMap((shape) => {
  const c = 4;
  return [
    caseOf("softmax", [shape], {}, { c }),
    caseOf("logSoftmax", [shape], {}, { c }),
    caseOf("softmaxGradient", [{ shape, values: probabilities }, shape], {}, { c }),
  ];
});
const far = listed(1000, 999, -1000, 0, 1000, 88, -3e38);
softmaxCases.push(
  caseOf("softmax", [{ shape: [null, 7], values: far }], {}, { c: 4, gradient: false, label: "far apart" }),
  caseOf("logSoftmax", [{ shape: [null, 7], values: far }], {}, { c: 4, gradient: false, label: "far apart" }),
);

/** Cases of the ops over axes. */
export const axisCases: readonly Case[] = [
  ...reductionCases,
  ...counts,
  ...largest,
  ...broadcastCases,
  ...reshapeCases,
  ...transposeCases,
  ...runCases,
  ...softmaxCases,
];
