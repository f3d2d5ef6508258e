import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { TytoError } from "@tyto/domain";
import type { Connection, ConnectionKindList, ConnectionList, ConnectionTest } from "@tyto/domain";
import { parse } from "yaml";
import type { Client } from "./client.ts";
import { printable, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";

export interface AddOptions {
  /** A file of `{kind, name, pack?, settings, enabled?}`, YAML or JSON. */
  readonly file?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly pack?: string;
  /** `KEY=VALUE`; the value is read as YAML, so that lists and numbers are possible. */
  readonly set?: readonly string[];
  /** `NAME=env:VARIABLE` or `NAME=file:PATH`. */
  readonly secret?: readonly string[];
  /** Secrets as a JSON or YAML object on standard input. */
  readonly secretStdin?: boolean;
  readonly paused?: boolean;
  readonly json: boolean;
}

interface CommandParts {
  readonly client: Client;
  readonly io: CommandIo;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const BASE = "/api/v1/connections";

/** `tyto connections list`. Status 1 when one fails. */
export async function listConnections(
  { client, io }: CommandParts,
  options: { readonly json: boolean },
): Promise<ExitStatus> {
  const { items } = (await client.get(BASE)) as ConnectionList;
  const isAnyFailing = items.some(({ status }) => status.state === "failing");
  if (options.json) await writeLine(io.stdout, JSON.stringify({ items }));
  else {
    if (items.length === 0)
      await writeLine(
        io.stdout,
        "There are no connections. `tyto connections add --help` says how to make one.",
      );
    for (const line of table(items)) await writeLine(io.stdout, line);
  }
  return isAnyFailing ? 1 : 0;
}

function table(items: readonly Connection[]): readonly string[] {
  if (items.length === 0) return [];
  const rows = items.map(({ id, name, kind, status, counts }) => {
    const why = [status.reason, status.hint].filter((text) => text !== null).join(" ");
    return [
      id,
      printable(name),
      kind,
      status.state,
      String(counts.records),
      String(counts.skipped),
      printable(why),
    ];
  });
  const all = [["id", "name", "kind", "state", "records", "skipped", ""], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length))) ?? [];
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** `tyto connections kinds`: what can be pulled from, and what each kind takes. */
export async function listKinds(
  { client, io }: CommandParts,
  options: { readonly json: boolean },
): Promise<ExitStatus> {
  const kinds = (await client.get(`${BASE}/kinds`)) as ConnectionKindList;
  if (options.json) await writeLine(io.stdout, JSON.stringify(kinds));
  else {
    for (const { kind, title, needs, settings, secret, unavailable } of kinds.items) {
      await writeLine(io.stdout, `${kind}  ${title}${unavailable === null ? "" : `  (${unavailable})`}`);
      for (const need of needs) await writeLine(io.stdout, `    needs    ${need}`);
      for (const line of fieldsOf(settings)) await writeLine(io.stdout, `    setting  ${line}`);
      for (const line of fieldsOf(secret)) await writeLine(io.stdout, `    secret   ${line}`);
    }
  }
  return 0;
}

function fieldsOf(schema: object): readonly string[] {
  const { properties = {}, required = [] } = schema as {
    readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description = "" }]) => {
    return `${name}${required.includes(name) ? "" : "?"}  ${description}`.trimEnd();
  });
}

/** `tyto connections add`: makes one and tries it. Status 1 when the peer does not accept it; it stays, and is tried again. */
export async function addConnection(parts: CommandParts, options: AddOptions): Promise<ExitStatus> {
  const { client, io } = parts;
  const body = await bodyOf(parts, options);
  const made = (await client.post(BASE, body)) as Connection;
  if (options.json) await writeLine(io.stdout, JSON.stringify(made));
  else await writeLine(io.stdout, `${made.id}  ${printable(made.name)}  is set up`);
  return testConnection(parts, { connection: made.id, json: options.json });
}

/** `tyto connections test`. */
export async function testConnection(
  { client, io }: CommandParts,
  options: { readonly connection: string; readonly json: boolean },
): Promise<ExitStatus> {
  const { id } = await find(client, options.connection);
  const test = (await client.post(`${BASE}/${id}/test`, {})) as ConnectionTest;
  if (options.json) await writeLine(io.stdout, JSON.stringify(test));
  else {
    for (const { name, ok, message, hint } of test.checks) {
      await writeLine(io.stdout, printable(`${ok ? "ok  " : "FAIL"}  ${name}: ${message}`));
      if (hint !== null) await writeLine(io.stdout, printable(`      ${hint}`));
    }
  }
  return test.ok ? 0 : 1;
}

