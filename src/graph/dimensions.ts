/**
 * Shapes inside a graph, where the first axis may be open: `null` stands for the rows of a batch, known only when a
 * step runs. Only axis 0 may be open. Shapes of concrete arrays are in core/shape.ts.
 */

import { ShapeError } from "../core/errors.js";
import { broadcastShapes, formatShape, type Shape, sizeOf } from "../core/shape.js";

/** The length of an axis, or `null`: as many as the batch has rows. */
export type Dimension = number | null;

/** The lengths of a graph tensor's axes; only the first may be `null`. */
export type Dimensions = readonly Dimension[];

/** Whether the first axis is the batch's rows. */
export function isBatched(dimensions: Dimensions): boolean {
  return dimensions[0] === null;
}

/** The concrete shape for a step of `rows` rows. */
export function withRows(dimensions: Dimensions, rows: number): Shape {
  return dimensions.map((length) => length ?? rows);
}

/** Elements of one row of a batched tensor, or of the whole of one that is not batched. */
export function sizePerRow(dimensions: Dimensions): number {
  return sizeOf((isBatched(dimensions) ? dimensions.slice(1) : dimensions) as Shape);
}

/** Whether two are the same, an open axis being the same as an open axis only. */
export function sameDimensions(a: Dimensions, b: Dimensions): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/**
 * The dimensions two operands broadcast to, by numpy's rule; an open axis goes with an open axis or with 1.
 * @throws ShapeError where they do not fit; `what` names the op.
 */
export function broadcastDimensions(a: Dimensions, b: Dimensions, what: string): Dimension[] {
  const batched = isBatched(a) || isBatched(b);
  if (!batched) return broadcastShapes(a as Shape, b as Shape, what);
  const rank = Math.max(a.length, b.length);
  const first = (d: Dimensions): Dimension => (d.length === rank ? (d[0] as Dimension) : 1);
  const rest = (d: Dimensions): Shape => (d.length === rank ? d.slice(1) : d) as Shape;
  const [x, y] = [first(a), first(b)];
  const fits = (x === null || x === 1) && (y === null || y === 1) && !rest(a).includes(null as never);
  if (!fits || rest(b).includes(null as never)) {
    throw new ShapeError(`${what}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast together.`);
  }
  return [null, ...broadcastShapes(rest(a), rest(b), what)];
}

/**
 * Refuses dimensions no tensor can have: an open axis that is not the first, or a length that is not a whole number >= 0.
 * @throws ShapeError naming `what`.
 */
export function checkDimensions(dimensions: Dimensions, what: string): void {
  dimensions.forEach((length, axis) => {
    const open = length === null && axis === 0;
    if (!open && !(Number.isSafeInteger(length) && (length as number) >= 0)) {
      throw new ShapeError(
        `${what}: ${formatShape(dimensions)} is not a shape; axis ${axis} must be a whole number${axis === 0 ? " or null (the batch)" : ""}.`,
      );
    }
  });
}
