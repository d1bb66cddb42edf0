/**
 * Golden pairs: three inputs and what a model predicts for them, small enough for a file's metadata. Who loads the model
 * predicts them again and sees that it is the same. Not the file: model-file.ts.
 *
 * Inputs are noise: float32 from -1 up to 1 in steps of 1/64, uint8 from 0 to 255, int32 0 or 1. An input of more than 251
 * elements is a pattern of 251, repeated; of an output of more than 256 elements, 256 are kept, evenly spread.
 */

import { arrayType } from "../core/dtype.js";
import { FormatError } from "../core/errors.js";
import type { NDArray } from "../core/ndarray.js";
import { fromTyped } from "../core/ndarray-create.js";
import { randomStream } from "../core/random.js";
import { formatReceived } from "../core/received.js";
import { formatShape, sizeOf } from "../core/shape.js";
import type { Network, NetworkInput } from "./network.js";

const PAIRS = 3;
/** A prime, so that a pattern falls on other places in every line of a picture. */
const PATTERN = 251;
const KEPT = 256;
/** How far predictions may lie apart, of the largest of them: far above what another order of adding makes. */
const TOLERANCE = 1e-3;

/** A number as JSON can hold it. */
type Plain = number | "NaN" | "Infinity" | "-Infinity";

/** Inputs and outputs in the model's order; each has a list of numbers a pair. */
interface GoldenPairs {
  readonly inputs: readonly (readonly (readonly number[])[])[];
  readonly outputs: readonly (readonly (readonly Plain[])[])[];
}

/** What can be asked for predictions. */
export interface Predicting {
  readonly network: Network;
  predict(
    x: readonly NDArray[],
    options: { readonly batchSize: number },
  ): Promise<NDArray | Readonly<Record<string, NDArray>>>;
}

/** The pairs of a model. @throws what its predict throws. */
export async function goldenPairs(model: Predicting): Promise<GoldenPairs> {
  const inputs = model.network.inputs.map((input) =>
    Array.from({ length: PAIRS }, (_, pair) => patternOf(input, pair)),
  );
  return { inputs, outputs: await outputsFor(model, inputs) };
}

/**
 * Makes sure that the model predicts what it predicted when the pairs were made.
 * @throws FormatError, after `source`, for another prediction, and for pairs that are not those of such a model.
 */
export async function checkGoldenPairs(model: Predicting, given: unknown, source: string): Promise<void> {
  const { inputs, outputs } = readPairs(model.network, given, source);
  const found = await outputsFor(model, inputs);
  outputs.forEach((pairs, k) => {
    const largest = pairs.flat().reduce<number>((most, value) => Math.max(most, Math.abs(finite(value))), 1e-3);
    pairs.forEach((expected, pair) => {
      expected.forEach((value, i) => {
        const here = found[k]![pair]![i]!;
        if (value === here || Math.abs(Number(value) - Number(here)) <= TOLERANCE * largest) return;
        throw new FormatError(
          `${source}: the model predicts otherwise here than where it was saved: golden pair ${pair + 1}, output "${model.network.outputs[k]!.name}": expected ${value}, found ${here}. The file was altered, or this machine does not compute as it should.`,
        );
      });
    });
  });
}

function finite(value: Plain): number {
  return typeof value === "number" ? value : 0;
}

/** The elements of one row. */
function rowSize(shape: readonly (number | null)[]): number {
  return sizeOf(shape.slice(1) as number[]);
}

/** The beginning of an input, which is repeated to its end. */
function patternOf({ shape, dtype }: NetworkInput, pair: number): number[] {
  const length = Math.min(rowSize(shape), PATTERN);
  if (length === 0) return [];
  const numbers = randomStream(pair, "golden input").uniform({ shape: [length], low: 0, high: 1 }).data;
  const value = (u: number): number => {
    if (dtype === "uint8") return Math.floor(u * 256);
    return dtype === "int32" ? Math.round(u) : Math.round(u * 128 - 64) / 64;
  };
  return Array.from(numbers, value);
}

/** What the model predicts for each pair: one row at a time, which takes the least memory. */
async function outputsFor(model: Predicting, inputs: GoldenPairs["inputs"]): Promise<GoldenPairs["outputs"]> {
  const { network } = model;
  const outputs = network.outputs.map((): Plain[][] => []);
  for (let pair = 0; pair < PAIRS; pair++) {
    const xs = network.inputs.map((input, k) => rowOf(input, inputs[k]![pair]!));
    const predicted = await model.predict(xs, { batchSize: 1 });
    network.outputs.forEach(({ name }, k) => {
      const whole = network.outputs.length === 1 ? predicted : (predicted as Readonly<Record<string, NDArray>>)[name];
      const { data } = whole as NDArray;
      const kept = Math.min(data.length, KEPT);
      outputs[k]!.push(Array.from({ length: kept }, (_, i) => plain(data[Math.floor((i * data.length) / kept)]!)));
    });
  }
  return outputs;
}

/** An input as a batch of one row. */
function rowOf({ shape, dtype }: NetworkInput, pattern: readonly number[]): NDArray {
  const data = new arrayType[dtype](rowSize(shape));
  for (let i = 0; i < data.length; i++) data[i] = pattern[i % pattern.length]!;
  return fromTyped(data, [1, ...(shape.slice(1) as number[])], dtype);
}

function plain(value: number): Plain {
  return Number.isFinite(value) ? value : (String(value) as Plain);
}

/** @throws FormatError for pairs that are not those of such a model. */
function readPairs({ inputs, outputs }: Network, given: unknown, source: string): GoldenPairs {
  const { inputs: xs, outputs: ys } = (given ?? {}) as Partial<Record<"inputs" | "outputs", unknown>>;
  const lists = (value: unknown, what: string, shapes: readonly (readonly (number | null)[])[], most: number) => {
    const isPlain = (number: unknown) =>
      what === "inputs"
        ? Number.isFinite(number)
        : Number.isFinite(number) || ["NaN", "Infinity", "-Infinity"].includes(number as string);
    const fits =
      Array.isArray(value) &&
      value.length === shapes.length &&
      value.every(
        (pairs: unknown, k) =>
          Array.isArray(pairs) &&
          pairs.length === PAIRS &&
          pairs.every(
            (numbers: unknown) =>
              Array.isArray(numbers) &&
              numbers.length === Math.min(rowSize(shapes[k]!), most) &&
              numbers.every(isPlain),
          ),
      );
    if (!fits) {
      throw new FormatError(
        `${source}: expected ${PAIRS} golden ${what} for each of ${shapes.map((shape) => formatShape(shape)).join(", ")}, found ${formatReceived(value)}.`,
      );
    }
    return value;
  };
  return {
    inputs: lists(
      xs,
      "inputs",
      inputs.map(({ shape }) => shape),
      PATTERN,
    ),
    outputs: lists(
      ys,
      "outputs",
      outputs.map(({ shape }) => shape),
      KEPT,
    ),
  };
}
