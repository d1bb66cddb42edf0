/**
 * The table that `model.summary()` gives, laid out as Keras 3 does. `formatSummary` is a pure function of a
 * description; `summaryOf` describes a network.
 */

import { OptionError } from "../core/errors.js";
import { formatFixed } from "../core/fixed.js";
import { unknownName } from "../core/names.js";
import { boolean, custom, integer, optional, optionsOf, readOption, withDefault } from "../core/options.js";
import { sizeOf } from "../core/shape.js";
import { ModelLayer, type ModelParts } from "./model-layer.js";
import { type Network, type PlacedLayer, type PlacedWeight, parameters, trainableWeights } from "./network.js";

/** A layer as the table shows it. */
export interface LayerSummary {
  readonly name: string;
  /** The layer's class in Keras's spelling: `Conv2D`. */
  readonly className: string;
  /**
   * The shape of each output. The open batch dimension is `null` and prints as `None`; none at all is not known yet and
   * prints as `?`.
   */
  readonly outputShapes: readonly (readonly (number | null)[])[];
  /** How many numbers the layer holds; `null` for a layer that is not built yet. */
  readonly parameters: number | null;
  readonly trainable: boolean;
  /** What it is called on, in a model whose layers are no chain: `conv2d[0][0]`, of a name, a call and an output. */
  readonly connectedTo?: readonly string[];
  /** In how many models within the model it is. Default 0. */
  readonly depth?: number;
}

/** What `formatSummary` prints. */
export interface ModelSummary {
  readonly name: string;
  readonly layers: readonly LayerSummary[];
  /** Counts of parameters, each of 4 bytes; `optimizer` only once the optimizer holds some. */
  readonly totals: { readonly trainable: number; readonly nonTrainable: number; readonly optimizer?: number };
}

/** How wide, and with which columns. */
interface SummaryOptions {
  /** The width of the table in characters. Default 76, what Keras takes on a terminal of 80; its most is 88, or 108 with connections. */
  readonly width?: number;
  /** Adds a column that says `Y` or `N` for each layer with parameters. Default false. */
  readonly showTrainable?: boolean;
}

/** The same of a model, and what of it. */
export interface ModelSummaryOptions extends SummaryOptions {
  /** Shows the layers of models within the model, below these. Default false. */
  readonly expandNested?: boolean;
  /**
   * Shows the layers from one to another only, both by name, or by regular expressions that names begin with: from the
   * first layer that one of them matches to the last that the other does.
   */
  readonly layerRange?: readonly [string, string];
}

interface Column {
  readonly header: string;
  readonly align: "left" | "right" | "center";
  /** Where the column ends, as a part of the whole width. */
  readonly end: number;
}

const columns: readonly Column[] = [
  { header: "Layer (type)", align: "left", end: 0.45 },
  { header: "Output Shape", align: "left", end: 0.8 },
  { header: "Param #", align: "right", end: 1 },
];

const columnsWithConnections: readonly Column[] = [
  { header: "Layer (type)", align: "left", end: 0.3 },
  { header: "Output Shape", align: "left", end: 0.56 },
  { header: "Param #", align: "right", end: 0.74 },
  { header: "Connected to", align: "left", end: 1 },
];

function withTrainable(shown: readonly Column[]): readonly Column[] {
  const narrower = shown.map((column) => ({ ...column, end: column.end * 0.9 }));
  return [...narrower, { header: "Trainable", align: "center", end: 1 }];
}

const bytesPerParameter = 4;

/**
 * The summary of a model, without a line end after the last line.
 *
 * Follows Keras 3's `model.summary()` character for character, its way of wrapping and shortening included
 * (https://keras.io/api/models/model/#summary-method).
 * @throws OptionError where `width` is no whole number from 1 to 10,000, or leaves a column fewer than 4 characters.
 *
 * @example
 * formatSummary({
 *   name: "tiny",
 *   layers: [{ name: "dense", className: "Dense", outputShapes: [[null, 10]], parameters: 7850, trainable: true }],
 *   totals: { trainable: 7850, nonTrainable: 0 },
 * }); // Model: "tiny" ... ` Total params: 7,850 (30.66 KB)` ...
 */
