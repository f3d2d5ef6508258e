#!/usr/bin/env node
"use strict";
// The launcher: builds what is stale, then runs the bundle. CommonJS and synchronous up to the import, because libuv reads
// UV_THREADPOOL_SIZE when its pool starts, and an ES module's loader would start it first.
process.env.UV_THREADPOOL_SIZE ??= "16";
process.env.NODE_ENV ??= "production";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Tyto needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

const { buildIfStale } = require("./build.cjs");

try {
  const needsConsole = process.argv[2] === "serve";
  buildIfStale({ web: needsConsole });
} catch (error) {
  console.error(`Tyto could not be built: ${error.message}`);
  process.exit(1);
}

import("../dist/tyto.mjs").catch((error) => {
  console.error(error);
  process.exit(1);
});
