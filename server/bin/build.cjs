"use strict";
// Builds the server's bundle and the console, each only when one of its sources has changed since.
const { spawnSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const ROOT = path.resolve(__dirname, "../..");

const TARGETS = {
  server: {
    sources: [
      "domain/src",
      "domain/package.json",
      "server/src",
      "server/bench",
      "server/package.json",
      "server/tsdown.config.ts",
    ],
    output: "server/dist",
    // Through the package's own entry, so that no shell or npm has to be on the path.
    command: ["node_modules/tsdown/dist/run.mjs", "--logLevel", "error"],
    cwd: "server",
  },
  web: {
    sources: [
      "domain/src",
      "web/src",
      "web/public",
      "web/index.html",
      "web/vite.config.ts",
      "web/package.json",
    ],
    output: "web/dist",
    command: ["node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"],
    cwd: "web",
  },
};

function* filesBelow(relative) {
  const full = path.join(ROOT, relative);
  const stat = fs.statSync(full, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isDirectory()) {
    yield `${relative}:${stat.size}:${stat.mtimeMs}`;
    return;
  }
  for (const name of fs.readdirSync(full).sort()) yield* filesBelow(path.join(relative, name));
}

function signature(target) {
  const hash = createHash("sha256");
  hash.update(process.version);
  for (const source of ["package-lock.json", "server/bin/build.cjs", ...target.sources]) {
    for (const line of filesBelow(source)) hash.update(`${line}\n`);
  }
  return hash.digest("hex");
}

const stampOf = (target) => path.join(ROOT, target.output, ".stamp");

function isFresh(target, wanted) {
  try {
    return fs.readFileSync(stampOf(target), "utf8") === wanted;
  } catch {
    return false;
  }
}

/** Two commands started at once must not build into each other: the second waits for the first. */
function withLock(work) {
  const lock = path.join(ROOT, ".tyto", "build.lock");
  fs.mkdirSync(path.dirname(lock), { recursive: true });
  const deadline = Date.now() + 180_000;
  for (;;) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (!isAlive(lock)) fs.rmSync(lock, { force: true });
      else if (Date.now() > deadline) throw new Error(`another build holds ${lock}`, { cause: error });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
  try {
    work();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

function isAlive(lock) {
  try {
    process.kill(Number(fs.readFileSync(lock, "utf8")), 0);
    return true;
  } catch {
    return false;
  }
}

function build(name, target, wanted) {
  process.stderr.write(`Building the ${name === "web" ? "console" : "server"} (once) …\n`);
  const [entry, ...args] = target.command;
  // What the tools say matters only when they fail.
  const result = spawnSync(process.execPath, [path.join(ROOT, entry), ...args], {
    cwd: path.join(ROOT, target.cwd),
    encoding: "utf8",
    // Whoever asks, a test too, gets what everybody gets.
    env: { ...process.env, NODE_ENV: "production" },
  });
  if (result.status !== 0) throw new Error(`${name} does not build:\n${result.stdout}${result.stderr}`);
  fs.writeFileSync(stampOf(target), wanted);
}

/** @param options.web also the console */
function buildIfStale(options) {
  const names = options.web ? ["server", "web"] : ["server"];
  const stale = () => names.filter((name) => !isFresh(TARGETS[name], signature(TARGETS[name])));
  if (stale().length === 0) return;
  withLock(() => {
    for (const name of stale()) build(name, TARGETS[name], signature(TARGETS[name]));
  });
}

module.exports = { buildIfStale };

if (require.main === module) buildIfStale({ web: true });
