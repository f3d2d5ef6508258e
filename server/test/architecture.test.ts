/** The boundaries of the house, as they are in `CONTRIBUTING.md`. A new edge is a design decision: write its record first. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const SERVER = join(ROOT, "server/src");

/** Module → modules it may import from. `domain` and `telemetry` are open to everyone. */
const EDGES: Readonly<Record<string, readonly string[]>> = {
  api: ["query", "storage", "content", "pipeline", "detection", "triage", "response", "ocsf"],
  assets: ["storage"],
  config: [],
  content: [],
  demo: [],
  detection: ["query", "content", "storage"],
  evtx: [],
  inputs: ["evtx"],
  monitoring: [],
  ocsf: [],
  pipeline: ["content", "storage"],
  query: [],
  response: ["storage"],
  storage: ["query"],
  telemetry: [],
  triage: ["storage"],
};

/** Pure modules, and the one permitted registry: importable as values. All others as types only. */
const VALUE_MODULES: ReadonlySet<string> = new Set(["query", "evtx", "ocsf", "telemetry"]);

/** Packages with one owner. */
const OWNED_PACKAGES: Readonly<Record<string, RegExp>> = {
  chdb: /^server\/src\/storage\/engine\//,
  "@clickhouse/client": /^server\/src\/storage\//,
  libsql: /^server\/src\/storage\//,
  kysely: /^server\/src\/storage\/control\//,
  fastify: /^server\/src\/api\//,
  "@kusto/language-service-next": /^server\/src\/query\/kql\//,
  kafkajs: /^server\/src\/inputs\/kafka\//,
  "@nats-io/transport-node": /^server\/src\/inputs\/nats\//,
  "@nats-io/jetstream": /^server\/src\/inputs\/nats\//,
  aws4fetch: /^server\/src\/(inputs\/aws|storage\/archive)\//,
  commander: /^server\/src\/cli\//,
  ldapts: /^server\/src\/assets\//,
  nodemailer: /^server\/src\/monitoring\//,
  "prom-client": /^server\/src\/monitoring\//,
};

interface Import {
  readonly file: string;
  readonly target: string;
  readonly isType: boolean;
}

function sourceFiles(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const full = join(folder, name);
    if (statSync(full).isDirectory())
      return name === "dist" || name === "node_modules" ? [] : sourceFiles(full);
    return /\.tsx?$/.test(name) ? [full] : [];
  });
}

