/**
 * Encryption of a data directory, by the commands that people use: what was ingested, searched, quarantined and alerted stands nowhere
 * in it when it is on, and everywhere when it is off; no start without the key; on, off and another key without loss.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN_TOKEN, REPOSITORY, ServerProcess } from "./harness/server-process.ts";
import { until } from "./harness/wait.ts";

const LAUNCHER = join(REPOSITORY, "server/bin/tyto.cjs");
const NEEDLE = "mallory-needle-7316";
const FAILURES = 15;

let folder: string;
let keyFile: string;
let key: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tyto-encryption-"));
  keyFile = join(folder, "first.key");
  expect((await command("key", "make", keyFile)).status).toBe(0);
  key = readFileSync(keyFile, "utf8").trim();
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const command = (...args: readonly string[]): Promise<Ended> =>
  new Promise((done) => {
    const child = execFile(process.execPath, [LAUNCHER, ...args], (_error, stdout, stderr) =>
      done({ status: child.exitCode ?? -1, stdout, stderr }),
    );
  });

async function send(server: ServerProcess, body: string, type: string): Promise<void> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": type };
  const response = await fetch(`${server.url}/api/v1/ingest`, { method: "POST", headers, body });
  expect(response.ok).toBe(true);
}

/** Events, an alert about them, and a record that ends in quarantine; all of them hold the needle. */
async function fill(server: ServerProcess): Promise<void> {
  const at = Date.now() - FAILURES * 1_000;
  const lines = Array.from({ length: FAILURES }, (_, index) => {
    const time = new Date(at + index * 1_000).toISOString();
    return `<38>1 ${time} host1 sshd 4711 - - Failed password for ${NEEDLE} from 203.0.113.9 port ${4_000 + index} ssh2`;
  });
  await send(server, lines.join("\n"), "text/plain");
  const keys = Object.fromEntries(
    Array.from({ length: 10_500 }, (_, index) => [`${NEEDLE}-${index}`, index]),
  );
  await send(server, JSON.stringify(keys), "application/x-ndjson");
  await until("an alert, and everything stored", async () => {
    const { totals } = await server.ledger();
    const { items } = await server.get<{ items: unknown[] }>("/api/v1/alerts");
    return totals.queued === 0 && totals.quarantined > 0 && items.length > 0;
  });
}

async function countNeedles(server: ServerProcess): Promise<number> {
  const reply = await server.search(`Events | where user.name == "${NEEDLE}" | count`, { from: "-1d" });
  return Number(reply.rows[0]?.[0]);
}

/** Files below the directory that hold one of the texts, as UTF-8 or UTF-16. */
function filesWith(texts: readonly string[], directory: string): readonly string[] {
  const forms = texts.flatMap((text) => [Buffer.from(text), Buffer.from(text, "utf16le")]);
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return filesWith(texts, path);
    if (!entry.isFile()) return [];
    const content = readFileSync(path);
    return forms.some((form) => content.includes(form)) ? [path] : [];
  });
}

/** What every process of the machine that mentions the directory shows of itself. */
function processTexts(directory: string): string {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        const text =
          readFileSync(`/proc/${pid}/cmdline`, "latin1") + readFileSync(`/proc/${pid}/environ`, "latin1");
        return text.includes(directory) || text.includes("UV_THREADPOOL_SIZE") ? text : "";
      } catch {
        return "";
      }
    })
    .join("\n");
}

