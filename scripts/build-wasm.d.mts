/**
 * The type of build-wasm.mjs, which is not type-checked itself: the types of AssemblyScript's compiler declare its
 * numbers (usize, f32, …) as globals and clash with TypeScript's own libraries.
 */
export function buildWasm(options?: { force?: boolean }): Promise<unknown>;
