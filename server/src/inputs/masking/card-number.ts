/** Where a card number stands, `end` exclusive, and how many digits it has. */
export interface CardSpan {
  readonly end: number;
  readonly digits: number;
}

const MIN_DIGITS = 13;
const MAX_DIGITS = 19;
/** How cards are printed and typed, in groups with one kind of separator. Other groups are columns of numbers. */
const GROUPS: readonly (readonly number[])[] = [
  [4, 4, 4, 4, 3],
  [4, 4, 4, 4],
  [4, 6, 5],
  [4, 6, 4],
];

const ZERO = 0x30;
const SPACE = 0x20;
const DASH = 0x2d;
const DOT = 0x2e;

/**
 * The card number that begins at `start`, where a digit stands that no letter or digit is before. It is one when issuer, length and
 * check digit agree; of random digits one in sixty does.
 */
export function cardAt(text: string, start: number): CardSpan | undefined {
  const digits = digitsFrom(text, start, MAX_DIGITS + 1);
  if (digits >= MIN_DIGITS) {
    return digits <= MAX_DIGITS && isEnd(text, start + digits) && isCard(text.slice(start, start + digits))
      ? { end: start + digits, digits }
      : undefined;
  }
  const separator = text.charCodeAt(start + digits);
  if (digits !== 4 || (separator !== SPACE && separator !== DASH)) return undefined;
  for (const groups of GROUPS) {
    const found = groupedCard(text, start, groups, separator);
    if (found !== undefined) return found;
  }
  return undefined;
}

function groupedCard(
  text: string,
  start: number,
  groups: readonly number[],
  separator: number,
): CardSpan | undefined {
  let at = start;
  let digits = "";
  for (const [index, length] of groups.entries()) {
    if (index > 0) {
      if (text.charCodeAt(at) !== separator) return undefined;
      at += 1;
    }
    if (digitsFrom(text, at, length + 1) !== length) return undefined;
    digits += text.slice(at, at + length);
    at += length;
  }
  const isMore = separator === DASH && text.charCodeAt(at) === DASH && isDigit(text.charCodeAt(at + 1));
  return !isMore && isEnd(text, at) && isCard(digits) ? { end: at, digits: digits.length } : undefined;
}

function digitsFrom(text: string, start: number, most: number): number {
  let at = start;
  while (at - start < most && isDigit(text.charCodeAt(at))) at += 1;
  return at - start;
}

/** No letter, digit or underscore follows, and no decimals. */
function isEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code === DOT) return !isDigit(text.charCodeAt(at + 1));
  return (
    !isDigit(code) && !(code >= 0x41 && code <= 0x5a) && !(code >= 0x61 && code <= 0x7a) && code !== 0x5f
  );
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= 0x39;
}

function isCard(digits: string): boolean {
  return isIssued(digits) && hasCheckDigit(digits);
}

/** Issuers' first digits and lengths (ISO/IEC 7812), of those whose cards are in use. */
function isIssued(digits: string): boolean {
  const { length } = digits;
  const two = Number(digits.slice(0, 2));
  const four = Number(digits.slice(0, 4));
  const isBetween = (low: number, high: number): boolean => length >= low && length <= high;
  // Visa
  if (digits.startsWith("4")) return length === 13 || length === 16 || length === 19;
  // Mastercard
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return length === 16;
  // American Express
  if (two === 34 || two === 37) return length === 15;
  // Diners Club
  if (two === 36 || two === 38 || two === 39 || (four >= 3000 && four <= 3059)) return isBetween(14, 19);
  // JCB
  if (four >= 3528 && four <= 3589) return isBetween(16, 19);
  // Discover; UnionPay
  if (four === 6011 || two === 65 || (four >= 6440 && four <= 6499)) return isBetween(16, 19);
  if (two === 62 || two === 81) return isBetween(16, 19);
  return MAESTRO.has(four) && isBetween(MIN_DIGITS, MAX_DIGITS);
}

const MAESTRO: ReadonlySet<number> = new Set([5018, 5020, 5038, 5893, 6304, 6759, 6761, 6762, 6763]);

/** Luhn's. */
function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let index = digits.length - 1, isDoubled = false; index >= 0; index -= 1, isDoubled = !isDoubled) {
    const digit = digits.charCodeAt(index) - ZERO;
    const value = isDoubled ? digit * 2 : digit;
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}
