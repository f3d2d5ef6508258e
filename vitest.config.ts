import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "domain/src/**/*.test.ts",
      "server/src/**/*.test.ts",
      "server/test/**/*.test.ts",
      "web/src/**/*.test.ts?(x)",
    ],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    // No module keeps state (CONTRIBUTING.md), so files share what they import: half of the processor time.
    isolate: false,
    maxWorkers: 2,
  },
});
