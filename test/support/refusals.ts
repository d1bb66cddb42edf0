/**
 * What scores refuse alike, one test for each kind of data they take; and a short way to say what one refuses besides. Each
 * message begins with the score's name.
 */

import { expect, test } from "vitest";
import { DataError, OptionError, ShapeError } from "../../src/core/errors.js";

type Score = (first: never, second: never, options?: never) => unknown;

/** Expects of a call of the score, with whatever data and options. */
export function callsOf(score: Score) {
  return (first: unknown, second: unknown, options?: object) =>
    expect(() => score(first as never, second as never, options as never));
}

const square = [
  [0, 1],
  [1, 0],
];

/** Of one score a sample: numbers, lengths, shapes, labels and weights. */
export function refusesScores(score: Score): void {
  test("scores that cannot be used are refused by name", () => {
    const call = callsOf(score);
    call([0, 1], [0.1, Number.NaN]).toThrow(
      new RegExp(`^${score.name}: yScore must hold finite numbers, received NaN at index 1`),
    );
    call([0, 1], [0.1]).toThrow(/yTrue and yScore must have the same length, received 2 and 1 samples/);
    call([0, 1], square).toThrow(/one score a sample.*received \[2, 2\].*slice\(null, 1\)/);
    call([0, 1], [[0.1, 0.9], [0.2]]).toThrow(ShapeError);
    call([0, 1], []).toThrow(/yScore is empty/);
    call([0, 1], 0.5).toThrow(DataError);
    call([0.5, 1], [0.1, 0.2]).toThrow(/yTrue must hold class labels/);
    call([0, 1], [0.1, 0.2], { sampleWeight: [0, 0] }).toThrow(/at least one number other than 0/);
  });
}

/** Of the label that counts as positive. */
export function refusesPosLabel(score: Score): void {
  test("a positive label that cannot be used is refused by name", () => {
    const call = callsOf(score);
    call([0, 1], [0.1, 0.2], { posLable: 1 }).toThrow(/did you mean "posLabel"/);
    call([0, 1], [0.1, 0.2], { posLabel: 0.5 }).toThrow(OptionError);
    call([0, 1], [0.1, 0.2], { posLabel: "1" }).toThrow(
      /posLabel must be of the data's kind, received "1" for data of numbers/,
    );
  });
}

/** Of points of a curve: the positive label of words must be named, and intermediate ones are dropped or not. */
export function refusesCurve(score: Score): void {
  refusesPosLabel(score);
  test("options of a curve that cannot be used are refused by name", () => {
    const call = callsOf(score);
    call(["a", "b"], [0.1, 0.2]).toThrow(/posLabel must be given unless .*received \["a","b"\]/);
    call([0, 1], [0.1, 0.2], { dropIntermediate: 1 }).toThrow(OptionError);
  });
}

/** Of labels beside labels, which messages call by these names. */
export function refusesLabels(score: Score, [first, second]: readonly [string, string]): void {
  test("labels that cannot be used are refused by name", () => {
    const call = callsOf(score);
    call([0, 1], [0]).toThrow(
      new RegExp(`^${score.name}: ${first} and ${second} must have the same length, received 2 and 1 labels`),
    );
    call([], []).toThrow(new RegExp(`${first} is empty`));
    call([0, 1], ["0", "1"]).toThrow(DataError);
    call([0, 1], square).toThrow(/argmax\(1\)/);
    call([0, 1], [0, 1], { sampleWeight: [1] }).toThrow(/one weight for each of 2 samples, received 1/);
    call([0, 1], [0, 1], { sampleweight: [1, 1] }).toThrow(/did you mean "sampleWeight"/);
    call([0, 1], [0, 1], { onWarning: true }).toThrow(OptionError);
  });
}

/** Of probabilities, which messages call by this name. */
export function refusesProbabilities(score: Score, name: string): void {
  test("probabilities that cannot be used are refused by name", () => {
    const call = callsOf(score);
    call([0, 1], [0.1, 1.5]).toThrow(new RegExp(`^${score.name}: ${name} must be from 0 to 1, received 1.5`));
    call([0, 1], [0.1, -0.5]).toThrow(DataError);
    call([0, 1], [0.1]).toThrow(new RegExp(`yTrue and ${name} must have the same length, received 2 and 1 samples`));
    call([0, 1], [0.1, "0.2"]).toThrow(new RegExp(`${name} must hold finite numbers, received "0.2" at index 1`));
  });
}
