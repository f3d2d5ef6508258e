import { createHmac } from "node:crypto";
import type { EventId, FindingKey, RuleId } from "@tyto/domain";

const NEEDS_NO_ESCAPE = /^[\w.:-]*$/;

/** Keeps separators of keys, and what the stores refuse, out of a part of a key. Reversed by `unescapeKeyPart`. */
export function escapeKeyPart(text: string): string {
  if (NEEDS_NO_ESCAPE.test(text)) return text;
  return text
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .replace(
      /[%|&=\u0000-\u001f\u007f]/g,
      (char) => `%${char.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`,
    );
}

export function unescapeKeyPart(text: string): string {
  return text.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Key of a rule that looks at one event: the event is the window. */
export function eventFindingKey(rule: RuleId, event: EventId): FindingKey {
  return `${escapeKeyPart(rule)}||${event}` as FindingKey;
}

/**
 * A group without the names in it: keys stand in histories and sort keys, where a person could not be erased from them. Keyed, so
 * that a list of names does not open it. Empty for the group of everything.
 */
export function groupDigest(group: string, secret: string): string {
  return group === "" ? "" : createHmac("sha256", secret).update(group).digest("hex").slice(0, 32);
}

/** Key of a count: rule, digest of the group, and the first hit of the episode. */
export function episodeFindingKey(rule: RuleId, group: string, episode: string): FindingKey {
  return `${escapeKeyPart(rule)}|${group}|${episode}` as FindingKey;
}
