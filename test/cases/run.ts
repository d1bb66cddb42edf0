/** A case as a graph with values, and its run on a backend. Not here: what the result should be (expected.ts). */

import type { Backend, Buffer, JobResult } from "../../src/backends/backend.js";
import { WasmBackend } from "../../src/backends/wasm/wasm-backend.js";
import type { DType, TypedArray } from "../../src/core/dtype.js";
import { arrayType } from "../../src/core/dtype.js";
import { type Shape, sizeOf } from "../../src/core/shape.js";
import { isBatched, sizePerRow, withRows } from "../../src/graph/dimensions.js";
import { writesOf } from "../../src/graph/effects.js";
import type { Graph } from "../../src/graph/graph.js";
import { constant, input, read, table } from "../../src/graph/leaves.js";
import type { Op, Value } from "../../src/graph/op.js";
import { ops } from "../../src/graph/ops/index.js";
import { type Attributes, type Tensor, Variable } from "../../src/graph/tensor.js";
import { GuardedProgram, POISON } from "../support/guarded.js";
import type { Case, CaseInput, CaseJob } from "./case.js";
import { normal, uniformsOf } from "./fill.js";

/** A case made ready: its graph, its values, its jobs. Nobody writes to it, so one serves the reference and all engines. */
export interface PreparedCase {
  readonly item: Case;
  readonly graph: Graph;
  /** The tensor of the case's op. */
  readonly tensor: Tensor;
  readonly leaves: readonly Tensor[];
  /** The values of the leaves; batched ones have the rows of the longest job. */
  readonly values: readonly Value[];
  readonly capacity: number;
  readonly jobs: readonly Required<CaseJob>[];
}

/** What a job of a case gave. */
export interface CaseResult {
  readonly job: JobResult;
  /** The value of the op, or of an effect every variable that it writes. */
  readonly outputs: readonly TypedArray[];
}

/** Makes the graph and the values of a case. */
export function prepareCase(item: Case, seed: number): PreparedCase {
  const batched = item.inputs.some(({ shape, leaf }) => leaf !== "table" && isBatched(shape));
  // Without a batched input, the result can still be one: broadcastTo makes it.
  const probe = item.inputs.map(({ shape, dtype = "float32" }) => ({ shape, dtype }));
  const type = ops[item.op].definition.infer(probe as never, item.attributes as never);
  const open = batched || isBatched(type.shape);
  const capacity = item.capacity ?? (open ? 5 : 1);
  const fallback: CaseJob[] = open
    ? [{ rows: capacity }, { rows: 1 }, { rows: 3, batch: 2 }, { rows: 2 * capacity - 1, batch: capacity }]
    : [{ rows: 1 }];
  const jobs = (item.jobs ?? fallback).map(({ rows, batch = Math.min(rows, capacity) }) => ({ rows, batch }));
  const most = Math.max(...jobs.map(({ rows }) => rows));
  const values: Value[] = [];
  item.inputs.forEach((spec, i) => {
    const shape = withRows(spec.shape, spec.leaf === "table" ? spec.tableRows! : most);
    const uniform = uniformsOf(seed, `${item.name} ${i}`);
    const numbers = (spec.values ?? normal)(shape, uniform, values);
    const data = Float64Array.from(new arrayType[spec.dtype ?? "float32"](sizeOf(shape)).map((_, j) => numbers[j]!));
    values.push({ shape, data });
  });
  const leaves = item.inputs.map((spec, i) => leafOf(spec, `input${i}`, values[i]!));
  const call = ops[item.op] as unknown as Op & ((inputs: readonly Tensor[], attributes: Attributes) => Tensor);
  const use = call(leaves, item.attributes);
  const tensor = item.result === undefined ? use : call.part(use, item.result);
  const effect = writesOf(tensor) !== undefined;
  const graph: Graph = { name: item.name, outputs: effect ? {} : { y: tensor }, effects: effect ? [tensor] : [] };
  return { item, graph, tensor, leaves, values, capacity, jobs };
}

function leafOf({ shape, dtype = "float32", leaf }: CaseInput, name: string, value: Value): Tensor {
  if (leaf === "table") return table(name, shape.slice(1) as number[], dtype);
  if (leaf === "constant") return constant([...value.data], shape as number[], dtype);
  return isBatched(shape) ? input(name, shape, dtype) : read(new Variable(name, shape as number[], dtype));
}

