/** The version of fovea, which files record. A test holds it against package.json, which a page cannot read. */

export const version = "0.1.0";
