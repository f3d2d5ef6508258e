import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readConfig } from "../config/index.ts";
import type { Config } from "../config/index.ts";
import { connect, isServerAt, serverUrl, tokenFor } from "./client.ts";

let folder: string;
const cleanups: (() => void)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tyto-client-"));
});

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
  rmSync(folder, { recursive: true });
});

function config(): Config {
  const outcome = readConfig({
    flags: { data: folder },
    environment: {},
    workingDirectory: "/",
    packDirectory: "/packs",
  });
  if (!outcome.ok) throw new Error("the test's configuration is wrong");
  return outcome.config;
}

async function listening(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("the server that commands talk to", () => {
  it("is the named one, else the data directory's, else the configured one", () => {
    expect(serverUrl(config(), undefined)).toBe("http://127.0.0.1:8080");
    writeFileSync(join(folder, "addresses.json"), "{");
    expect(serverUrl(config(), undefined)).toBe("http://127.0.0.1:8080");
    writeFileSync(join(folder, "addresses.json"), JSON.stringify({ http: "127.0.0.1:4711" }));
    expect(serverUrl(config(), undefined)).toBe("http://127.0.0.1:4711");
    expect(serverUrl(config(), "https://siem.example.com/")).toBe("https://siem.example.com");
  });

  it("is told from another program on its port", async () => {
    const other = await listening((_request, response) => response.end("<html>"));
    const degraded = await listening((_request, response) =>
      response.writeHead(503).end(JSON.stringify({ status: "degraded", version: "1", reasons: [] })),
    );
    expect(await isServerAt(other)).toBe(false);
    expect(await isServerAt(degraded)).toBe(true);
  });

  it("answers errors with its own words and hint", async () => {
    const error = { code: "bad-request", message: "no such table", hint: "ask for Events" };
    const url = await listening((_request, response) =>
      response.writeHead(400).end(JSON.stringify({ error })),
    );
    const call = connect({ config: config(), environment: {}, url }).get("/api/v1/sources");
    await expect(call).rejects.toMatchObject({ message: "no such table", hint: "ask for Events" });
  });
});

describe("the token that commands show", () => {
  it("is the given one, else the environment's, else this machine's own, else the administrator's", () => {
    const own = { config: config(), environment: { TYTO_ADMIN_TOKEN: "admin" } };
    expect(tokenFor(own)).toBe("admin");
    writeFileSync(join(folder, "cli-token"), "local\n");
    expect(tokenFor(own)).toBe("local");
    expect(tokenFor({ ...own, environment: { TYTO_TOKEN: "set" } })).toBe("set");
    expect(tokenFor({ ...own, environment: { TYTO_TOKEN: "set" }, token: "given" })).toBe("given");
  });

  it("of this machine goes to no other machine", () => {
    writeFileSync(join(folder, "cli-token"), "local\n");
    const own = { config: config(), environment: { TYTO_ADMIN_TOKEN: "admin" } };
    expect(tokenFor({ ...own, url: "http://127.0.0.1:9000" })).toBe("local");
    expect(tokenFor({ ...own, url: "http://[::1]:9000" })).toBe("local");
    expect(tokenFor({ ...own, url: "https://siem.example.com" })).toBeUndefined();
    expect(tokenFor({ ...own, url: "http://127.0.0.1.example.com" })).toBeUndefined();
    expect(tokenFor({ ...own, url: "https://siem.example.com", token: "given" })).toBe("given");
  });
});
