/** What a training command prints at its end, as text. It computes no scores and writes no files. */

/** How a model did on the test pictures. */
export interface TestResult {
  readonly loss: number;
  /** From 0 to 1. */
  readonly accuracy: number;
  /** The text of `classificationReport`. */
  readonly report: string;
  /** What the report's `onWarning` was told. Default: nothing. */
  readonly warnings?: readonly string[];
}

/**
 * Test loss and accuracy, a line each, then the report, then its warnings as notes; ends with a line end.
 *
 * @example
 * reportText({ loss: 0.08339, accuracy: 0.9768, report }); // begins with the line Test loss: 0.0834
 */
export function reportText({ loss, accuracy, report, warnings = [] }: TestResult): string {
  const notes = warnings.map((warning) => `Note: ${warning}\n`);
  if (notes.length > 0) notes.unshift("\n");
  const table = report.endsWith("\n") ? report : `${report}\n`;
  return `Test loss: ${score(loss)}\nTest accuracy: ${score(accuracy)}\n\n${table}${notes.join("")}`;
}

/** 4 decimals; a score that these would make 0 is shown with an exponent. */
function score(value: number): string {
  const rounded = value.toFixed(4);
  return value !== 0 && Number(rounded) === 0 ? value.toExponential(2) : rounded;
}
