import type { EventId, FindingKey, RuleId } from "@tyto/domain";

/** Keeps separators of keys, and what the stores refuse, out of a part of a key. Reversed by `unescapeKeyPart`. */
export function escapeKeyPart(text: string): string {
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

/** Key of a count: rule, group, and the first hit of the episode. */
export function episodeFindingKey(rule: RuleId, group: string, episode: string): FindingKey {
  return `${escapeKeyPart(rule)}|${group}|${episode}` as FindingKey;
}
