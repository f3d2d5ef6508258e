import { defineConfig } from "tsdown";

export default defineConfig({
  entry: {
    tyto: "src/cli/index.ts",
    "engine-child": "src/storage/engine/child.ts",
    "kql-worker": "src/query/kql/worker.ts",
  },
  platform: "node",
  target: "node20",
  format: "esm",
  outDir: "dist",
  // The domain is imported as source; everything from the registry stays where npm put it.
  deps: { alwaysBundle: ["@tyto/domain"] },
  dts: false,
  sourcemap: true,
  clean: true,
  hash: false,
});
