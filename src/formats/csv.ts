/**
 * Writing comma-separated values with the quoting of RFC 4180: one header line, one line a row. Lines end in "\n", as
 * in the logs of Keras's CSVLogger. No reading.
 */

import { DataError } from "../core/errors.js";

/** What a cell can hold; null is written as nothing. */
export type CsvValue = string | number | boolean | null;

/**
 * A table as CSV text. Numbers are written in full, so that reading them back gives the same number.
 * @throws DataError where a row does not have one value a column.
 * @example
 * writeCsv(["epoch", "note"], [[0, 'said "hi"']]);   // epoch,note\n0,"said ""hi"""\n
 */
export function writeCsv(columns: readonly string[], rows: Iterable<readonly CsvValue[]>): string {
  let text = line(columns);
  let index = 0;
  for (const row of rows) {
    if (row.length !== columns.length) {
      throw new DataError(
        `writeCsv: expected ${columns.length} values a row (${columns.join(", ")}), received ${row.length} in row ${index}.`,
      );
    }
    text += line(row);
    index++;
  }
  return text;
}

function line(values: readonly CsvValue[]): string {
  // A line of one empty cell would read as no line at all.
  if (values.length === 1 && (values[0] === null || values[0] === "")) return '""\n';
  return `${values.map(cell).join(",")}\n`;
}

function cell(value: CsvValue): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
