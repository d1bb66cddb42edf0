import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";

/**
 * Tests whose files run one after the other: they start the engine's threads, a browser or other processes, or measure
 * time, and would disturb each other. All other test files run side by side, before them.
 */
const serial = [
  "src/backends/wasm/**/*.test.ts",
  "src/models/**/*.test.ts",
  "src/cli/**/*.test.ts",
  "test/**/*.test.ts",
];

/**
 * Of these, the proofs of numbers: minutes of computing, mostly on one thread, and nothing that takes too long or waits for
 * another process. They run two at a time, between the others.
 */
const proofs = [
  "src/backends/wasm/kernels/**/*.test.ts",
  "test/cases/**/*.test.ts",
  "test/agreement*.test.ts",
  "test/gradient.test.ts",
  "test/graphs.test.ts",
  "test/random-shapes.test.ts",
];

const shared = {
  testTimeout: 60_000,
  hookTimeout: 120_000,
  passWithNoTests: false,
};

export default defineConfig({
  resolve: { alias: { fovea: fileURLToPath(new URL("src/index.ts", import.meta.url)) } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          ...shared,
          name: "unit",
          include: ["src/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...serial],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: "proofs",
          include: proofs,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: "serial",
          include: serial,
          exclude: [...configDefaults.exclude, "test/long/**", ...proofs],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
