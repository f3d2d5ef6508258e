import { ATTACK_VERSION, TECHNIQUE_LINES } from "./technique-lines.ts";

export interface AttackTactic {
  readonly id: string;
  /** As Sigma's tags have it: `attack.<key>`. */
  readonly key: string;
  readonly name: string;
}

export interface AttackTechnique {
  /** `T1059`, or `T1059.001`. */
  readonly id: string;
  readonly name: string;
  /** Keys of its tactics, in the matrix's order. */
  readonly tactics: readonly string[];
}

export interface AttackTable {
  readonly version: string;
  /** In the matrix's order. */
  readonly tactics: readonly AttackTactic[];
  /** By id: a technique stands before its sub-techniques. */
  readonly techniques: readonly AttackTechnique[];
}

const TACTICS = [
  ["re", "TA0043", "reconnaissance", "Reconnaissance"],
  ["rd", "TA0042", "resource-development", "Resource Development"],
  ["ia", "TA0001", "initial-access", "Initial Access"],
  ["ex", "TA0002", "execution", "Execution"],
  ["pe", "TA0003", "persistence", "Persistence"],
  ["pr", "TA0004", "privilege-escalation", "Privilege Escalation"],
  ["de", "TA0005", "defense-evasion", "Defense Evasion"],
  ["ca", "TA0006", "credential-access", "Credential Access"],
  ["di", "TA0007", "discovery", "Discovery"],
  ["lm", "TA0008", "lateral-movement", "Lateral Movement"],
  ["co", "TA0009", "collection", "Collection"],
  ["c2", "TA0011", "command-and-control", "Command and Control"],
  ["xf", "TA0010", "exfiltration", "Exfiltration"],
  ["im", "TA0040", "impact", "Impact"],
] as const;

/** The matrix of ATT&CK for Enterprise. */
export function attackTable(): AttackTable {
  const keys = new Map<string, string>(TACTICS.map(([code, , key]) => [code, key]));
  return {
    version: ATTACK_VERSION,
    tactics: TACTICS.map(([, id, key, name]) => ({ id, key, name })),
    techniques: TECHNIQUE_LINES.flatMap((line) => techniquesOf(line, keys)),
  };
}

function techniquesOf(line: string, keys: ReadonlyMap<string, string>): readonly AttackTechnique[] {
  const [number = "", codes = "", ...rest] = line.split(" ");
  const tactics = codes.split(",").flatMap((code) => keys.get(code) ?? []);
  const [name = "", ...subs] = rest.join(" ").split("|");
  return [
    { id: `T${number}`, name, tactics },
    ...subs.map((sub) => ({ id: `T${number}.${sub.slice(0, 3)}`, name: sub.slice(4), tactics })),
  ];
}

/** What a rule's tags say of ATT&CK: ids of techniques in capitals, and keys of tactics. */
export function attackOf(tags: readonly string[]): {
  readonly techniques: readonly string[];
  readonly tactics: readonly string[];
} {
  const own = tags.flatMap((tag) => (tag.startsWith("attack.") ? [tag.slice("attack.".length)] : []));
  const known = new Set<string>(TACTICS.map(([, , key]) => key));
  return {
    techniques: own.filter((tag) => /^t\d{4}(\.\d{3})?$/.test(tag)).map((tag) => tag.toUpperCase()),
    // Sigma wrote them with underscores once.
    tactics: own.map((tag) => tag.replaceAll("_", "-")).filter((tag) => known.has(tag)),
  };
}
