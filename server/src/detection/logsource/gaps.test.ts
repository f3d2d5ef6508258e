import { describe, expect, it } from "vitest";
import { loadRuleSet } from "../load-rule-set.ts";

function verdictOf(rule: string, namespaces?: readonly string[]): string {
  const text = `title: t\nid: 11111111-1111-4111-8111-111111111111\n${rule}\n`;
  const [report] = loadRuleSet(
    [{ path: "r.yml", text }],
    namespaces === undefined ? {} : { namespaces },
  ).report;
  return report?.reason === undefined ? (report?.status ?? "") : `${report.status}: ${report.reason}`;
}

const rule = (logsource: string, selection: string): string =>
  `logsource: {${logsource}}\ndetection: {sel: ${selection}, condition: sel}`;
const RISK = rule("product: azure, service: riskdetection", "{riskEventType: x}");
const SPOKEN = rule("product: cisco, service: aaa", "[words]");

describe("what a rule lacks", () => {
  it.each([
    [
      "a pack, with the place where its field would be",
      RISK,
      ["aws"],
      "needs-field: no loaded pack sends azure.identityprotection (map: riskEventType → azure.identityprotection.properties.risk_event_type)",
    ],
    ["nothing once a pack fills the namespace", RISK, ["azure"], "runnable"],
    ["nothing once a pack fills part of it", RISK, ["azure.identityprotection.properties"], "runnable"],
    ["nothing that is judged without a list of packs", RISK, undefined, "runnable"],
    [
      "a pack, for words in a message",
      SPOKEN,
      ["cisco.asa"],
      "needs-field: no loaded pack sends cisco.ios (map: keywords)",
    ],
    ["nothing where ECS says all", rule("category: proxy", "{cs-host: x}"), [], "runnable"],
    [
      "a product that the map does not know",
      rule("product: unheard-of", "{a: b}"),
      ["aws"],
      "needs-field: no source that we read is known as product unheard-of",
    ],
    [
      "a field that the map does not know",
      rule("product: aws, service: cloudtrail", "{nosuch: x}"),
      ["aws"],
      "needs-field: no field of ours is known as nosuch",
    ],
    [
      "a field that such events never have",
      rule("category: proxy", "{cs-cookie: x}"),
      ["aws"],
      "needs-field: no event has cs-cookie: web logs that we read hold no cookies",
    ],
    [
      "a value that the field never has",
      rule("product: azure, service: signinlogs", "{Status: MFA Denied}"),
      ["azure"],
      "needs-field: no event has this value of Status: event.outcome is one of failure, success, unknown",
    ],
    [
      "a part of a value that the field never has",
      rule("product: azure, service: signinlogs", "{Status|contains: MFA Denied}"),
      ["azure"],
      "needs-field: no event has this value of Status: event.outcome is one of failure, success, unknown",
    ],
    [
      "nothing when another value will do",
      rule("product: azure, service: signinlogs", "{Status: [MFA Denied, Success]}"),
      ["azure"],
      "runnable",
    ],
  ] as const)("is %s", (_, text, namespaces, expected) => {
    expect(verdictOf(text, namespaces)).toBe(expected);
  });
});