const metric = async (server: ServerProcess): Promise<string> => {
  const response = await fetch(`${server.url}/metrics`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  return /^tyto_data_encrypted (\d)$/m.exec(await response.text())?.[1] ?? "absent";
};

/** Fewer than all of these would mean that the test itself looks in the wrong place. */
const placesOf = (files: readonly string[]): ReadonlySet<string> =>
  new Set(files.map((file) => /\/(journal|control\.db|engine|access\.ndjson)/.exec(file)?.[1] ?? file));

describe("a data directory", () => {
  it("can be read without encryption, in all stores, and so can what people searched for", async () => {
    const server = await ServerProcess.start();
    try {
      await fill(server);
      expect(await countNeedles(server)).toBe(FAILURES);
      expect(await metric(server)).toBe("0");
      expect(placesOf(filesWith([NEEDLE], server.directory))).toEqual(
        new Set(["journal", "control.db", "engine", "access.ndjson"]),
      );
    } finally {
      await server.stop();
    }
  }, 600_000);

  it("holds nothing readable with it: while the server runs, after kill -9, and after a restart", async () => {
    const server = await ServerProcess.start("--encryption-key-file", keyFile);
    try {
      expect(server.output).toContain("whoever loses the key loses the data");
      await fill(server);
      expect(await countNeedles(server)).toBe(FAILURES);
      expect(await metric(server)).toBe("1");
      expect(filesWith([NEEDLE, key], server.directory)).toEqual([]);
      expect(processTexts(server.directory)).not.toContain(key);
      await server.killHard();
      expect(filesWith([NEEDLE, key], server.directory)).toEqual([]);
      await server.restart();
      expect(await countNeedles(server)).toBe(FAILURES);
      expect(server.output).not.toContain(key);
      expect(filesWith([NEEDLE, key], server.directory)).toEqual([]);
    } finally {
      await server.stop();
    }
  }, 600_000);
});

describe("an encrypted data directory", () => {
  it("is opened by its key only, and is as it was after every refusal", async () => {
    const server = await ServerProcess.start("--encryption-key-file", keyFile);
    const data = server.directory;
    try {
      await fill(server);
      await server.killHard();
      const before = snapshot(data);
      const other = join(folder, "other.key");
      writeFileSync(other, "f".repeat(64));
      const ports = ["--http", "127.0.0.1:0", "--ingest", "127.0.0.1:0"];
      for (const [flags, message] of [
        [[], "no encryption key was given"],
        [["--encryption-key-file", other], "the encryption key is another one"],
        [["--encryption-key-file", join(folder, "none.key")], "cannot be read"],
      ] as const) {
        const refusal = await command("serve", "--data", data, ...ports, ...flags);
        expect(refusal.status).toBe(1);
        expect(refusal.stderr).toContain(message);
        expect((await command("key", "check", "--data", data, ...flags)).status).toBe(1);
        const doctor = await command("doctor", "--data", data, ...flags);
        expect(doctor.stdout).toContain(message);
      }
      expect(snapshot(data)).toEqual(before);
      const doctor = await command("doctor", "--data", data, "--encryption-key-file", keyFile);
      expect(doctor.stdout).toMatch(/ok +encryption +on since/);
      await server.restart();
      expect(await countNeedles(server)).toBe(FAILURES);
    } finally {
      await server.stop();
    }
  }, 900_000);

  // Store by store this is tried at every run: `storage/conversion`, `storage/sealing`.
  it.runIf(process.env["TYTO_VERIFY"] !== undefined)(
    "goes from plain to encrypted, to another key, and back, and every event comes along",
    async () => {
      const server = await ServerProcess.start();
      const data = server.directory;
      const on = (file: string) => ["--data", data, "--encryption-key-file", file];
      try {
        await fill(server);
        await server.killHard();
        const early = await command("serve", ...on(keyFile));
        expect(early.stderr).toContain("run `tyto encrypt` once");
        const encrypted = await command("encrypt", ...on(keyFile));
        expect(encrypted.stderr).toContain("Who loses the key loses the data");
        expect(encrypted.status, encrypted.stderr).toBe(0);
        expect(filesWith([NEEDLE, key], data)).toEqual([]);

        const second = join(folder, "second.key");
        await command("key", "make", second);
        const rotated = await command("key", "rotate", ...on(keyFile), "--new-key-file", second);
        expect(rotated.status, rotated.stderr).toBe(0);
        expect((await command("key", "check", ...on(keyFile))).status).toBe(1);
        expect((await command("key", "check", ...on(second))).status).toBe(0);
        const again = await ServerProcess.startOn(data, "--encryption-key-file", second);
        expect(await countNeedles(again)).toBe(FAILURES);
        await fill(again);
        expect(filesWith([NEEDLE], data)).toEqual([]);
        await again.killHard();

        expect(JSON.parse((await command("key", "status", "--data", data, "--json")).stdout)).toMatchObject({
          kind: "on",
        });
        const decrypted = await command("decrypt", ...on(second));
        expect(decrypted.status, decrypted.stderr).toBe(0);
        await server.restart();
        expect(await countNeedles(server)).toBe(2 * FAILURES);
        expect((await server.ledger()).items.every((source) => source.isBalanced)).toBe(true);
      } finally {
        await server.stop();
      }
    },
    900_000,
  );
});

/** Sizes and times of what a refused start must not touch. */
function snapshot(data: string): readonly string[] {
  const journal = readdirSync(join(data, "journal")).filter((name) => name.endsWith(".segment"));
  return ["control.db", "keyring.json", ...journal.map((name) => `journal/${name}`)].map((name) => {
    const { size, mtimeMs } = statSync(join(data, name));
    return `${name} ${size} ${mtimeMs}`;
  });
}
