import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** `npm run dev -w web` beside a running server; `build` makes what the server serves. */
export default defineConfig({
  plugins: [react()],
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
