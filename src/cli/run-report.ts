/** The files that a run leaves: what is in report.json and history.csv. Not the writing of them: run-folder.ts. */

import { type BackendDescription, type ReportScores, writeCsv } from "../index.js";

/** What report.json holds. */
export interface RunReport {
  /** The version of fovea. */
  readonly fovea: string;
  readonly recipe: string;
  readonly dataset: string;
  /** Everything random in the run follows from it. */
  readonly seed: number;
  readonly backend: BackendDescription["name"];
  /** Results are the same to the bit only under the same value. */
  readonly simd: BackendDescription["simd"];
  readonly threads: number;
  /** The JavaScript runtime, with its version. */
  readonly runtime: string;
  /** Weights of the network, each element counted. */
  readonly parameters: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly validationSplit: number;
  /** `limit`: the value of --limit, or null; and how many pictures of each kind that makes. */
  readonly pictures: {
    readonly limit: number | null;
    readonly train: number;
    readonly validation: number;
    readonly test: number;
  };
  /** Mean time of a training step, without validation and warming up. */
  readonly msPerStep: number;
  /** Duration of the training, validation included. */
  readonly seconds: number;
  /** One number an epoch: acc, loss, and with a validation split val_acc, val_loss. */
  readonly history: Readonly<Record<string, readonly number[]>>;
  readonly test: { readonly loss: number; readonly accuracy: number };
  readonly perClass: readonly (ReportScores & { readonly label: number })[];
  /** confusion[i][j]: test pictures of class i that were taken for class j. */
  readonly confusion: readonly (readonly number[])[];
}

/** Indented JSON with each list of numbers on a line of its own. */
export function reportJson(report: RunReport): string {
  const strings = /"(?:[^"\\]|\\.)*"/;
  const lists = /\[[\s\d.,eE+-]*\]/;
  const text = JSON.stringify(report, null, 2).replace(new RegExp(`${strings.source}|${lists.source}`, "g"), (part) =>
    part.startsWith("[") ? part.replace(/\s+/g, "").replaceAll(",", ", ") : part,
  );
  return `${text}\n`;
}

/** The order of columns, as Keras prints the numbers. */
const columns = ["acc", "loss", "val_acc", "val_loss"];

/** A line an epoch, counted from 1. */
export function historyCsv(history: RunReport["history"]): string {
  const names = columns.filter((name) => history[name] !== undefined);
  const epochs = history[names[0]!]!.map((_, epoch) => [epoch + 1, ...names.map((name) => history[name]![epoch]!)]);
  return writeCsv(["epoch", ...names], epochs);
}
