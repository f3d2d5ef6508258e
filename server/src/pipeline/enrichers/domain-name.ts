import { isIP } from "node:net";
import { parse } from "tldts";
import { BoundedCache } from "./bounded-cache.ts";
import { fill, textOf } from "./enricher.ts";
import type { Fields } from "./enricher.ts";

interface DomainParts {
  readonly isPublic: boolean;
  readonly registeredDomain: string | undefined;
  readonly topLevelDomain: string | undefined;
  readonly subdomain: string | undefined;
}

const NONE: DomainParts = {
  isPublic: false,
  registeredDomain: undefined,
  topLevelDomain: undefined,
  subdomain: undefined,
};

/** Fields that may hold a domain name, and the field set that its parts go to. */
const NAMED: readonly (readonly [field: string, set: string])[] = [
  ["url.domain", "url"],
  ["dns.question.name", "dns.question"],
  ["source.domain", "source"],
  ["destination.domain", "destination"],
  ["client.domain", "client"],
  ["server.domain", "server"],
];
const TARGETS = NAMED.map(([field, set]) => ({
  field,
  registeredDomain: `${set}.registered_domain`,
  topLevelDomain: `${set}.top_level_domain`,
  subdomain: `${set}.subdomain`,
}));

const MAX_NAME = 253;

/**
 * Splits domain names by the public suffix list (its ICANN part: `github.io` is a company's, not a registry's). Names are few and come
 * again, so what a name splits into is remembered.
 */
const cache = new BoundedCache(splitDomain, { size: 20_000, longestText: MAX_NAME });

export function addRegisteredDomains(fields: Fields): void {
  for (const { field, registeredDomain, topLevelDomain, subdomain } of TARGETS) {
    const name = textOf(fields, field);
    if (name === undefined) continue;
    const parts = cache.get(name);
    if (!parts.isPublic) continue;
    fill(fields, registeredDomain, parts.registeredDomain);
    fill(fields, topLevelDomain, parts.topLevelDomain);
    fill(fields, subdomain, parts.subdomain);
  }
}

/** The name ends in a suffix under which names can be registered; `localhost` and `srv.local` do not. */
export function hasPublicSuffix(name: string): boolean {
  return name.includes(".") && cache.get(name).isPublic;
}

function splitDomain(name: string): DomainParts {
  // Resolvers mix the case of questions on purpose; what is registered has none.
  const bare = (name.endsWith(".") ? name.slice(0, -1) : name).toLowerCase();
  if (bare.length > MAX_NAME || !bare.includes(".") || isIP(bare) !== 0 || bare.includes(":")) return NONE;
  // Names of services begin with an underscore (`_ldap._tcp`), which no host name may: not the splitter's business.
  const found = parse(bare, { extractHostname: false, validateHostname: false, detectIp: false });
  if (found.isIcann !== true || found.domain === null) return NONE;
  return {
    isPublic: true,
    registeredDomain: found.domain,
    topLevelDomain: found.publicSuffix ?? undefined,
    subdomain: found.subdomain === "" ? undefined : (found.subdomain ?? undefined),
  };
}
