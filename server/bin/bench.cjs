#!/usr/bin/env node
"use strict";
// Runs one of the scripts in server/bench that `tyto bench` does not offer: bundles it, then runs it.
//   npm run bench -- journal [arguments]
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const root = path.resolve(__dirname, "../..");
const [name, ...rest] = process.argv.slice(2);
const folder = path.join(root, "server/bench");
const names = fs
  .readdirSync(folder)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -3));
if (name === undefined || !names.includes(name)) {
  console.error(`usage: npm run bench -- NAME [arguments], NAME one of: ${names.join(", ")}`);
  process.exit(2);
}
const out = path.join(root, ".tyto/bench");
const built = spawnSync(
  process.execPath,
  [
    path.join(root, "node_modules/tsdown/dist/run.mjs"),
    path.join(folder, `${name}.ts`),
    "--no-config",
    "--format=esm",
    "--platform=node",
    "--no-dts",
    "--no-clean",
    "--logLevel=error",
    `--out-dir=${out}`,
    "--noExternal=@tyto/domain",
  ],
  { cwd: path.join(root, "server"), encoding: "utf8" },
);
if (built.status !== 0) {
  console.error(`${built.stdout}${built.stderr}`);
  process.exit(1);
}
process.argv.splice(2, process.argv.length - 2, ...rest);
import(path.join(out, `${name}.mjs`));
