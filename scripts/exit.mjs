/** Ending a script with a code once its output is written. */

/**
 * The process ends by itself, with this code. In one place, since the type checker takes each assignment in a script
 * for a declaration.
 * @param {number} code
 */
export function exitWith(code) {
  process.exitCode = code;
}
