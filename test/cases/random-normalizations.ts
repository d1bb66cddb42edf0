/** Random cases of batch normalisation and its gradients, and of factors and terms of channels. */

import fc from "fast-check";
import type { ChannelActivation } from "../../src/graph/ops/batchNormalize.js";
import { growing } from "./bounds.js";
import { type Case, type CaseInput, type CaseOptions, caseOf } from "./case.js";
import { betweenWhole, type Fill, integers, listed, normal, positive } from "./fill.js";
import { counts, jobOf, type Rows, rowCounts, within } from "./random-parts.js";

export interface NormalizationSpec extends Rows {
  readonly op: "batchNormalize" | "batchNormalizeGradients" | "scaleChannels";
  readonly result: 0 | 1 | 2;
  readonly pixels: number;
  readonly channels: number;
  readonly activation: ChannelActivation;
  readonly mean: number;
}

/** Normalisations of at most `most` numbers. */
export function normalizations(most: number): fc.Arbitrary<NormalizationSpec> {
  const spec = fc.tuple(
    fc.record({
      op: fc.constantFrom<NormalizationSpec["op"][]>("batchNormalize", "batchNormalizeGradients", "scaleChannels"),
      result: fc.constantFrom<NormalizationSpec["result"][]>(0, 1, 2),
      pixels: counts(900),
      channels: counts(600),
      activation: fc.constantFrom<ChannelActivation[]>("linear", "relu", "relu6"),
      mean: fc.constantFrom(0, 1, -50, 3000),
    }),
    rowCounts,
  );
  return spec.map(([item, rows]) =>
    within({ ...item, ...rows }, ["pixels", "channels"], most, (one) => one.rows * one.pixels * one.channels),
  );
}

/** The case of a normalisation. */
export function normalizationCase(spec: NormalizationSpec): Case {
  const { op, result, pixels, channels, activation, mean } = spec;
  const shape = [null, pixels, channels];
  const values: Fill = (of, uniform, before) => Float64Array.from(normal(of, uniform, before), (v) => v + mean);
  const vector = (fill: Fill = normal): CaseInput => ({ shape: [channels], values: fill });
  const options: CaseOptions = { ...jobOf(spec), label: `mean ${mean}` };
  if (op === "scaleChannels")
    return caseOf(op, [{ shape, values }, vector(), vector()], { activation }, { ...options, c: 2 });
  const which: CaseOptions = result === 0 ? options : { ...options, result, label: `mean ${mean}, result ${result}` };
  const attributes = { epsilon: 1e-3, activation };
  if (op === "batchNormalize") {
    return caseOf(op, [{ shape, values }, vector(positive), vector()], attributes, {
      ...which,
      c: result === 0 ? 8 : 32,
    });
  }
  const c = growing(256);
  if (activation === "linear") {
    const inputs = [{ shape, values }, vector(), vector(), vector(listed(mean)), vector(positive), { shape }];
    return caseOf(op, inputs, attributes, { ...which, c });
  }
  // What is activated is at least 0.1 away from its kinks, which are whole numbers.
  const x = { shape, values: betweenWhole(-9, 9) };
  const [gamma, beta, from] = [listed(1, -1, 1), integers(-2, 5), integers(-2, 3)];
  return caseOf(op, [x, vector(gamma), vector(beta), vector(from), vector(listed(1 - 1e-3)), { shape }], attributes, {
    ...which,
    c,
  });
}
