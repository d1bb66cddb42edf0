/** A score of two classes made one of several: each class against the rest, then averaged. Not the scores themselves. */

import { average } from "./averages.js";
import { type ScoreTable, scoresOfClass } from "./scores.js";

/**
 * How the scores of classes become one: `"macro"` takes the plain mean, `"weighted"` the mean weighted by how often each
 * class is true; `"micro"` takes every pair of sample and class for a sample of its own.
 */
export type ClassAverage = "macro" | "micro" | "weighted";

/** A score of two classes: which samples are positive, their scores, their weights. */
export type BinaryScore = (
  isPositive: readonly boolean[],
  scores: readonly number[],
  weights: readonly number[] | null,
) => number;

/**
 * A score of each class against the rest, or their average. `truth` holds for each sample the column of its class.
 * Weighted averages leave out classes that weigh 0, and are 0 where all do.
 */
export function scoreOfClasses(
  truth: readonly number[],
  table: ScoreTable,
  weights: readonly number[] | null,
  how: ClassAverage | null,
  score: BinaryScore,
): number | number[] {
  const { columns, values } = table;
  if (how === "micro") {
    const isClass = values.map((_, i) => truth[Math.floor(i / columns)] === i % columns);
    const repeated = weights === null ? null : values.map((_, i) => weights[Math.floor(i / columns)]!);
    return score(isClass, values, repeated);
  }
  const support = supportOf(truth, columns, weights);
  if (how === "weighted" && Math.abs(support.reduce((total, one) => total + one)) <= 1e-8) return 0;
  const scores = support.map((_, column) =>
    score(
      truth.map((place) => place === column),
      scoresOfClass(table, column),
      weights,
    ),
  );
  if (how === null) return scores;
  if (how === "macro") return average(scores, null);
  return average(
    scores.map((one, column) => (support[column] === 0 ? 0 : one)),
    support,
  );
}

function supportOf(truth: readonly number[], classes: number, weights: readonly number[] | null): number[] {
  const support = new Array<number>(classes).fill(0);
  truth.forEach((place, sample) => {
    support[place]! += weights === null ? 1 : weights[sample]!;
  });
  return support;
}
