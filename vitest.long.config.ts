import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** `npm run test:long`: proofs that take minutes (means over seeds, an hour's memory). Not part of `npm test`. */
export default defineConfig({
  resolve: { alias: { fovea: fileURLToPath(new URL("src/index.ts", import.meta.url)) } },
  test: {
    include: ["test/long/**/*.test.ts"],
    testTimeout: 3_600_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});
