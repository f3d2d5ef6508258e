/** What a browser fetches before it can show the first page, as it comes over the wire. */
import { readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { beforeAll, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const DIST = join(ROOT, "web/dist");
const LIMIT_BYTES = 350 * 1024;
/** The two faces that every page is set in. */
const FONTS = [/\binter-latin-wght-normal-[\w-]+\.woff2/, /\bjetbrains-mono-latin-wght-normal-[\w-]+\.woff2/];

beforeAll(() => {
  const { buildIfStale } = createRequire(import.meta.url)("../bin/build.cjs") as {
    readonly buildIfStale: (options: { readonly web: boolean }) => void;
  };
  buildIfStale({ web: true });
}, 120_000);

it("is 350 KB at most, compressed, fonts with it", async () => {
  const page = await readFile(join(DIST, "index.html"), "utf8");
  const texts = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = ""]) => path);
  expect(texts.length).toBeGreaterThan(2);
  const styles = await Promise.all(
    texts.filter((path) => path.endsWith(".css")).map((path) => readFile(join(DIST, path), "utf8")),
  );
  const fonts = FONTS.map((font) => `/assets/${font.exec(styles.join("\n"))?.[0] ?? "no font"}`);
  const compressed = ["/index.html", ...texts].map((path) => `${path}.gz`);
  const sizes = await Promise.all([...compressed, ...fonts].map((path) => stat(join(DIST, path))));
  const bytes = sizes.reduce((sum, { size }) => sum + size, 0);
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThanOrEqual(LIMIT_BYTES);
});
