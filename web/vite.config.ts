import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import type { Plugin } from "vite";

/** `npm run dev -w web` beside a running server; `build` makes what the server serves. */
export default defineConfig({
  plugins: [react(), compressedBeside()],
  server: { proxy: { "/api": "http://127.0.0.1:8080" } },
  build: {
    // light-dark() and native popovers are the floor; nothing is lowered or polyfilled.
    target: ["chrome125", "firefox125", "safari17.5"],
    modulePreload: { polyfill: false },
    // The content security policy allows no data: URLs.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      treeshake: {
        // The domain promises to do nothing at import, so its schemas (and TypeBox with them) stay out of the browser.
        moduleSideEffects: [{ test: /[\\/]domain[\\/]src[\\/]/, sideEffects: false }],
      },
    },
  },
});

/** Text that is served over and over is compressed once, here; the server picks what the browser takes. */
function compressedBeside(): Plugin {
  return {
    name: "compressed-beside",
    apply: "build",
    writeBundle: ({ dir }, bundle) => {
      for (const name of Object.keys(bundle).filter((one) => /\.(?:js|css|html|svg)$/.test(one))) {
        const file = join(dir ?? "dist", name);
        const bytes = readFileSync(file);
        const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
        writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }));
        writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
      }
    },
  };
}
