/**
 * Whether to write in color. Not the colors.
 */

/**
 * NO_COLOR (any value but none) forbids colors; else FORCE_COLOR demands them, or forbids them as "0" or "false"; else
 * they go with a terminal that is not "dumb". Source: https://no-color.org, https://force-color.org.
 */
export function wantsColor(env: Readonly<Record<string, string | undefined>>, isTTY: boolean): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  return isTTY && env.TERM !== "dumb";
}
