/**
 * What training prints while it runs: Keras's progress line as a pure formatter, and the small writer that decides
 * when to print it. No streams and no terminal in here: a `ProgressOutput` is handed in.
 */

import { formatFixed } from "../core/fixed.js";

/**
 * Where progress is written: platform's `Terminal` is one. `columns` is read before every redraw, so it may follow a
 * window that changes size.
 */
export interface ProgressOutput {
  write(text: string): void;
  /** Whether a line can be redrawn in place. */
  readonly isTTY: boolean;
  /** The width of the terminal in characters; 0 or NaN where it is unknown, taken as 80. */
  readonly columns: number;
  /** Whether colors and other escape sequences are welcome; without them there is no live line either. */
  readonly color: boolean;
}

/** A moment of a run over some steps. */
export interface ProgressState {
  /** Steps done. */
  readonly current: number;
  /** Steps there are; `null` if unknown. */
  readonly steps: number | null;
  /** Whether the run is over: then the line tells the time it took instead of the time left. */
  readonly finished: boolean;
  readonly seconds: number;
  readonly secondsPerStep: number;
  /** In the order in which they are printed. */
  readonly metrics: Iterable<readonly [name: string, value: number]>;
}

const barWidth = 20;

/** A metric as Keras prints it: 4 decimals; from 0.001 down, 5 digits and an exponent (`9.1234e-04`). */
export function formatMetric(value: number): string {
  if (!Number.isFinite(value) || Math.abs(value) > 1e-3) return formatFixed(value, 4);
  return value.toExponential(4).replace(/e([+-])(\d)$/, "e$10$2");
}

/** Time per step as Keras prints it: `4ms/step`; whole seconds, milliseconds or microseconds; `0s/step` before the first. */
export function formatStepTime(secondsPerStep: number, unit = "step"): string {
  if (secondsPerStep >= 1 || secondsPerStep === 0) return `${formatFixed(secondsPerStep, 0)}s/${unit}`;
  if (secondsPerStep >= 1e-3) return `${formatFixed(secondsPerStep * 1e3, 0)}ms/${unit}`;
  return `${formatFixed(secondsPerStep * 1e6, 0)}us/${unit}`;
}

