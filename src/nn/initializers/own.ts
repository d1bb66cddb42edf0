/** An initializer that is a function of the user's own. */

import { ShapeError } from "../../core/errors.js";
import { asNDArray, type NDArrayLike } from "../../core/ndarray.js";
import type { RandomStream } from "../../core/random.js";
import { formatReceived } from "../../core/received.js";
import { formatShape, sameShape, sizeOf } from "../../core/shape.js";
import { nameOf } from "../factory.js";
import type { Initializer } from "./initializer.js";

/**
 * The first values of a weight of this shape: an array of it, or all numbers row by row. `random` is the weight's own
 * stream: numbers drawn from it follow from the model's seed.
 */
export type InitializerFunction = (shape: readonly number[], random: RandomStream) => NDArrayLike | ArrayLike<number>;

/** The initializer that a function is. */
export function ownInitializer(make: InitializerFunction): Initializer {
  const name = nameOf(make);
  return {
    name,
    config: null,
    generate(shape, stream) {
      const made: unknown = make(shape, stream);
      if (typeof made === "object" && made !== null && "shape" in made) {
        const array = asNDArray(made as NDArrayLike, name);
        if (sameShape(array.shape, shape)) return array.astype("float32").data.slice();
        throw wrong(name, shape, `an array of ${formatShape(array.shape)}`);
      }
      const numbers =
        Array.isArray(made) || ArrayBuffer.isView(made)
          ? Float32Array.from(made as ArrayLike<number> & Iterable<number>)
          : undefined;
      if (numbers?.length === sizeOf(shape)) return numbers;
      throw wrong(name, shape, numbers === undefined ? formatReceived(made) : `${numbers.length} numbers`);
    },
  };
}

function wrong(name: string, shape: readonly number[], made: string): ShapeError {
  return new ShapeError(
    `${name}: an initializer of your own must make an array of ${formatShape(shape)}, or its ${sizeOf(shape)} numbers; it made ${made}.`,
  );
}
