import type { Permission } from "@tyto/domain";

export interface Section {
  readonly key: string;
  readonly name: string;
  readonly group: "You" | "People" | "Operation";
  /** What else people call it: found by the search inside settings. */
  readonly words: string;
  readonly needs?: Permission;
}

/** The side list, top to bottom. */
export const SECTIONS = [
  {
    key: "profile",
    name: "Profile",
    group: "You",
    words: "password account sessions sign out devices theme keys",
  },
  {
    key: "users",
    name: "Users",
    group: "People",
    words: "people invite reset password switch off login accounts",
    needs: "users.read",
  },
  {
    key: "roles",
    name: "Roles",
    group: "People",
    words: "permissions admin analyst viewer auditor restriction mask fields limits",
    needs: "users.read",
  },
  {
    key: "tokens",
    name: "Tokens",
    group: "People",
    words: "api keys ingest secrets machines shippers rotate",
    needs: "tokens.manage",
  },
  {
    key: "audit",
    name: "Audit log",
    group: "People",
    words: "who searched read exported changed history compliance",
    needs: "audit.read",
  },
  {
    key: "retention",
    name: "Retention",
    group: "Operation",
    words: "days keep delete disk forecast pci hipaa nis2 floor classes",
    needs: "settings.read",
  },
  {
    key: "alerts",
    name: "Alert handling",
    group: "Operation",
    words: "deadlines sla acknowledge close assign severity",
    needs: "settings.read",
  },
  {
    key: "alarms",
    name: "Alarms about Tyto",
    group: "Operation",
    words: "health webhook email canary heartbeat monitoring engine down silent",
    needs: "settings.read",
  },
  {
    key: "encryption",
    name: "Encryption and backup",
    group: "Operation",
    words: "key rotate restore archive copies",
    needs: "settings.read",
  },
  {
    key: "system",
    name: "System",
    group: "Operation",
    words: "version schema storage size queue licence support bundle about",
    needs: "settings.read",
  },
] as const satisfies readonly Section[];

export type SectionKey = (typeof SECTIONS)[number]["key"];

/** Sections that hold every word, in their name or beside it. */
export function findSections<T extends Section>(sections: readonly T[], words: string): readonly T[] {
  const terms = words
    .toLowerCase()
    .split(/\s+/)
    .filter((term) => term !== "");
  return sections.filter(({ name, words: others }) => {
    const text = `${name} ${others}`.toLowerCase();
    return terms.every((term) => text.includes(term));
  });
}
