import type { AlertDetail } from "@tyto/domain";
import { defang } from "../../ui/text/hostile-text.ts";

/** Values come out of logs: nothing in them may become a link, a heading or a picture where the text is pasted. */
function escaped(text: string): string {
  return defang(text)
    .replace(/[\r\n]+/g, " ")
    .replace(/[\\`*_{}[\]()#+!|<>~]/g, "\\$&");
}

/** The alert for a ticket or a chat. */
export function alertMarkdown(alert: AlertDetail, link: string): string {
  const sentence = alert.sentence
    .split("**")
    .map((part, index) => (index % 2 === 1 ? `**${escaped(part)}**` : escaped(part)))
    .join("");
  const lines = [
    `### ${escaped(alert.title)}`,
    "",
    sentence,
    "",
    `- Severity: ${alert.severity} (priority ${alert.priority.score})`,
    ...alert.priority.reasons.map(
      ({ text, points }) => `  - ${escaped(text)} (${points > 0 ? "+" : ""}${points})`,
    ),
    `- Status: ${alert.status}${alert.assignee === null ? "" : `, ${escaped(alert.assignee)}`}`,
    `- Seen: ${alert.firstSeen} to ${alert.lastSeen}, ${alert.count} occurrences`,
    `- Entities: ${alert.entities
      .slice(0, 20)
      .map(({ type, value }) => `${type} ${escaped(value)}`)
      .join(", ")}`,
    `- Rules: ${alert.findings.map(({ rule }) => escaped(rule.title)).join(", ")}`,
    `- ${link}`,
  ];
  return `${lines.join("\n")}\n`;
}