const isTest = (file: string): boolean =>
  /(\.test|fixture|\.child|-crash\.\w+|test-context)\.tsx?$/.test(file) || /\/test(ing)?\//.test(file);

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(file, "utf8");
  const found: Import[] = [];
  for (const m of text.matchAll(
    /^\s*(?:import|export)\s+(type\s+)?(?:[\w*{][^;"']*?\s+from\s+)?["']([^"']+)["']/gm,
  )) {
    found.push({ file, target: m[2] ?? "", isType: m[1] !== undefined });
  }
  return found;
}

const files = sourceFiles(SERVER).filter((file) => !isTest(file));
const path = (file: string): string => relative(ROOT, file);

/** First folder below `server/src`; `undefined` for `main.ts` itself. */
function moduleOf(file: string): string | undefined {
  const [first, second] = relative(SERVER, file).split("/");
  return second === undefined ? undefined : first;
}

/** Where the parts are put together: `main.ts`, what it is made of, and the commands. */
const isComposer = (file: string): boolean => ["cli", "main", undefined].includes(moduleOf(file));

const crossings = files.flatMap((file) =>
  importsOf(file)
    .filter((one) => one.target.startsWith("."))
    .map((one) => ({ ...one, resolved: resolve(dirname(file), one.target) }))
    .filter((one) => moduleOf(one.resolved) !== moduleOf(file)),
);

describe("the architecture", () => {
  it("has files to check", () => {
    expect(files.length).toBeGreaterThan(20);
  });

  it("knows every module", () => {
    const modules = new Set(files.filter((file) => !isComposer(file)).map((file) => moduleOf(file) ?? ""));
    expect([...modules].filter((name) => !(name in EDGES))).toEqual([]);
  });

  it("crosses module boundaries only along the permitted edges", () => {
    const wrong = crossings.filter((one) => {
      const from = moduleOf(one.file);
      const to = moduleOf(one.resolved) ?? "main.ts";
      return !isComposer(one.file) && to !== "telemetry" && !(EDGES[from ?? ""] ?? []).includes(to);
    });
    expect(wrong.map((one) => `${path(one.file)} → ${one.target}`)).toEqual([]);
  });

  it("crosses them only through index.ts", () => {
    const wrong = crossings.filter(
      (one) => moduleOf(one.resolved) !== undefined && !one.resolved.endsWith("/index.ts"),
    );
    expect(
      wrong.filter((one) => !isComposer(one.file)).map((one) => `${path(one.file)} → ${one.target}`),
    ).toEqual([]);
  });

  it("imports stateful modules as types", () => {
    const wrong = crossings.filter(
      (one) => !isComposer(one.file) && !one.isType && !VALUE_MODULES.has(moduleOf(one.resolved) ?? ""),
    );
    expect(wrong.map((one) => `${path(one.file)} → ${one.target}`)).toEqual([]);
  });

  it("keeps each heavy package with its owner", () => {
    const wrong = files.flatMap((file) =>
      importsOf(file).filter((one) => {
        const owner =
          OWNED_PACKAGES[one.target] ?? OWNED_PACKAGES[one.target.split("/").slice(0, 2).join("/")];
        return owner !== undefined && !one.isType && !owner.test(path(file));
      }),
    );
    expect(wrong.map((one) => `${path(one.file)} → ${one.target}`)).toEqual([]);
  });

  it("reads clock, randomness and environment only where the program is put together", () => {
    const readers =
      /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\brandomBytes\(|\brandomUUID\(|\bprocess\.env\b/;
    // The engine's child process is a program of its own. Its supervisor makes a secret per start that nobody else ever sees: a test
    // that could choose it would test less.
    const programs = /^server\/src\/(main\.ts|main\/|cli\/|config\/|storage\/engine\/(child|engine-process))/;
    const wrong = files.filter((file) => {
      const code = readFileSync(file, "utf8").replace(/^\s*(\/\/|\*|\/\*).*$/gm, "");
      return !programs.test(path(file)) && readers.test(code);
    });
    expect(wrong.map(path)).toEqual([]);
  });

  it("opens every module with what it owns, refuses and promises", () => {
    const silent = Object.keys(EDGES).filter((name) => {
      const index = join(SERVER, name, "index.ts");
      if (statSync(index, { throwIfNoEntry: false }) === undefined)
        return (
          statSync(join(SERVER, name), { throwIfNoEntry: false }) !== undefined &&
          readdirSync(join(SERVER, name)).length > 0
        );
      return !/^\/\*\*[\s\S]*?\bOwns\b/.test(readFileSync(index, "utf8"));
    });
    expect(silent).toEqual([]);
  });

  it("keeps the console away from everything but the domain", () => {
    const wrong = sourceFiles(join(ROOT, "web/src")).flatMap((file) =>
      importsOf(file).filter(
        (one) =>
          one.target.includes("@tyto/server") ||
          (one.target.startsWith(".") && resolve(dirname(file), one.target).startsWith(SERVER)),
      ),
    );
    expect(wrong.map((one) => `${path(one.file)} → ${one.target}`)).toEqual([]);
  });

  it("keeps the domain free of everything but its schema library", () => {
    const wrong = sourceFiles(join(ROOT, "domain/src"))
      .filter((file) => !isTest(file))
      .flatMap((file) =>
        importsOf(file).filter((one) => !one.target.startsWith(".") && one.target !== "typebox"),
      );
    expect(wrong.map((one) => `${path(one.file)} → ${one.target}`)).toEqual([]);
  });

  it("has no folder for leftovers", () => {
    const leftovers = new Set(["utils", "common", "shared", "helpers", "services", "types", "lib", "misc"]);
    const folders = new Set(
      [...files, ...sourceFiles(join(ROOT, "web/src")), ...sourceFiles(join(ROOT, "domain/src"))].flatMap(
        (file) => path(file).split("/").slice(0, -1),
      ),
    );
    expect([...folders].filter((name) => leftovers.has(name))).toEqual([]);
  });

  it("names only paths that exist in the tour", () => {
    const tour = readFileSync(join(ROOT, "docs/architecture.md"), "utf8");
    const named = [...tour.matchAll(/`((?:server|web|domain|packs|docs)\/[\w./<>-]*)`/g)].map(
      (m) => m[1] ?? "",
    );
    expect(named.length).toBeGreaterThan(10);
    const missing = named.filter(
      (name) => !name.includes("<") && statSync(join(ROOT, name), { throwIfNoEntry: false }) === undefined,
    );
    expect(missing).toEqual([]);
  });
});
