/** Cases of batch normalisation, its gradients, and factors and terms of channels. */

import type { Dimensions } from "../../src/graph/dimensions.js";
import {
  betaResult,
  type ChannelActivation,
  gammaResult,
  meanResult,
  varianceResult,
} from "../../src/graph/ops/batchNormalize.js";
import { growing } from "./bounds.js";
import { type Case, type CaseInput, type CaseOptions, caseOf } from "./case.js";
import { type Fill, normal, positive } from "./fill.js";

const activations: readonly ChannelActivation[] = ["linear", "relu", "relu6"];

/** Channels that fill no vector, several, and strips of them only in part; pixels of less than a chunk, and of several. */
const shapes: Dimensions[] = [
  [null, 1],
  [null, 3],
  [null, 5, 4],
  [null, 2, 3, 8],
  [null, 3, 3, 13],
  [null, 16],
  [null, 7, 5, 17],
  [null, 9, 23],
  [null, 32],
  [null, 3, 129],
  [7, 5],
  [2, 3, 5, 6],
];
/** Too large for finite differences of every element. */
const large: Dimensions[] = [
  [null, 19, 21, 4],
  [null, 12, 12, 16],
  [null, 500, 3],
  [null, 5, 520],
  [3000, 2],
];

const gamma = (channels: number): CaseInput => ({ shape: [channels], values: positive });
/** Where the mean is large beside the spread. */
const far: Fill = (shape, uniform, before) =>
  Float64Array.from(normal(shape, uniform, before) as number[], (v) => v + 1000);

function casesOf(shape: Dimensions, small: boolean): Case[] {
  const channels = shape.at(-1)!;
  const options: CaseOptions = small ? {} : { gradient: false };
  const one = { shape: [channels] };
  return activations.flatMap((activation) => {
    const attributes = { epsilon: 1e-3, activation };
    const forward = [{ shape }, gamma(channels), one] as const;
    const backward = [{ shape }, gamma(channels), one, one, gamma(channels), { shape }] as const;
    return [
      caseOf("batchNormalize", forward, attributes, { ...options, c: 8 }),
      caseOf("scaleChannels", [{ shape }, one, one], { activation }, { c: 2 }),
      caseOf("batchNormalizeGradients", backward, attributes, { c: growing(256), gradient: false }),
      ...[gammaResult, betaResult].map((result) =>
        caseOf("batchNormalizeGradients", backward, attributes, {
          c: growing(256),
          gradient: false,
          result,
          label: `result ${result}`,
        }),
      ),
    ];
  });
}

function statisticsOf(shape: Dimensions): Case[] {
  const channels = shape.at(-1)!;
  const attributes = { epsilon: 1e-3, activation: "linear" } as const;
  return [normal, far].flatMap((values) =>
    [meanResult, varianceResult].map((result) =>
      caseOf("batchNormalize", [{ shape, values }, gamma(channels), [channels]], attributes, {
        c: 16,
        gradient: false,
        result,
        label: `result ${result}${values === far ? ", far from 0" : ""}`,
      }),
    ),
  );
}

/** Cases of normalisation. */
export const normalizationCases: readonly Case[] = [
  ...shapes.flatMap((shape) => casesOf(shape, true)),
  ...large.flatMap((shape) => casesOf(shape, false)),
  ...[...shapes, ...large].flatMap(statisticsOf),
];
