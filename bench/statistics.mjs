/** Medians and spreads of samples, and how they are printed. */

/**
 * @typedef {{ readonly median: number; readonly low: number; readonly high: number; readonly samples: number }} Figure
 * The median, and the quartiles as its spread.
 */

/**
 * @param {readonly number[]} samples
 * @returns {Figure}
 */
export function figureOf(samples) {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => {
    const place = share * (sorted.length - 1);
    const below = /** @type {number} */ (sorted[Math.floor(place)]);
    const above = /** @type {number} */ (sorted[Math.ceil(place)]);
    return below + (above - below) * (place - Math.floor(place));
  };
  return { median: at(0.5), low: at(0.25), high: at(0.75), samples: sorted.length };
}

/**
 * Three significant digits, and never an exponent.
 * @param {number} value
 */
export function short(value) {
  if (!Number.isFinite(value)) return String(value);
  const digits = value === 0 ? 2 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 4));
}

/**
 * A figure with its spread: `4.62 (4.55 to 4.80)`.
 * @param {Figure} figure
 */
export function spread({ median, low, high }) {
  return `${short(median)} (${short(low)} to ${short(high)})`;
}

/**
 * Rows as a Markdown table with aligned columns, the first to the left, the rest to the right.
 * @param {readonly (readonly string[])[]} rows the first of them the header
 */
export function tableOf(rows) {
  const header = /** @type {readonly string[]} */ (rows[0]);
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (/** @type {readonly string[]} */ row) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(" | ")} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`;
  return [line(header), rule, ...rows.slice(1).map(line)].join("\n");
}
