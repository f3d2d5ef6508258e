import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Client } from "./client.ts";
import { addConnection, listConnections, switchConnection } from "./connections.ts";

const CONNECTION = {
  id: "c1",
  name: "okta",
  kind: "okta",
  status: { state: "failing", reason: "no\u001b[2J", hint: "Make a token." },
  counts: { records: 3, bytes: 9, skipped: 1 },
};
let directory: string;
let asked: unknown[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tyto-cli-"));
  asked = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

function parts(stdin = "", environment: Record<string, string> = {}) {
  const stdout = new PassThrough();
  const note = (method: string, path: string, body?: unknown): Promise<unknown> => {
    asked.push([method, path, body]);
    if (path.endsWith("/test"))
      return Promise.resolve({
        ok: false,
        checks: [{ name: "login", ok: false, message: "no", hint: "do" }],
      });
    return Promise.resolve(method === "GET" ? { items: [CONNECTION] } : CONNECTION);
  };
  const client: Client = {
    url: "http://127.0.0.1:8080",
    get: (path) => note("GET", path),
    post: (path, body) => note("POST", path, body),
    patch: (path, body) => note("PATCH", path, body),
    delete: (path) => note("DELETE", path),
    download: () => Promise.reject(new Error("nothing is downloaded")),
    stream: () => Promise.reject(new Error("nothing is streamed here")),
  };
  const io = { stdin: Readable.from([stdin]), stdout, stderr: new PassThrough() };
  return { command: { client, io, environment }, text: () => String(stdout.read() ?? "") };
}

it("adds a connection from flags and a file, its secrets from variables, files and standard input, and tries it", async () => {
  const file = join(directory, "okta.yml");
  const key = join(directory, "key");
  writeFileSync(file, "kind: okta\nsettings:\n  baseUrl: https://a.example\n  startDaysAgo: 1\n");
  writeFileSync(key, "from a file\n");
  const { command, text } = parts('{"third": "3"}', { TOKEN: "from env" });
  const status = await addConnection(command, {
    file,
    name: "okta",
    set: ["startDaysAgo=7", "logs=[a, b]"],
    secret: ["apiToken=env:TOKEN", `other=file:${key}`],
    secretStdin: true,
    json: false,
  });
  expect(status).toBe(1);
  expect(asked[0]).toEqual([
    "POST",
    "/api/v1/connections",
    {
      kind: "okta",
      name: "okta",
      settings: { baseUrl: "https://a.example", startDaysAgo: 7, logs: ["a", "b"] },
      secret: { third: "3", apiToken: "from env", other: "from a file" },
    },
  ]);
  expect(text()).toContain("FAIL  login: no");
});

it.each([
  ["a secret on the command line", { secret: ["apiToken=canary"] }],
  ["a variable that is not set", { secret: ["apiToken=env:NONE"] }],
  ["a setting without a value", { set: ["alone"] }],
  ["a file that is not there", { file: "/nowhere/x.yml" }],
])("refuses %s, without repeating it", async (_, options) => {
  const { command } = parts();
  const refused = addConnection(command, { kind: "okta", name: "n", json: false, ...options });
  await expect(refused).rejects.toMatchObject({ code: "bad-request" });
  await expect(refused).rejects.not.toThrow("canary");
  expect(asked).toEqual([]);
});

it("refuses a file of settings that holds secrets", async () => {
  const file = join(directory, "x.yml");
  writeFileSync(file, "kind: okta\nsettings: {}\nsecret: {apiToken: x}\n");
  await expect(addConnection(parts().command, { file, json: false })).rejects.toThrow("holds secrets");
});

it("lists with state and reason, control characters made visible, and says by its status that one fails", async () => {
  const { command, text } = parts();
  expect(await listConnections(command, { json: false })).toBe(1);
  const shown = text();
  expect(shown).toContain("failing");
  expect(shown).toContain("Make a token.");
  expect(shown).not.toContain("\u001b");
});

it("pauses by name, and says when there is no such connection", async () => {
  const { command } = parts();
  await switchConnection(command, { connection: "okta", enabled: false, json: false });
  expect(asked[1]).toEqual(["PATCH", "/api/v1/connections/c1", { enabled: false }]);
  await expect(
    switchConnection(command, { connection: "none", enabled: true, json: false }),
  ).rejects.toMatchObject({ code: "not-found" });
});
