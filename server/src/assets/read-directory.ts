import { ASSET_LIMITS, TytoError } from "@tyto/domain";
import type { AssetCandidate, AssetKind, Criticality, Diagnostic } from "@tyto/domain";
import { Client } from "ldapts";
import type { Entry } from "ldapts";
import { beyondLimits } from "./candidate.ts";
import { folded } from "./asset-index.ts";
import type { AssetReading } from "./read-csv.ts";

/** What is asked of a directory. The password is used once and kept nowhere. */
export interface DirectoryQuestion {
  /** `ldap://` or `ldaps://`. */
  readonly url: string;
  readonly bindDn: string;
  readonly password: string;
  readonly baseDn: string;
  readonly kind: Extract<AssetKind, "host" | "person">;
  /** Without one: computers or people, as Active Directory and OpenLDAP have them. */
  readonly filter?: string;
  /** Given to all that are found. */
  readonly criticality?: Criticality;
  readonly labels?: readonly string[];
}

const FILTERS = {
  person:
    "(|(&(objectCategory=person)(objectClass=user))(objectClass=inetOrgPerson)(objectClass=posixAccount))",
  host: "(|(objectClass=computer)(objectClass=ipHost)(objectClass=device))",
} as const;

/** The first that an entry has is its name; the others are aliases. */
const NAMES = {
  person: ["sAMAccountName", "uid", "cn", "userPrincipalName", "mail"],
  host: ["dNSHostName", "cn", "ipHostNumber", "sAMAccountName"],
} as const;
const ATTRIBUTES = ["managedBy", "manager", "department", "title", "description"];

const TIMEOUT_MS = 30_000;
const PAGE = 500;

/** Reads a directory once. @throws TytoError `bad-request` saying what the directory refused. */
export async function readDirectory(question: DirectoryQuestion): Promise<AssetReading> {
  const client = new Client({ url: question.url, timeout: TIMEOUT_MS, connectTimeout: TIMEOUT_MS });
  try {
    await client.bind(question.bindDn, question.password);
    const { searchEntries } = await client.search(question.baseDn, {
      scope: "sub",
      filter: question.filter ?? FILTERS[question.kind],
      attributes: [...NAMES[question.kind], ...ATTRIBUTES],
      paged: { pageSize: PAGE },
      sizeLimit: ASSET_LIMITS.assets,
      timeLimit: TIMEOUT_MS / 1_000,
    });
    return candidatesOf(searchEntries, question);
  } catch (cause) {
    throw directoryError(cause, question.url);
  } finally {
    await client.unbind().catch(() => undefined);
  }
}

/** Entries without a name, and repeated ones, are named and left out. */
export function candidatesOf(
  entries: readonly Entry[],
  question: Pick<DirectoryQuestion, "kind" | "criticality" | "labels" | "url">,
): AssetReading {
  const candidates = new Map<string, AssetCandidate>();
  const problems: Diagnostic[] = [];
  const refuse = (dn: string, message: string, hint: string): void => {
    if (problems.length < 200)
      problems.push({
        severity: "warning",
        code: "directory-entry",
        message,
        at: { file: dn.slice(0, 200) },
        hint,
      });
  };
  for (const entry of entries) {
    const names = NAMES[question.kind].flatMap((attribute) => textsOf(entry[attribute])).map(withoutDollar);
    const [name, ...others] = names;
    if (name === undefined) {
      refuse(entry.dn, "the entry has no name", `One of ${NAMES[question.kind].join(", ")} is needed.`);
      continue;
    }
    const [owner] = [...textsOf(entry["managedBy"]), ...textsOf(entry["manager"])];
    const note = [
      ...textsOf(entry["title"]),
      ...textsOf(entry["department"]),
      ...textsOf(entry["description"]),
    ].join(", ");
    const candidate: AssetCandidate = {
      kind: question.kind,
      name,
      aliases: others.filter((one) => folded(one) !== folded(name)),
      ...(owner === undefined ? {} : { owner: commonName(owner) }),
      ...(note === "" ? {} : { note: note.slice(0, ASSET_LIMITS.noteCharacters) }),
      ...(question.criticality === undefined ? {} : { criticality: question.criticality }),
      ...(question.labels === undefined ? {} : { labels: question.labels }),
    };
    const beyond = beyondLimits(candidate);
    if (beyond !== undefined) refuse(entry.dn, beyond, "It is left out.");
    else if (candidates.has(folded(name)))
      refuse(entry.dn, `another entry is called ${name} too`, "The first one counts.");
    else candidates.set(folded(name), candidate);
  }
  return { candidates: [...candidates.values()], problems, rows: entries.length };
}

function textsOf(value: Entry[string] | undefined): readonly string[] {
  const values = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return values
    .map((one) => (typeof one === "string" ? one : one.toString("utf8")).trim())
    .filter((one) => one !== "");
}

/** Active Directory calls a computer's account `DB-1$`. */
const withoutDollar = (name: string): string => name.replace(/\$$/, "");

/** `CN=Ana Keller,OU=People,DC=example` → `Ana Keller`. */
function commonName(dn: string): string {
  return /^cn=((?:[^,\\]|\\.)+)/i.exec(dn)?.[1]?.replace(/\\(.)/g, "$1") ?? dn;
}

function directoryError(cause: unknown, url: string): TytoError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const host = URL.canParse(url) ? new URL(url).host : url;
  const isRefused = /invalid credentials|49/i.test(message);
  return new TytoError(
    "bad-request",
    `The directory at ${host} did not answer with assets: ${message.slice(0, 300)}`,
    {
      cause,
      hint: isRefused
        ? "The bind name or the password is wrong."
        : "Check the address, the base and the filter; ldaps:// needs a certificate that this machine trusts.",
    },
  );
}