/** `tyto connections pause|resume`. */
export async function switchConnection(
  { client, io }: CommandParts,
  options: { readonly connection: string; readonly enabled: boolean; readonly json: boolean },
): Promise<ExitStatus> {
  const { id } = await find(client, options.connection);
  const changed = (await client.patch(`${BASE}/${id}`, { enabled: options.enabled })) as Connection;
  const line = options.json
    ? JSON.stringify(changed)
    : `${printable(changed.name)} ${options.enabled ? "goes on" : "is paused"}`;
  await writeLine(io.stdout, line);
  return 0;
}

/** `tyto connections remove`. */
export async function removeConnection(
  { client, io }: CommandParts,
  connection: string,
): Promise<ExitStatus> {
  const { id, name } = await find(client, connection);
  await client.delete(`${BASE}/${id}`);
  await writeLine(io.stdout, `${printable(name)} is removed; what it brought stays`);
  return 0;
}

/** `tyto connections backfill`. */
export async function backfillConnection(
  { client, io }: CommandParts,
  options: { readonly connection: string; readonly days: number; readonly json: boolean },
): Promise<ExitStatus> {
  const { id, name } = await find(client, options.connection);
  const reply = (await client.post(`${BASE}/${id}/backfill`, { days: options.days })) as {
    from: string;
    to: string;
  };
  const line = options.json
    ? JSON.stringify(reply)
    : `${printable(name)} fetches ${reply.from} to ${reply.to} as well`;
  await writeLine(io.stdout, line);
  return 0;
}

/** By id or by name. */
async function find(client: Client, word: string): Promise<Connection> {
  const { items } = (await client.get(BASE)) as ConnectionList;
  const found = items.find(({ id, name }) => id === word || name === word);
  if (found !== undefined) return found;
  throw new TytoError("not-found", `There is no connection "${word}"`, {
    hint: "`tyto connections list` shows them.",
  });
}

async function bodyOf({ io, environment }: CommandParts, options: AddOptions): Promise<object> {
  const given = options.file === undefined ? {} : objectIn(await textOf(options.file), options.file);
  const settings = { ...asObject(given["settings"] ?? {}, "settings"), ...assignments(options.set ?? []) };
  // What is in a file of settings is read by others, and ends in repositories.
  if ("secret" in given) {
    throw new TytoError("bad-request", `${options.file ?? ""} holds secrets`, { hint: SECRET_HINT });
  }
  const secret = {
    ...(options.secretStdin === true ? objectIn(await readAll(io.stdin), "standard input") : {}),
    ...(await secretsOf(options.secret ?? [], environment)),
  };
  return {
    ...given,
    ...(options.kind === undefined ? {} : { kind: options.kind }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.pack === undefined ? {} : { pack: options.pack }),
    ...(options.paused === true ? { enabled: false } : {}),
    settings,
    secret,
  };
}

const SECRET_HINT = "Give secrets by --secret NAME=env:VARIABLE, --secret NAME=file:PATH or --secret-stdin.";

function assignments(pairs: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at <= 0) throw new TytoError("bad-request", `"${pair}" is not KEY=VALUE`);
      return [pair.slice(0, at), parsed(pair.slice(at + 1), `--set ${pair.slice(0, at)}`)];
    }),
  );
}

async function secretsOf(
  pairs: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Record<string, string>> {
  const secrets: Record<string, string> = {};
  for (const pair of pairs) {
    const m = /^([A-Za-z]{1,40})=(env|file):(.+)$/.exec(pair);
    // The pair is not repeated: it may be the secret itself.
    if (m === null)
      throw new TytoError("bad-request", "A --secret is not NAME=env:VARIABLE or NAME=file:PATH", {
        hint: SECRET_HINT,
      });
    const [, name = "", way, where = ""] = m;
    const value = way === "env" ? environment[where] : await textOf(where);
    if (value === undefined) throw new TytoError("bad-request", `The variable ${where} is not set`);
    secrets[name] = value.replace(/\r?\n$/, "");
  }
  return secrets;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new TytoError("bad-request", `${path} cannot be read`, { cause });
  }
}

async function readAll(stream: Readable): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part as Buffer));
  return Buffer.concat(parts).toString("utf8");
}

function objectIn(text: string, where: string): Readonly<Record<string, unknown>> {
  return asObject(parsed(text, where), where);
}

function parsed(text: string, where: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 }) as unknown;
  } catch {
    throw new TytoError("bad-request", `${where} is neither YAML nor JSON`);
  }
}

function asObject(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw new TytoError("bad-request", `${where} is no object`);
}
