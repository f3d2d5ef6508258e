/** What a name says about the value behind it. */
export type SecretName = "password" | "token" | "none";

/** Names are compared in lower case, without dots, dashes and underscores: `X-Api-Key` is `xapikey`. */
const PASSWORDS = ["password", "passwd", "passphrase", "pwd"];
const TOKENS = [
  "apikey",
  "accesskey",
  "accesstoken",
  "authtoken",
  "bearertoken",
  "clientsecret",
  "privatekey",
  "refreshtoken",
  "secret",
  "secretkey",
  "sessiontoken",
];
/** Whole names: as ends they are too common. */
const WHOLE: ReadonlyMap<string, SecretName> = new Map([
  ["pass", "password"],
  ["token", "token"],
  ["idtoken", "token"],
  ["xauthtoken", "token"],
  // Of sudo's rules: that no password is asked.
  ["nopasswd", "none"],
]);
/** Longer words are no names that people give. */
const LONGEST = 64;
const LAST_CODES: ReadonlySet<number> = new Set(
  [...PASSWORDS, ...TOKENS, ...WHOLE.keys()].flatMap((name) => [
    name.charCodeAt(name.length - 1),
    name.toUpperCase().charCodeAt(name.length - 1),
  ]),
);

/** Whether a word that ends so may be such a name: most do not, and need no look. */
export function mayBeSecretName(lastCode: number): boolean {
  return LAST_CODES.has(lastCode);
}

/** `db_password`, `aws_secret_access_key`, `token`: by how the name ends. */
export function secretName(word: string): SecretName {
  if (word.length > LONGEST) return "none";
  const name = word.toLowerCase().replace(/[-_.]/g, "");
  const whole = WHOLE.get(name);
  if (whole !== undefined) return whole;
  if (PASSWORDS.some((end) => name.endsWith(end))) return "password";
  return TOKENS.some((end) => name.endsWith(end)) ? "token" : "none";
}

/** What programs write where they keep the secret to themselves, or where there is none. */
const PLAIN: ReadonlySet<string> = new Set([
  "",
  "-",
  "0",
  "1",
  "(null)",
  "<nil>",
  "<redacted>",
  "[redacted]",
  "[filtered]",
  "[hidden]",
  "expired",
  "false",
  "hidden",
  "invalid",
  "nil",
  "no",
  "none",
  "null",
  "redacted",
  "true",
  "undefined",
  "yes",
]);

/** Whether a value is a secret at all. `PWD=/root` is a directory. */
export function isSecretValue(value: string, name: string): boolean {
  if (PLAIN.has(value.toLowerCase()) || /^[*x•]+$/i.test(value)) return false;
  return !(name.toLowerCase() === "pwd" && /^(?:\/|[A-Za-z]:\\)/.test(value));
}
