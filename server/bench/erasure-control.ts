import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventId, micros, originId, sequence } from "@tyto/domain";
import type { Alert, AlertId, Entity, FindingKey, RuleId } from "@tyto/domain";
import Database from "libsql";
import { openControlStore } from "../src/storage/index.ts";
import { MASK, PERSON } from "./erasure-rows.ts";

/*
 * Relational side of the erasure trial: an alert about a person is stored, masked through the repository, and then looked for: in the
 * rows by SQL, in the files by bytes. Once with a finding key that spells its group out, once with one that has a digest of it.
 */

const AT = micros(1_795_000_000_000_000);
const GROUP_TEXT = `user.name=${PERSON}`;
const GROUP_DIGEST = createHash("sha256").update(GROUP_TEXT).digest("hex").slice(0, 32);

function alertAbout(name: string, key: FindingKey): Alert {
  const entity: Entity = { type: "user", value: name };
  return {
    id: createHash("sha256").update(key).digest("hex").slice(0, 20) as AlertId,
    title: "Many failed logins",
    severity: "medium",
    priority: { score: 40, base: "medium", reasons: [] },
    assets: [],
    userTags: [],
    status: "new",
    assignee: null,
    closeReason: null,
    absorbedInto: null,
    related: [],
    cause: "brute-force",
    findings: [
      {
        key,
        version: 1,
        rule: {
          id: "many-failed-logins" as RuleId,
          title: "Many failed logins",
          level: "medium",
          tags: [],
          cause: "brute-force",
        },
        group: [entity],
        entities: [entity],
        firstSeen: AT,
        lastSeen: AT,
        count: 6,
        evidence: [{ id: eventId(originId("00000000000000aa"), 1), timestamp: AT, occurrences: 6 }],
        matched: [],
        sentence: `**${name}** failed to log in **6 times**`,
      },
    ],
    entities: [entity],
    firstSeen: AT,
    lastSeen: AT,
    createdAt: AT,
    updatedAt: AT,
    count: 6,
    transitions: [{ step: 1, at: AT, actor: "detection", change: { kind: "opened", finding: key } }],
  };
}

/** Stores the alert and the state behind it, then masks the one and forgets the other, as an erasure would. */
async function storeAndMask(path: string, group: string): Promise<void> {
  const key = `many-failed-logins|${group}|${AT}-1` as FindingKey;
  const stateKey = `hit|many-failed-logins|${GROUP_TEXT}|${AT}|1`;
  const store = await openControlStore({ path });
  const state = [{ kind: "put", key: stateKey, value: JSON.stringify({ s: [PERSON] }) }] as const;
  await store.commit({ sequence: sequence(1), ledger: [], alerts: [alertAbout(PERSON, key)], state });
  await store.alerts.save(alertAbout(MASK, key), 1);
  const forgotten = [{ kind: "delete", key: stateKey }] as const;
  await store.commit({ sequence: sequence(2), ledger: [], alerts: [], state: forgotten });
  await store.close();
}

function columnsNaming(path: string): readonly string[] {
  const database = new Database(path);
  try {
    const tables = database.prepare("select name from sqlite_master where type = 'table'").all() as {
      name: string;
    }[];
    return tables.flatMap(({ name: table }) => {
      const rows = database.prepare(`select * from "${table}"`).all() as Record<string, unknown>[];
      const named = rows.flatMap((row) =>
        Object.entries(row).flatMap(([column, value]) =>
          typeof value === "string" && value.includes(PERSON) ? [`${table}.${column}`] : [],
        ),
      );
      return [...new Set(named)];
    });
  } finally {
    database.close();
  }
}

/** How often the name stands in the files of a folder. */
async function timesInFiles(folder: string): Promise<number> {
  let times = 0;
  for (const name of await readdir(folder)) {
    times += (await readFile(join(folder, name))).toString("latin1").split(PERSON).length - 1;
  }
  return times;
}

function onDatabase(path: string, ...statements: readonly string[]): void {
  const database = new Database(path);
  try {
    for (const statement of statements) database.prepare(statement).all();
  } finally {
    database.close();
  }
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "tyto-erasure-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function figuresOf(group: string): Promise<Readonly<Record<string, unknown>>> {
  return inFolder(async (folder) => {
    const path = join(folder, "control.db");
    await storeAndMask(path, group);
    const timesAfterMasking = await timesInFiles(folder);
    const columns = columnsNaming(path);
    onDatabase(path, "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)");
    return {
      columnsStillNaming: columns,
      timesInFilesAfterMasking: timesAfterMasking,
      timesInFilesAfterVacuum: await timesInFiles(folder),
    };
  });
}

/** Whether `secure_delete`, set before, spares the VACUUM. */
async function secureDelete(value: "ON" | "OFF"): Promise<number> {
  return inFolder(async (folder) => {
    const path = join(folder, "plain.db");
    onDatabase(path, "PRAGMA journal_mode = WAL");
    const database = new Database(path);
    database.prepare(`PRAGMA secure_delete = ${value}`).all();
    database.exec("create table one (id integer primary key, body text)");
    const insert = database.prepare("insert into one (body) values (?)");
    for (let at = 0; at < 1_000; at++) insert.run([`${PERSON} ${"x".repeat(at % 300)}`]);
    database.prepare("update one set body = ? where id % 2 = 0").run([MASK]);
    database.exec("delete from one where id % 2 = 1");
    database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all();
    database.close();
    return timesInFiles(folder);
  });
}

export async function controlTrial(): Promise<Readonly<Record<string, unknown>>> {
  return {
    keySpellsGroup: await figuresOf(GROUP_TEXT),
    keyHasDigest: await figuresOf(GROUP_DIGEST),
    timesInFilesWithoutSecureDelete: await secureDelete("OFF"),
    timesInFilesWithSecureDelete: await secureDelete("ON"),
  };
}