export function formatSummary(
  { name, layers, totals }: ModelSummary,
  { width = 76, showTrainable = false }: SummaryOptions = {},
): string {
  const connected = layers.some(({ connectedTo }) => connectedTo !== undefined);
  const own = connected ? columnsWithConnections : columns;
  const shown = showTrainable ? withTrainable(own) : own;
  const widths = columnWidths(shown, readOption("summary", "width", integer({ min: 1, max: 10_000 }), width));
  const rule = (left: string, line: string, cross: string, right: string) =>
    left + widths.map((content) => line.repeat(content + 2)).join(cross) + right;

  const lines = [`Model: "${name}"`, rule("┏", "━", "┳", "┓")];
  lines.push(
    ...rowLines(
      shown,
      widths,
      shown.map(({ header }) => header),
      "┃",
      "bottom",
    ),
  );
  lines.push(rule("┡", "━", "╇", "┩"));
  layers.forEach((layer, index) => {
    if (index > 0) lines.push(rule("├", "─", "┼", "┤"));
    lines.push(...rowLines(shown, widths, cellsOf(layer, connected, showTrainable), "│", "top"));
  });
  lines.push(rule("└", "─", "┴", "┘"));

  const { trainable, nonTrainable, optimizer = 0 } = totals;
  lines.push(totalLine("Total", trainable + nonTrainable + optimizer));
  lines.push(totalLine("Trainable", trainable));
  lines.push(totalLine("Non-trainable", nonTrainable));
  if (totals.optimizer !== undefined) lines.push(totalLine("Optimizer", optimizer));
  return lines.join("\n");
}

/** A number of bytes as Keras writes it: `2.16 MB`, in steps of 1024. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB", "PB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${formatFixed(value, 2)} ${units[unit]}`;
}

/** A whole number with its thousands apart: `567,434`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

function totalLine(what: string, count: number): string {
  return ` ${what} params: ${formatCount(count)} (${formatBytes(count * bytesPerParameter)})`;
}

function cellsOf(layer: LayerSummary, connected: boolean, showTrainable: boolean): string[] {
  const { outputShapes, parameters, depth = 0 } = layer;
  const shapes = outputShapes.map((shape) => `(${shape.map((length) => length ?? "None").join(", ")})`);
  const shape = shapes.length > 1 ? `[${shapes.join(", ")}]` : (shapes[0] ?? "?");
  const cells = [`${depth === 0 ? "" : `${"   ".repeat(depth)}└ `}${layer.name} (${layer.className})`, shape];
  cells.push(parameters === null ? "0 (unbuilt)" : formatCount(parameters));
  if (connected) cells.push(layer.connectedTo?.join(", ") || "-");
  if (showTrainable) cells.push(!parameters ? "-" : layer.trainable ? "Y" : "N");
  return cells;
}

/**
 * The width of each column's text. Every column first gets its part of the whole; then what borders and spaces take
 * is cut from all of them alike, one after another, rounding half to even.
 */
function columnWidths(shown: readonly Column[], width: number): number[] {
  const parts: number[] = [];
  let given = 0;
  for (const { end } of shown) {
    const part = Math.floor(end * width) - given;
    if (part < 4) {
      throw new OptionError(
        `summary: width must give each of ${shown.length} columns at least 4 characters, received ${width}; 76 is usual.`,
      );
    }
    parts.push(part + 2);
    given += part;
  }
  let excess = given + 2 * shown.length - (width - shown.length - 1);
  return parts.map((part, index) => {
    const cut = Number(formatFixed(excess / (shown.length - index), 0));
    excess -= cut;
    return Math.max(0, part - cut - 2);
  });
}

/** A row: its cells wrapped, and filled up to the same number of lines below (`top`) or above (`bottom`). */
function rowLines(
  shown: readonly Column[],
  widths: readonly number[],
  cells: readonly string[],
  border: string,
  stand: "top" | "bottom",
): string[] {
  const wrapped = cells.map((cell, index) => wrap(cell, widths[index]!));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, row) => {
    const texts = wrapped.map((lines, index) => {
      const text = lines[stand === "top" ? row : row - (height - lines.length)] ?? "";
      return ` ${pad(text, widths[index]!, shown[index]!.align)} `;
    });
    return border + texts.join(border) + border;
  });
}