/**
 * Runs every job of a case on a backend, each from the same values, and gives all memory back. On an engine of one
 * thread the program's memory is watched.
 * @throws Error if a kernel writes where it must not.
 */
export async function runCase(backend: Backend, prepared: PreparedCase): Promise<CaseResult[]> {
  const { item, graph, tensor, leaves, values, capacity, jobs } = prepared;
  const made: Buffer[] = [];
  const allocate = async (dtype: DType, shape: Shape): Promise<Buffer> => {
    const buffer = await backend.allocate(dtype, shape);
    made.push(buffer);
    return buffer;
  };
  const buffers = new Map<Tensor, Buffer>();
  const fill = async (leaf: Tensor): Promise<void> => {
    const from = values[leaves.indexOf(leaf)]!.data;
    const data = new arrayType[leaf.dtype](from.length);
    data.set(from);
    await backend.write(buffers.get(leaf)!, data);
  };
  for (const [i, leaf] of leaves.entries()) {
    if (leaf.op === "constant") continue;
    buffers.set(leaf, await allocate(leaf.dtype, values[i]!.shape));
    await fill(leaf);
  }
  const ofKind = (op: string): Tensor[] => leaves.filter((leaf) => leaf.op === op);
  const variables = new Map(
    ofKind("variable").map((leaf) => [leaf.attributes.variable as Variable, buffers.get(leaf)!]),
  );
  const guarded =
    backend instanceof WasmBackend && (await backend.describe()).threads === 1
      ? await GuardedProgram.lower(backend, graph, capacity, variables)
      : undefined;
  const program = guarded?.program ?? (await backend.lower(graph, { capacity, variables }));
  const written = (writesOf(tensor) ?? []).map((i) => leaves[i]!);
  const results: CaseResult[] = [];
  for (const { rows, batch } of jobs) {
    for (const leaf of written) await fill(leaf);
    // A row more than the job has, and nothing in any of them that might be taken for a result.
    const open = isBatched(tensor.shape);
    const y =
      graph.outputs.y === undefined
        ? undefined
        : await allocate(tensor.dtype, withRows(tensor.shape, open ? rows + 1 : rows));
    if (y !== undefined) await backend.write(y, poisoned(y));
    const before = y === undefined ? undefined : await backend.read(y);
    await guarded?.poison();
    const job = await backend.run(program, {
      inputs: Object.fromEntries(ofKind("input").map((leaf) => [leaf.attributes.name, { buffer: buffers.get(leaf)! }])),
      tables: Object.fromEntries(ofKind("table").map((leaf) => [leaf.attributes.name, buffers.get(leaf)!])),
      ...(y === undefined ? {} : { outputs: { y: { buffer: y } } }),
      rows,
      batch,
    });
    const trespass = await guarded?.trespass();
    if (trespass !== undefined) throw new Error(`${item.name}, ${rows} rows, ${batch} a step: ${trespass}`);
    const ends = y === undefined ? written.map((leaf) => buffers.get(leaf)!) : [y];
    const outputs = await Promise.all(ends.map((buffer) => backend.read(buffer)));
    if (before !== undefined && open) {
      const size = rows * sizePerRow(tensor.shape);
      if (!sameBytes(outputs[0]!.subarray(size), before.subarray(size))) {
        throw new Error(`${item.name}, ${rows} rows, ${batch} a step: the row behind the last was written.`);
      }
      outputs[0] = outputs[0]!.slice(0, size);
    }
    results.push({ job, outputs });
  }
  backend.release(program);
  backend.free(...made);
  return results;
}

function poisoned({ dtype, shape }: Buffer): TypedArray {
  const data = new arrayType[dtype](sizeOf(shape));
  new Uint8Array(data.buffer).fill(POISON);
  return data;
}

function sameBytes(a: TypedArray, b: TypedArray): boolean {
  const bytes = ({ buffer, byteOffset, byteLength }: TypedArray) => new Uint8Array(buffer, byteOffset, byteLength);
  const other = bytes(b);
  return bytes(a).every((byte, i) => byte === other[i]);
}
