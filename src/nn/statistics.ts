/** Mean and variance of arrays that are seen a part at a time, in float64 (Welford's way): no sum grows large. */

import { DataError, ShapeError } from "../core/errors.js";
import type { NDArray } from "../core/ndarray.js";
import { formatShape, sizeOf, stridesOf } from "../core/shape.js";

/** Mean and variance for each place on some axes, over all the others and over every array that was added. */
export class RunningStatistics {
  readonly mean: Float64Array;
  readonly #squares: Float64Array;
  readonly #counts: Float64Array;
  /** For each element of a row, the place whose numbers it is among. */
  readonly #places: Int32Array;

  /** `rowShape` is that of a row; `axes` are kept, counted from the front with the rows as axis 0, which is not among them. */
  constructor(
    readonly rowShape: readonly number[],
    axes: readonly number[],
    readonly what: string,
  ) {
    const kept = axes.map((axis) => rowShape[axis - 1]!);
    const size = sizeOf(kept);
    this.mean = new Float64Array(size);
    this.#squares = new Float64Array(size);
    this.#counts = new Float64Array(size);
    const [own, to] = [stridesOf(rowShape), stridesOf(kept)];
    this.#places = Int32Array.from({ length: sizeOf(rowShape) }, (_, i) =>
      axes.reduce((at, axis, k) => at + (Math.floor(i / own[axis - 1]!) % rowShape[axis - 1]!) * to[k]!, 0),
    );
  }

  /**
   * Takes rows in.
   * @throws ShapeError if they are of another shape, DataError if a number is not finite.
   */
  add(rows: NDArray): void {
    const { shape, data } = rows;
    if (shape.length !== this.rowShape.length + 1 || this.rowShape.some((length, i) => length !== shape[i + 1])) {
      throw new ShapeError(
        `${this.what}: rows of ${formatShape(this.rowShape)} expected, received ${formatShape(shape)}.`,
      );
    }
    const row = this.#places.length;
    for (let start = 0; start < data.length; start += row) {
      for (let i = 0; i < row; i++) {
        const value = data[start + i]!;
        const place = this.#places[i]!;
        this.#counts[place]! += 1;
        const distance = value - this.mean[place]!;
        this.mean[place]! += distance / this.#counts[place]!;
        this.#squares[place]! += distance * (value - this.mean[place]!);
      }
    }
    if (!this.mean.every(Number.isFinite))
      throw new DataError(`${this.what}: the data has numbers that are not finite.`);
  }

  /** The mean of (x - mean)², for each place. @throws DataError if there was nothing. */
  variance(): Float64Array {
    if (this.#counts.some((count) => count === 0)) throw new DataError(`${this.what}: there is no data.`);
    return this.#squares.map((sum, place) => sum / this.#counts[place]!);
  }
}
