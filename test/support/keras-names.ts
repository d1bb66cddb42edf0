/** Keras's words in this library's spelling: what goldens call options by. */

/** "negative_slope" is "negativeSlope", "beta_1" is "beta1". */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The same options with their names in camelCase. */
export function inCamelCase(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [camelCase(name), value]));
}
