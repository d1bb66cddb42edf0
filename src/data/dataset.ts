/**
 * What a dataset of labelled pictures is. Not any one of them (datasets/).
 */

import { DataError } from "../core/errors.js";
import type { NDArray } from "../core/ndarray.js";

/** Pictures and the class of each: images [n, height, width] or [n, height, width, channels], labels [n]. */
export interface LabelledImages {
  readonly images: NDArray<"uint8">;
  readonly labels: NDArray<"uint8">;
}

/** Pictures to train on and pictures to test with; a label is an index into `classNames`. */
export interface ImageDataset {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  readonly classNames: readonly string[];
}

/** What is known of a dataset before it is loaded: what `fovea datasets` lists. */
export interface DatasetInfo {
  /** Its name in code and on the command line: `mnist`. */
  readonly name: string;
  readonly title: string;
  /** How many pictures there are to train on and to test with. */
  readonly trainCount: number;
  readonly testCount: number;
  /** The shape of one picture. */
  readonly imageShape: readonly number[];
  readonly classNames: readonly string[];
  /** Who made it, and where it is described. */
  readonly source: string;
  /** Under what terms it is given out. */
  readonly license: string;
}

/**
 * Checks that labels fit pictures: one a picture, each a class that there is.
 * @param names - what the message calls the two: their files.
 * @throws DataError where there are none, their numbers differ, or a label is not below `classes`.
 */
export function checkLabels(
  labels: ArrayLike<number>,
  imageCount: number,
  classes: number,
  names: { readonly images: string; readonly labels: string },
): void {
  if (imageCount === 0) throw new DataError(`${names.images}: expected at least 1 picture, found none.`);
  if (labels.length !== imageCount) {
    throw new DataError(
      `${names.labels}: expected ${imageCount} labels, one for each picture in ${names.images}, found ${labels.length}.`,
    );
  }
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    if (label >= classes) {
      throw new DataError(
        `${names.labels}: expected labels from 0 to ${classes - 1}, found ${label} at row ${row}: these are the labels of another dataset.`,
      );
    }
  }
}