/** Lines of whole words, at most `width` long; a word that is longer stands alone, cut off with an ellipsis. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && lengthOf(last) + 1 + lengthOf(word) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => {
    if (lengthOf(line) <= width) return line;
    return width > 0 ? `${[...line].slice(0, width - 1).join("")}…` : "";
  });
}

function lengthOf(text: string): number {
  return [...text].length;
}

function pad(text: string, width: number, align: Column["align"]): string {
  const free = width - lengthOf(text);
  const left = align === "left" ? 0 : align === "right" ? free : Math.floor(free / 2);
  return " ".repeat(left) + text + " ".repeat(free - left);
}

const modelOptions = optionsOf("summary", {
  width: optional(integer({ min: 1, max: 10_000 })),
  showTrainable: optional(boolean()),
  expandNested: withDefault(boolean(), false),
  layerRange: optional(
    custom<readonly [string, string]>("two names of layers, [from, to]", (value) =>
      Array.isArray(value) && value.length === 2 && value.every((name) => typeof name === "string")
        ? (value as unknown as readonly [string, string])
        : undefined,
    ),
  ),
});

/**
 * The summary of a model: every layer but the input of a sequential one, and connections unless it is a chain.
 * @throws OptionError for an option that is not one, and a layerRange that no layers match.
 */
export function summaryOf(model: ModelParts, given: ModelSummaryOptions): string {
  const { expandNested, layerRange, ...options } = modelOptions.read(given);
  const { network } = model;
  const chain = network.calls.every(
    (call, i) => call.inputs.length <= 1 && call.inputs.every((source) => source.call === i - 1),
  );
  const shared = network.calls.length > network.layers.length;
  const layers = shownLayers(model)
    .slice(...rangeOf(shownLayers(model), layerRange))
    .flatMap((placed) => {
      const rows = rowsOf(placed, network, expandNested, 0);
      if (chain && !shared) return rows;
      return rows.map((row, i) => ({ ...row, connectedTo: i === 0 ? connectionsOf(placed, network) : [] }));
    });
  const count = (weights: readonly PlacedWeight[]) => weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const trainable = model.trainable ? count(trainableWeights(network)) : 0;
  const totals = { trainable, nonTrainable: count(network.weights) - trainable };
  return formatSummary({ name: model.name, layers, totals }, options);
}

/** The layers of a model that a summary lists. */
function shownLayers({ kind, network: { layers } }: ModelParts): readonly PlacedLayer[] {
  return kind === "Sequential" ? layers.filter(({ layer }) => layer.className !== "InputLayer") : layers;
}

/** A layer, and below it those within it. */
function rowsOf(placed: PlacedLayer, network: Network, expand: boolean, depth: number): readonly LayerSummary[] {
  const { layer, name } = placed;
  const last = network.calls.findLast((call) => call.placed === placed)!;
  const row: LayerSummary = {
    name,
    className: layer.className,
    outputShapes: last.outputShapes,
    parameters: parameters(placed),
    trainable: layer.trainable,
    depth,
  };
  if (!expand || !(layer instanceof ModelLayer)) return [row];
  const { model } = layer;
  return [row, ...shownLayers(model).flatMap((inner) => rowsOf(inner, model.network, expand, depth + 1))];
}

/** From which layer up to, not including, which one. */
function rangeOf(layers: readonly PlacedLayer[], range: readonly [string, string] | undefined): [number, number] {
  if (range === undefined) return [0, layers.length];
  const [from, to] = range.map((name) => {
    const matching = layers.flatMap((layer, i) => (beginningWith(name).test(layer.name) ? [i] : []));
    if (matching.length > 0) return matching;
    const names = layers.map((layer) => layer.name);
    throw unknownName("layer", name, names, "summary: layerRange");
  }) as [number[], number[]];
  // As Keras does: given the other way round, it is turned.
  const [first, last] = from[0]! > to.at(-1)! ? [to[0]!, from.at(-1)!] : [from[0]!, to.at(-1)!];
  return [first, last + 1];
}

function beginningWith(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})`);
  } catch (error) {
    throw new OptionError(`summary: layerRange: ${(error as Error).message}.`);
  }
}

/** What every call of a layer is called on. */
function connectionsOf(placed: PlacedLayer, { calls }: Network): string[] {
  const own = calls.filter((call) => call.placed === placed);
  return own.flatMap(({ inputs }) =>
    inputs.map(({ call, index }) => {
      const from = calls[call]!;
      const use = calls.slice(0, call).filter((other) => other.placed === from.placed).length;
      return `${from.placed.name}[${use}][${index}]`;
    }),
  );
}
