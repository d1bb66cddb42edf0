/** Labels and predictions counted by thresholds: which of them are looked at, and in what order. */

import { ShapeError } from "../../core/errors.js";
import { formatShape } from "../../core/shape.js";
import type { Accumulator, MetricResult } from "./metric.js";
import { type PairShapes, sizeOfPairs, weightAt } from "./pairs.js";
import { type Confusion, ThresholdCounts, type Thresholds } from "./thresholds.js";

/** Which predictions are looked at. */
interface Choice {
  /** Of each row only this class. */
  readonly classId?: number | null;
  /** Of each row only the k greatest can be positive. */
  readonly topK?: number | null;
}

/** What is counted by thresholds, and what that comes to. */
export function countsOf<Result extends MetricResult>(
  name: string,
  thresholds: Thresholds,
  { classId = null, topK = null }: Choice,
  resultOf: (confusion: Confusion) => Result,
): Accumulator<Result> {
  const counts = new ThresholdCounts(thresholds);
  let [size, classes] = [0, 0];
  return {
    expect(shapes) {
      size = sizeOfPairs(shapes, name);
      classes = shapes.predictions.at(-1) ?? 1;
      checkChoice(name, shapes, { classId, topK });
    },
    update({ rows, labels, predictions, weights }) {
      if (classId !== null && weights !== undefined && weights.perRow > 1) {
        throw new ShapeError(`${name}: with classId, sampleWeight must be a number or one for each row.`);
      }
      const [y, p] = [labels.data, predictions.data];
      const kept = topK === null ? undefined : new Uint8Array(classes);
      const heap = new Int32Array(topK ?? 0);
      const [from, to] = classId === null ? [0, classes] : [classId, classId + 1];
      for (let row = 0; row < rows; row++) {
        for (let first = row * size; first < (row + 1) * size; first += classes) {
          if (kept !== undefined) markGreatest(p, first, topK!, kept, heap);
          for (let j = from; j < to; j++) {
            const prediction = kept === undefined || kept[j] === 1 ? p[first + j]! : notAmongThem;
            counts.add(0, y[first + j]!, prediction, weightAt(weights, row, first - row * size + j));
          }
        }
      }
    },
    result: () => resultOf(counts.confusion()),
  };
}

/** Keras's stand-in for predictions that are not among the greatest: below every threshold. */
export const notAmongThem = Math.fround(-1e10);

/**
 * Marks the `k` greatest of a row with 1, the first ones of equals. They are kept in a heap, the least of them in front,
 * so that a row takes as many steps as it has values times log k.
 */
function markGreatest(values: ArrayLike<number>, first: number, k: number, marks: Uint8Array, heap: Int32Array): void {
  /** Whether place a gives way to place b: it holds less, or the same farther behind. */
  const isLess = (a: number, b: number): boolean => {
    const [one, other] = [values[first + a]!, values[first + b]!];
    return one < other || (one === other && a > b);
  };
  /** Puts a place where the heap is open, below all that are less. */
  const sink = (open: number, place: number): void => {
    let at = open;
    for (let next = 2 * at + 1; next < k; next = 2 * at + 1) {
      if (next + 1 < k && isLess(heap[next + 1]!, heap[next]!)) next++;
      if (!isLess(heap[next]!, place)) break;
      heap[at] = heap[next]!;
      at = next;
    }
    heap[at] = place;
  };
  for (let j = 0; j < k; j++) heap[j] = j;
  for (let j = (k >> 1) - 1; j >= 0; j--) sink(j, heap[j]!);
  for (let j = k; j < marks.length; j++) if (isLess(heap[0]!, j)) sink(0, j);
  marks.fill(0);
  for (let j = 0; j < k; j++) marks[heap[j]!] = 1;
}

function checkChoice(name: string, { predictions }: PairShapes, { classId, topK }: Choice): void {
  const classes = predictions.at(-1) ?? 0;
  const refuse = (what: string, needed: number): void => {
    if (needed <= classes) return;
    throw new ShapeError(
      `${name}: ${what} needs predictions of ${needed} classes at least, received ${formatShape([null, ...predictions])}.`,
    );
  };
  if (typeof classId === "number") refuse(`classId ${classId}`, classId + 1);
  if (typeof topK === "number") refuse(`topK ${topK}`, topK);
}
