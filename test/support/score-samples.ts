/** Random samples for the properties of scores: labels with what was predicted, as fast-check makes and shrinks them. */

import fc from "fast-check";

/** Labels of five classes, true and predicted. */
export const labelPairs = fc
  .array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 1, maxLength: 60 })
  .map((list) => ({ yTrue: list.map(([a]) => a), yPred: list.map(([, b]) => b) }));

/** Labels 0 and 1, both of which occur, with scores that are multiples of 1/4. */
export const twoClasses = fc
  .array(fc.tuple(fc.boolean(), fc.integer({ min: -8, max: 8 })), { minLength: 2, maxLength: 40 })
  .map((list) => ({
    // Both classes are there.
    yTrue: [0, 1, ...list.map(([positive]) => Number(positive))],
    yScore: [0, 1, ...list.map(([, score]) => score / 4)],
  }));

/** Labels in which all classes occur, with probabilities that are multiples of 1/64. */
export const severalClasses = fc
  .tuple(
    fc.integer({ min: 3, max: 5 }),
    fc.array(fc.tuple(fc.nat(), fc.array(fc.nat(12), { minLength: 4, maxLength: 4 })), { maxLength: 25 }),
  )
  .map(([classes, list]) => {
    const yTrue = [...Array(classes).keys(), ...list.map(([label]) => label % classes)];
    const rows = yTrue.map((label, i) => {
      const parts = Array.from({ length: classes - 1 }, (_, c) => list[i]?.[1][c] ?? (label + c) % 13);
      return [...parts, 64 - parts.reduce((a, b) => a + b)].map((part) => part / 64);
    });
    return { classes, yTrue, rows };
  });
