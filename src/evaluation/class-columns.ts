/** Which class each column of scores is of. Not the reading of scores: that is scores.ts. */

import { DataError, OptionError } from "../core/errors.js";
import { type Label, type Labels, readLabelList, sortedUnique } from "./labels.js";
import type { Scored } from "./scores.js";

/**
 * The classes of so many columns in their order: `labels`, which must be sorted, or else all that occur.
 * @throws OptionError where labels are not sorted, not one a column, or of another kind than the data's.
 * @throws DataError where a label of the data is missing among them, or there are none and not all classes occur.
 */
export function classesOfColumns(
  op: string,
  scored: Pick<Scored, "present">,
  columns: number,
  labels?: Labels,
): readonly Label[] {
  const { present } = scored;
  if (labels === undefined) {
    if (present.length === columns) return present;
    throw new DataError(
      `${op}: the classes in yTrue must be as many as those of yScore, received ${present.length} and ${columns}; name all classes with labels if not all occur.`,
    );
  }
  const list = readLabelList(op, labels, scored);
  const sorted = sortedUnique(list);
  if (list.some((label, i) => label !== sorted[i])) {
    throw new OptionError(
      `${op}: labels must be sorted, as the columns of yScore are, received ${JSON.stringify(list)}.`,
    );
  }
  if (list.length !== columns) {
    throw new OptionError(
      `${op}: labels must name one class for each of ${columns} classes of yScore, received ${list.length}.`,
    );
  }
  requireCovered(op, present, list);
  return list;
}

/** @throws DataError where a label that occurs in the data is not among `classes`. */
export function requireCovered(op: string, present: readonly Label[], classes: readonly Label[]): void {
  const missing = present.find((label) => !classes.includes(label));
  if (missing === undefined) return;
  throw new DataError(
    `${op}: every label in yTrue must be among labels, received ${JSON.stringify(missing)} and labels ${JSON.stringify(classes)}.`,
  );
}

/** For each sample the place of its label among the classes. */
export function placesOf(yTrue: readonly Label[], classes: readonly Label[]): number[] {
  const places = new Map(classes.map((label, index) => [label, index]));
  return yTrue.map((label) => places.get(label)!);
}
