/**
 * Random cases of all ops that walk over elements, axes or rows: a case of the table (index.ts) at other lengths, equal
 * ones staying equal, so that it still broadcasts, joins or reduces. Not the ops that choose among algorithms by shape,
 * whose cases are described whole (random.ts, random-convolutions.ts, random-normalizations.ts).
 */

import fc from "fast-check";
import type { Dimensions } from "../../src/graph/dimensions.js";
import { type OpName, ops } from "../../src/graph/ops/index.js";
import type { Attributes } from "../../src/graph/tensor.js";
import { growing } from "./bounds.js";
import { type Case, type CaseInput, type CaseOptions, caseOf } from "./case.js";
import { integers } from "./fill.js";
import { cases } from "./index.js";
import { counts, jobOf, type Rows, rowCounts, within } from "./random-parts.js";

/** How the names begin of the ops that have arbitraries of their own. */
const described = /^(conv2d|matmul$|dense$|maxPool2d|averagePool2d|batchNormalize|scaleChannels$|resample$)/;
const walkNames = (Object.keys(ops) as OpName[]).filter((op) => !described.test(op));

export interface WalkSpec extends Rows {
  readonly op: OpName;
  /** Which of the table's cases of the op. */
  readonly template: number;
  /** What the lengths of its shapes become, in the order met. */
  readonly lengths: readonly number[];
}

/** Walks over tensors of at most `most` elements. */
export function walks(most: number): fc.Arbitrary<WalkSpec> {
  const spec = fc.tuple(
    fc.record({
      op: fc.constantFrom(...walkNames),
      template: fc.nat(10_000),
      lengths: fc.array(fc.oneof(counts(40), counts(300)), { minLength: 4, maxLength: 4 }),
    }),
    rowCounts,
  );
  return spec.map(([item, rows]) => within({ ...item, ...rows }, ["lengths"], most, (one) => elements(one)));
}

/** Numbers in the largest input or result of a walk. */
function elements(spec: WalkSpec): number {
  const { inputs, attributes } = walkCase(spec);
  const shapes = inputs.map(({ shape }) => shape);
  const joined = shapes.reduce<number[]>((longest, shape) => {
    const lengths = shape.map((length) => length ?? spec.rows);
    return Array.from({ length: Math.max(longest.length, lengths.length) }, (_, back) =>
      Math.max(longest.at(-1 - back) ?? 1, lengths.at(-1 - back) ?? 1),
    ).reverse();
  }, []);
  const made = ((attributes.shape ?? []) as Dimensions).map((length) => length ?? spec.rows);
  return Math.max(...[joined, made].map((lengths) => lengths.reduce((product, length) => product * length, 1)));
}

/** The case of a walk. */
export function walkCase(spec: WalkSpec): Case {
  const { op, lengths } = spec;
  const templates = cases.filter((item) => item.op === op);
  const { inputs, attributes, c, result } = templates[spec.template % templates.length]!;
  const known = new Map<number, number>([[1, 1]]);
  const other = (length: number): number => {
    if (!known.has(length)) known.set(length, lengths[(known.size - 1) % lengths.length]!);
    return known.get(length)!;
  };
  const stretch = (shape: Dimensions): Dimensions => shape.map((length) => (length === null ? null : other(length)));
  // A random state is of four numbers.
  const isState = (i: number): boolean => (op === "dropout" && i === 1) || op === "randomNormal";
  const stretched = inputs.map(
    (item, i): CaseInput => ({ ...item, shape: isState(i) ? item.shape : stretch(item.shape) }),
  );
  const batched = stretched.some(({ shape }) => shape.includes(null));
  const summed = stretched[0]!.shape.reduce<number>((product, length) => product * (length ?? spec.batch), 1);
  const options: CaseOptions = {
    ...(batched ? jobOf(spec) : { gradient: false as const }),
    c: op === "reduceSum" ? growing(summed) : c,
    ...(result === undefined ? {} : { result }),
  };
  const values = labelled(op, stretched);
  return caseOf(op, values, fitting(op, attributes, stretched, stretch) as never, options);
}

/** Class numbers of a loss have to be numbers of its classes, however many these have become. */
function labelled(op: OpName, inputs: readonly CaseInput[]): readonly CaseInput[] {
  if (!/[cC]rossentropy/.test(op)) return inputs;
  const classes = inputs[0]!.shape.at(-1)!;
  return inputs.map((item, i) => (i === 1 ? { ...item, values: integers(0, classes) } : item));
}

/** The attributes that go with the new shapes. */
function fitting(
  op: OpName,
  attributes: Attributes,
  [first]: readonly CaseInput[],
  stretch: (shape: Dimensions) => Dimensions,
): Attributes {
  if (op === "reshape") {
    const [rows, rest] = [first!.shape.filter((n) => n === null), first!.shape.filter((n) => n !== null)];
    return { ...attributes, shape: [...rows, ...rest.reverse()] };
  }
  if (op === "slice") {
    const { axis, from, length } = attributes as { axis: number; from: number; length: number };
    const whole = first!.shape[axis]!;
    const begin = Math.min(from, whole - 1);
    return { axis, from: begin, length: Math.min(length, whole - begin) };
  }
  if (op === "increment") {
    const { index, by } = attributes as { index: number; by: number };
    return { index: Math.min(index, (first!.shape[0] ?? 1) - 1), by };
  }
  return "shape" in attributes ? { ...attributes, shape: stretch(attributes.shape as Dimensions) } : attributes;
}
