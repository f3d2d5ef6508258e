import { TytoError } from "@tyto/domain";
import type { CreatedToken, Token } from "@tyto/domain";
import type { Client } from "./client.ts";
import { printable, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";
import { tableLines } from "./table-lines.ts";

interface JsonFlag {
  readonly json: boolean;
}

export interface CreateTokenOptions extends JsonFlag {
  readonly name: string;
  readonly scope: string;
  readonly days?: number;
  readonly source?: string;
  readonly pack?: string;
  readonly input?: readonly string[];
  readonly recordsPerSecond?: number;
  readonly bytesPerSecond?: number;
}

const HEADINGS = ["id", "name", "scope", "secret", "state", "sends as", "protocols", "rate", "last used"];

/** `tyto tokens list`: all tokens, without their secrets. */
export async function listTokens(client: Client, { json }: JsonFlag, io: CommandIo): Promise<ExitStatus> {
  const list = await tokensOf(client);
  const lines = json ? [JSON.stringify(list)] : tableLines(HEADINGS, list.map(rowOf), []);
  for (const line of lines) await writeLine(io.stdout, line);
  return 0;
}

function rowOf(token: Token): readonly string[] {
  const { recordsPerSecond, bytesPerSecond, lastUsedAt, lastUsedFrom, expiresAt, pack } = token;
  const rates = [
    ...(recordsPerSecond === null ? [] : [`${recordsPerSecond} records/s`]),
    ...(bytesPerSecond === null ? [] : [`${bytesPerSecond} bytes/s`]),
  ];
  const until = expiresAt === null ? "on" : `on until ${expiresAt.slice(0, 10)}`;
  return [
    token.id,
    printable(token.name),
    token.scope,
    `${printable(token.prefix)}…`,
    token.isEnabled ? until : "off",
    printable([token.source ?? "any", ...(pack === null ? [] : [`read by ${pack}`])].join(", ")),
    token.inputs?.join(", ") ?? "any",
    rates.length === 0 ? "any" : rates.join(", "),
    lastUsedAt === null
      ? "never"
      : `${lastUsedAt.slice(0, 16).replace("T", " ")} ${lastUsedFrom ?? ""}`.trimEnd(),
  ];
}

/** `tyto tokens create`: the secret goes to standard output and is never shown again. */
export async function createToken(
  client: Client,
  options: CreateTokenOptions,
  io: CommandIo,
): Promise<ExitStatus> {
  const { name, scope, days, source, pack, input, recordsPerSecond, bytesPerSecond, json } = options;
  const made = (await client.post("/api/v1/tokens", {
    name,
    scope,
    expiresInDays: days,
    source,
    pack,
    inputs: input,
    recordsPerSecond,
    bytesPerSecond,
  })) as CreatedToken;
  return writeSecret(made, json, io);
}

/** `tyto tokens rotate`: another secret; the old one works on for some hours. */
export async function rotateToken(
  client: Client,
  options: JsonFlag & { readonly token: string; readonly hours?: number },
  io: CommandIo,
): Promise<ExitStatus> {
  const { id } = await tokenNamed(client, options.token);
  const made = (await client.post(`/api/v1/tokens/${id}/rotate`, {
    validHours: options.hours,
  })) as CreatedToken;
  await writeLine(io.stderr, `The old secret works until ${made.token.previousUntil ?? "now"}.`);
  return writeSecret(made, options.json, io);
}

/** `tyto tokens revoke`: it stops working at once, for good. */
export async function revokeToken(client: Client, asked: string, io: CommandIo): Promise<ExitStatus> {
  const { id, name } = await tokenNamed(client, asked);
  await client.delete(`/api/v1/tokens/${id}`);
  await writeLine(io.stderr, `The token ${printable(name)} works no more.`);
  return 0;
}

/** `tyto tokens off` and `on`. */
export async function switchToken(
  client: Client,
  options: { readonly token: string; readonly enabled: boolean },
  io: CommandIo,
): Promise<ExitStatus> {
  const { id, name } = await tokenNamed(client, options.token);
  await client.patch(`/api/v1/tokens/${id}`, { enabled: options.enabled });
  await writeLine(io.stderr, `The token ${printable(name)} is ${options.enabled ? "on" : "off"}.`);
  return 0;
}

async function writeSecret(made: CreatedToken, json: boolean, io: CommandIo): Promise<ExitStatus> {
  await writeLine(io.stdout, json ? JSON.stringify(made) : made.secret);
  return 0;
}

async function tokensOf(client: Client): Promise<readonly Token[]> {
  const tokens: Token[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`;
    const page = (await client.get(`/api/v1/tokens${query}`)) as {
      readonly items: readonly Token[];
      readonly nextCursor: string | null;
    };
    tokens.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return tokens;
}

/** The one with this id, else the only one with this name. */
async function tokenNamed(client: Client, asked: string): Promise<Token> {
  const tokens = await tokensOf(client);
  const byId = tokens.filter(({ id }) => id === asked);
  const [found, another] = byId.length > 0 ? byId : tokens.filter(({ name }) => name === asked);
  if (found === undefined) {
    throw new TytoError("not-found", "There is no such token", {
      hint: "`npx tyto tokens list` has their ids.",
    });
  }
  if (another === undefined) return found;
  throw new TytoError("conflict", "More than one token has that name", { hint: "Give its id." });
}
