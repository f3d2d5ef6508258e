/** A token that tells by its beginning whose it is. What follows the beginning is masked. */
interface TokenFormat {
  readonly prefix: string;
  /** Of the whole token. */
  readonly minLength: number;
  readonly maxLength?: number;
}

/** Prefixes and lengths as their makers document them. */
const FORMATS: readonly TokenFormat[] = [
  // AWS access key ids, of users and of sessions.
  ...["AKIA", "ASIA", "ABIA", "ACCA"].map((prefix) => ({ prefix, minLength: 20, maxLength: 20 })),
  // GitHub
  ...["ghp_", "gho_", "ghu_", "ghs_", "ghr_"].map((prefix) => ({ prefix, minLength: 40 })),
  { prefix: "github_pat_", minLength: 60 },
  // GitLab
  { prefix: "glpat-", minLength: 26 },
  // Slack
  ...["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-"].map((prefix) => ({ prefix, minLength: 24 })),
  // Stripe
  ...["sk_live_", "rk_live_", "sk_test_", "rk_test_"].map((prefix) => ({ prefix, minLength: 24 })),
  // Google
  { prefix: "AIza", minLength: 39, maxLength: 39 },
  { prefix: "ya29.", minLength: 30 },
  // npm, PyPI, SendGrid, HashiCorp Vault, DigitalOcean, Shopify
  { prefix: "npm_", minLength: 40 },
  { prefix: "pypi-", minLength: 60 },
  { prefix: "SG.", minLength: 60 },
  { prefix: "hvs.", minLength: 28 },
  { prefix: "dop_v1_", minLength: 71 },
  { prefix: "shpat_", minLength: 38 },
  // Tyto's own
  { prefix: "tyto_", minLength: 40 },
];

/** By their first character: most words begin with none of them. */
const BY_FIRST: ReadonlyMap<number, readonly TokenFormat[]> = byFirst();

function byFirst(): ReadonlyMap<number, readonly TokenFormat[]> {
  const groups = new Map<number, TokenFormat[]>();
  for (const format of FORMATS) {
    const first = format.prefix.charCodeAt(0);
    const group = groups.get(first);
    if (group === undefined) groups.set(first, [format]);
    else group.push(format);
  }
  return groups;
}

/** Whether a word that begins so may be a token: most do not, and need no look. */
export function mayBeToken(firstCode: number): boolean {
  return firstCode === 0x65 || BY_FIRST.has(firstCode);
}

/** Letters and digits of a header, a dot, and the payload, which is an object too (RFC 7519). */
const WEB_TOKEN = /^eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}$/;

/**
 * Where the secret of a token begins in a word, or -1 when the word is no token.
 * @param word without what stands around it: letters, digits, dots, dashes, underscores.
 */
export function secretOfToken(word: string): number {
  for (const { prefix, minLength, maxLength = Infinity } of BY_FIRST.get(word.charCodeAt(0)) ?? []) {
    if (word.length >= minLength && word.length <= maxLength && word.startsWith(prefix)) return prefix.length;
  }
  if (word.startsWith("eyJ") && WEB_TOKEN.test(word)) return 3;
  return -1;
}
