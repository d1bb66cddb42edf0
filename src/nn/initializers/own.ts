/** An initializer that is a function of the user's own. */

import { DataError, ShapeError } from "../../core/errors.js";
import { asNDArray, type NDArrayLike } from "../../core/ndarray.js";
import { array } from "../../core/ndarray-create.js";
import type { Nested } from "../../core/ndarray-nested.js";
import type { RandomStream } from "../../core/random.js";
import { formatReceived } from "../../core/received.js";
import { formatShape, sameShape, sizeOf } from "../../core/shape.js";
import { nameOf } from "../factory.js";
import type { Initializer } from "./initializer.js";

/**
 * The first values of a weight of this shape: an array of it, nested lists, or all numbers row by row. `random` is the weight's own
 * stream: numbers drawn from it follow from the model's seed.
 */
export type InitializerFunction = (
  shape: readonly number[],
  random: RandomStream,
) => NDArrayLike | ArrayLike<number> | readonly Nested[];

/** The initializer that a function is. */
export function ownInitializer(make: InitializerFunction): Initializer {
  const name = nameOf(make);
  return {
    name,
    config: null,
    generate(shape, stream) {
      const made: unknown = make(shape, stream);
      const values = valuesOf(made, shape, name);
      const wrongAt = values.findIndex(Number.isNaN);
      if (wrongAt < 0) return values;
      throw new DataError(`${name}: an initializer of your own must make numbers, it made NaN at element ${wrongAt}.`);
    },
  };
}

/** What the function made, row by row. @throws ShapeError, DataError where it is no numbers of this shape. */
function valuesOf(made: unknown, shape: readonly number[], name: string): Float32Array {
  if (ArrayBuffer.isView(made)) {
    const numbers = Float32Array.from(made as unknown as ArrayLike<number>);
    if (numbers.length === sizeOf(shape)) return numbers;
    throw wrong(name, shape, `${numbers.length} numbers`);
  }
  if (typeof made !== "object" || made === null) throw wrong(name, shape, formatReceived(made));
  const given = Array.isArray(made) ? array(made as readonly Nested[]) : asNDArray(made as NDArrayLike, name);
  const inRows = Array.isArray(made) && given.rank === 1 && given.size === sizeOf(shape);
  if (inRows || sameShape(given.shape, shape)) return given.astype("float32").data.slice();
  throw wrong(name, shape, `an array of ${formatShape(given.shape)}`);
}

function wrong(name: string, shape: readonly number[], made: string): ShapeError {
  return new ShapeError(
    `${name}: an initializer of your own must make an array of ${formatShape(shape)}, or its ${sizeOf(shape)} numbers; it made ${made}.`,
  );
}
