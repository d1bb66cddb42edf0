/**
 * Finding the name a person meant: the nearest known one, and the error that suggests it. Not the tables of names:
 * each belongs to its own room.
 */

import { OptionError } from "./errors.js";

/** Spelling apart: `sparse_categorical_crossentropy`, `sparseCategoricalCrossentropy` and `Sparse-Categorical...` are one name. */
function fold(name: string): string {
  return name.toLowerCase().replace(/[_\-\s.]/g, "");
}

/** `meanSquaredError` and `mean_squared_error` give `mse`. */
function initials(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").split(/[_\-\s.]+/);
  return words
    .map((word) => word.charAt(0))
    .join("")
    .toLowerCase();
}

/**
 * The Damerau-Levenshtein distance in its restricted form (optimal string alignment): insertions, deletions,
 * substitutions and swaps of two neighbours, each counting 1.
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, beforeLast[j - 2]! + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

/**
 * Gives names that are in `taken` from then on, as Keras makes them: what is wanted, or else `wanted_1`, `wanted_2`.
 * @example
 * const name = untaken(new Set(["dense_1"]));
 * [name("dense"), name("dense"), name("add")]; // ["dense", "dense_2", "add"]
 */
export function untaken(taken: Set<string>): (wanted: string) => string {
  const counts = new Map<string, number>();
  return (wanted) => {
    for (;;) {
      const count = counts.get(wanted) ?? 0;
      counts.set(wanted, count + 1);
      const name = count === 0 ? wanted : `${wanted}_${count}`;
      if (taken.has(name)) continue;
      taken.add(name);
      return name;
    }
  };
}

/**
 * The known name that `name` most likely means, or `undefined` if none is near. Case, underscores and hyphens do not
 * count; then a name is near if it differs by at most a third of its letters (at least one), is the beginning of
 * exactly one known name (three letters or more), or is a known name's initials (`mse`). The first of equally near
 * names wins.
 *
 * @example
 * nearestName("sparse_categorical_crossentropy", ["hinge", "sparseCategoricalCrossentropy"]); // "sparseCategoricalCrossentropy"
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const wanted = fold(name);
  // Longer than any real name: the distance would cost more than the suggestion is worth.
  if (wanted.length === 0 || wanted.length > 100) return undefined;
  let nearest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  const beginnings: string[] = [];
  let byInitials: string | undefined;
  for (const candidate of known) {
    const folded = fold(candidate);
    if (folded === wanted) return candidate;
    if (wanted.length >= 3 && folded.startsWith(wanted)) beginnings.push(candidate);
    if (wanted.length >= 2 && initials(candidate) === wanted) byInitials ??= candidate;
    const longest = Math.max(folded.length, wanted.length);
    const cutoff = Math.min(longest - 1, Math.max(1, Math.floor(longest / 3)));
    if (Math.abs(folded.length - wanted.length) > cutoff) continue;
    const distance = editDistance(wanted, folded);
    if (distance <= cutoff && distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  if (byInitials !== undefined && least > 1) return byInitials;
  return nearest ?? (beginnings.length === 1 ? beginnings[0] : undefined);
}

/**
 * The error for a name that is not in a table, with the nearest known name, or else the known names.
 * `unknownName("activation", "rleu", names)` says `unknown activation "rleu"; did you mean "relu"?`; `where` (the op
 * or command) goes in front: `dense: unknown activation ...`.
 */
export function unknownName(what: string, name: string, known: Iterable<string>, where?: string): OptionError {
  const names = [...known];
  const near = nearestName(name, names);
  const shown = names.slice(0, 24).join(", ") + (names.length > 24 ? ", ..." : "");
  const advice = near !== undefined ? `; did you mean "${near}"?` : `; known: ${names.length > 0 ? shown : "none"}.`;
  const short = name.length > 60 ? `${name.slice(0, 60)}...` : name;
  return new OptionError(`${where === undefined ? "" : `${where}: `}unknown ${what} ${JSON.stringify(short)}${advice}`);
}