/** A time left as Keras prints it: `59s`, `1:05`, `1:02:03`. */
export function formatTimeLeft(seconds: number): string {
  const two = (part: number) => String(Math.floor(part)).padStart(2, "0");
  if (seconds > 3600) return `${Math.floor(seconds / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
  if (seconds > 60) return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  return `${Math.floor(seconds)}s`;
}

/**
 * The live line, without a line end:
 * `399/399 ━━━━━━━━━━━━━━━━━━━━ 2s 4ms/step - acc: 0.9026 - loss: 0.3307`; while running, the time left stands where
 * the time taken does at the end. It takes at most `columns - 1` characters: while running, what does not fit is left
 * off from the right, whole parts at a time, so that the line can be redrawn; the metrics of a finished run, which stays
 * as it is, go on in a next line. Without color the part of the bar still to come is drawn with a thinner line.
 *
 * Looks as Keras 3's `keras.utils.Progbar` does (width 20).
 *
 * @example
 * formatProgressLine(
 *   { current: 2, steps: 4, finished: false, seconds: 2, secondsPerStep: 1, metrics: [["loss", 0.5]] },
 *   { columns: 80, color: false },
 * ); // "2/4 ━━━━━━━━━━────────── 2s 1s/step - loss: 0.5000"
 */
export function formatProgressLine(
  state: ProgressState,
  { columns, color }: Pick<ProgressOutput, "columns" | "color">,
): string {
  const paint = (code: number, text: string) => (color && text !== "" ? `\x1b[${code}m${text}\x1b[0m` : text);
  const { current, steps } = state;
  const known = steps !== null && steps > 0;
  const time = known && !state.finished ? formatTimeLeft(state.secondsPerStep * (steps - current)) : seconds(state);
  const count = formatCount(state);
  const parts: { readonly text: string; readonly painted: string }[] = [
    { text: count, painted: known ? paint(1, count) : count },
  ];
  if (known) {
    const done = Math.min(barWidth, Math.floor((barWidth * current) / steps));
    const [bar, rest] = ["━".repeat(done), (color ? "━" : "─").repeat(barWidth - done)];
    parts.push({ text: ` ${bar}${rest}`, painted: ` ${paint(32, bar)}${paint(37, rest)}` });
  }
  parts.push({ text: ` ${time}`, painted: ` ${paint(1, time)}` });
  for (const text of [` ${formatStepTime(state.secondsPerStep)}`, ...metricParts(state)])
    parts.push({ text, painted: text });

  // One column stays free: a character in the last one makes some terminals wrap.
  const width = (columns > 0 ? columns : 80) - 1;
  const indent = " ".repeat(count.length + 1);
  let room = width;
  let line = "";
  for (const { text, painted } of parts) {
    if (text.length <= room) {
      line += painted;
      room -= text.length;
      continue;
    }
    const metric = text.replace(/^ - /, "");
    if (!state.finished || metric === text || indent.length + metric.length > width) break;
    line += `\n${indent}${metric}`;
    room = width - indent.length - metric.length;
  }
  return line;
}

/**
 * The line of a finished run for a pipe or a log: `399/399 - 2s - 4ms/step - acc: 0.9026 - loss: 0.3307`, after
 * `heading - ` if there is one. This is Keras's `verbose=2`, with the heading on the same line.
 */
export function formatPlainLine(state: ProgressState, heading?: string): string {
  const start = heading === undefined ? "" : `${heading} - `;
  return `${start}${formatCount(state)} - ${seconds(state)} - ${formatStepTime(state.secondsPerStep)}${metricParts(state).join("")}`;
}

function formatCount({ current, steps }: ProgressState): string {
  if (steps === null || steps <= 0) return `${String(current).padStart(7)}/Unknown`;
  return `${String(current).padStart(String(steps).length)}/${steps}`;
}

function seconds(state: ProgressState): string {
  return `${formatFixed(state.seconds, 0)}s`;
}

function metricParts(state: ProgressState): string[] {
  return [...state.metrics].map(([name, value]) => ` - ${name}: ${formatMetric(value)}`);
}

/** How a `ProgressBar` prints. */
interface ProgressBarOptions {
  /** 1: a live line where the output can show one, else a plain line at the end. 2: always the plain line. Default 1. */
  readonly verbose?: 1 | 2;
  /** The time in milliseconds, from any fixed start. Default `performance.now`. */
  readonly now?: () => number;
}

/** The least time between two redraws in milliseconds: more often than ten times a second no eye needs. */
const redrawInterval = 100;

/**
 * Prints one run over some steps after another: an epoch of training, or an evaluation.
 *
 * On a terminal the line is redrawn in place at most ten times a second; elsewhere (a pipe, NO_COLOR, `verbose: 2`)
 * one plain line is printed when the run ends. Time per step leaves out the first step, which warms up, as Keras does.
 *
 * @example
 * const bar = new ProgressBar(output);
 * bar.begin({ steps: 399, heading: "Epoch 1/5" });
 * bar.update(120, { acc: 0.81, loss: 0.6 });
 * bar.end({ acc: 0.9026, loss: 0.3307, val_acc: 0.9676, val_loss: 0.1083 });
 */
export class ProgressBar {
  /** Whether there is a line that is redrawn in place. */
  readonly live: boolean;
  readonly #output: ProgressOutput;
  readonly #now: () => number;
  readonly #metrics = new Map<string, number>();
  #heading: string | undefined;
  #steps: number | null = null;
  #current = 0;
  #start = 0;
  #afterFirstStep: number | undefined;
  #lastDraw = Number.NEGATIVE_INFINITY;
  /** Whether the cursor stands behind a live line, so that other text would be written into it. */
  #lineOpen = false;

  constructor(output: ProgressOutput, { verbose = 1, now = () => performance.now() }: ProgressBarOptions = {}) {
    this.#output = output;
    this.#now = now;
    this.live = verbose === 1 && output.isTTY && output.color;
  }

  /** Starts a run of `steps` (`null`: unknown); `heading` (`Epoch 1/5`) is printed first. */
  begin({ steps, heading }: { readonly steps: number | null; readonly heading?: string }): void {
    this.breakLine();
    this.#heading = heading;
    this.#steps = steps;
    this.#current = 0;
    this.#metrics.clear();
    this.#start = this.#now();
    this.#afterFirstStep = undefined;
    this.#lastDraw = Number.NEGATIVE_INFINITY;
    if (this.live && heading !== undefined) this.#output.write(`${heading}\n`);
  }

  /** `current` steps are done, and these are the metrics now (a metric left out keeps its last value). */
  update(current: number, metrics: Readonly<Record<string, number>> = {}): void {
    const now = this.#now();
    this.#take(current, metrics);
    if (current === 1) this.#afterFirstStep ??= now;
    if (this.live && now - this.#lastDraw >= redrawInterval) this.#draw(now, false);
  }

  /** Ends the run, before its last step too: the last line is printed, with the final metrics. */
  end(metrics: Readonly<Record<string, number>> = {}): void {
    const now = this.#now();
    this.#steps ??= this.#current;
    this.#take(this.#current, metrics);
    if (this.live) {
      this.#draw(now, true);
      this.breakLine();
    } else this.#output.write(`${formatPlainLine(this.#state(now, true), this.#heading)}\n`);
  }

  /** Leaves a live line as it stands, so that other text can follow on a line of its own. To be called on an interruption too. */
  breakLine(): void {
    if (this.#lineOpen) this.#output.write("\n");
    this.#lineOpen = false;
  }

  #take(current: number, metrics: Readonly<Record<string, number>>): void {
    this.#current = current;
    for (const [name, value] of Object.entries(metrics)) this.#metrics.set(name, value);
  }

  #draw(now: number, finished: boolean): void {
    // Erasing what is right of the line, last: an erased line in between would flicker.
    const line = formatProgressLine(this.#state(now, finished), this.#output).replaceAll("\n", "\x1b[K\n");
    this.#output.write(`\r${line}\x1b[K`);
    this.#lineOpen = true;
    this.#lastDraw = now;
  }

  #state(now: number, finished: boolean): ProgressState {
    const current = this.#current;
    const elapsed = (now - this.#start) / 1000;
    let secondsPerStep = current === 0 ? 0 : elapsed / current;
    if (this.#afterFirstStep !== undefined && current > 1)
      secondsPerStep = (now - this.#afterFirstStep) / 1000 / (current - 1);
    return { current, steps: this.#steps, finished, seconds: elapsed, secondsPerStep, metrics: this.#metrics };
  }
}
