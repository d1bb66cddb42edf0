/** Wrong usage: the error that ends the command with exit code 2, and the checks of values that throw it. */

/** What was typed is not a command that fovea has. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The error for a name that is not known, with the nearest known one. */
export async function unknown(what: string, name: string, known: readonly string[]): Promise<UsageError> {
  const { unknownName } = await import("../index.js");
  return new UsageError(unknownName(what, name, known).message);
}

/** Which numbers an option takes. */
interface NumberRule {
  /** Read after "must be". */
  readonly describe: string;
  accepts(value: number): boolean;
}

/** A whole number from `min` to `max`. */
export function whole(min: number, max = Number.MAX_SAFE_INTEGER): NumberRule {
  const describe =
    max === Number.MAX_SAFE_INTEGER ? `a whole number, ${min} or more` : `a whole number from ${min} to ${max}`;
  return { describe, accepts: (value) => Number.isSafeInteger(value) && value >= min && value <= max };
}

/** A number above 0. */
export const positive: NumberRule = { describe: "a number above 0", accepts: (value) => value > 0 };

/** From 0 up to, not including, 1. */
export const share: NumberRule = {
  describe: "a number from 0 up to, not including, 1",
  accepts: (value) => value >= 0 && value < 1,
};

/** Reads the text of a number: decimal, with or without an exponent, and nothing else. */
export function numberOption(flag: string, rule: NumberRule): (text: string) => number {
  return (text) => {
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    if (!(Number.isFinite(value) && rule.accepts(value))) {
      throw new UsageError(`${flag} must be ${rule.describe}, received ${JSON.stringify(text)}.`);
    }
    return value;
  };
}

/** Reads the name of a folder. */
export function folderOption(text: string): string {
  if (text === "") throw new UsageError("--out must name a folder, received nothing.");
  return text;
}
