/** How many samples lie at or above each threshold, by class: what ROC and precision-recall curves are drawn from. */

/** For each different score, from the highest down: what taking all samples at or above it for positive would give. */
export interface ThresholdCounts {
  /** Negative samples taken for positive, as sums of weights. */
  readonly falsePositives: number[];
  /** Positive samples taken for positive. */
  readonly truePositives: number[];
  readonly thresholds: number[];
}

/** Counts along falling thresholds. Samples that weigh 0 make no threshold. */
export function countAtThresholds(
  isPositive: readonly boolean[],
  scores: readonly number[],
  weights: readonly number[] | null,
): ThresholdCounts {
  const order = scores.map((_, i) => i).filter((i) => weights === null || weights[i] !== 0);
  order.sort((a, b) => scores[b]! - scores[a]!);
  const counts: ThresholdCounts = { falsePositives: [], truePositives: [], thresholds: [] };
  let [falsePositives, truePositives] = [0, 0];
  order.forEach((sample, place) => {
    const weight = weights === null ? 1 : weights[sample]!;
    if (isPositive[sample]) truePositives += weight;
    else falsePositives += weight;
    const next = order[place + 1];
    if (next !== undefined && scores[next] === scores[sample]) return;
    counts.falsePositives.push(falsePositives);
    counts.truePositives.push(truePositives);
    counts.thresholds.push(scores[sample]!);
  });
  return counts;
}

/** The counts at some of the thresholds. */
export function keepThresholds(counts: ThresholdCounts, keep: (place: number) => boolean): ThresholdCounts {
  const kept = (values: readonly number[]) => values.filter((_, place) => keep(place));
  return {
    falsePositives: kept(counts.falsePositives),
    truePositives: kept(counts.truePositives),
    thresholds: kept(counts.thresholds),
  };
}
