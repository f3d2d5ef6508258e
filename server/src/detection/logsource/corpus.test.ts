/** The map against what others published: SigmaHQ's rules on the left side, integrations' expected events on the right. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { FIELDS, micros } from "@tyto/domain";
import type { Event, OriginId } from "@tyto/domain";
import { readSigmaEvent } from "../sigma-json/sigma-event.ts";
import { readRules } from "../sigma/read-rule.ts";
import type { EventRule } from "../sigma/rule.ts";
import { factsOf } from "./facts.ts";
import { itemsOf } from "./gaps.ts";
import { resolveLogsource } from "./logsource-map.ts";
import { LOGSOURCE_TABLES } from "./tables.ts";

const CORPUS = resolve(import.meta.dirname, "../../../../../shared/corpus");
const SIGMA = join(CORPUS, "sigma");
const CASES = join(CORPUS, "normalization/dev.jsonl.gz");

/** Fields that rules ask for and no event of ours has; the map says why for each. */
const UNSENT: readonly string[] = [
  "azure/activitylogs properties.message",
  "azure/auditlogs ConsentContext.IsAdminConsent",
  "azure/auditlogs Initiatedby",
  "azure/auditlogs Target",
  "azure/signinlogs NetworkLocationDetails",
  "azure/signinlogs Username",
  "firewall blocked",
  "m365/threat_management Payload",
  "proxy cs-cookie",
];

describe.skipIf(!existsSync(SIGMA))("SigmaHQ's logsources (skipped without ../shared/corpus/sigma)", () => {
  let rules: readonly EventRule[];

  beforeAll(() => {
    rules = readdirSync(SIGMA)
      .filter((folder) => folder.startsWith("rules"))
      .flatMap((folder) =>
        readdirSync(join(SIGMA, folder), { recursive: true, encoding: "utf8" })
          .filter((name) => name.endsWith(".yml"))
          .map((name) => join(SIGMA, folder, name)),
      )
      .flatMap((path) => readRules({ path, text: readFileSync(path, "utf8") }, new Map()))
      .flatMap((one) => (one.outcome === "read" && one.rule.kind === "event" ? [one.rule] : []));
  });

  it("are all in the map", () => {
    expect(rules.length).toBeGreaterThan(3_700);
    const unmapped = rules.flatMap(({ logsource }) => resolveLogsource(logsource).unmapped);
    expect([...new Set(unmapped)]).toEqual([]);
  });

  it("have every field that their rules ask for, or a reason", () => {
    const missing = new Set<string>();
    const unsent = new Set<string>();
    for (const { logsource, detection } of rules) {
      const resolved = resolveLogsource(logsource);
      const name = [logsource.product, logsource.category, logsource.service].filter(Boolean).join("/");
      for (const { field } of itemsOf(detection)) {
        if (field === null) continue;
        if (resolved.whyUnsent(field) !== undefined) unsent.add(`${name} ${field}`);
        else if (!resolved.isMapped(field)) missing.add(`${name} ${field}`);
      }
    }
    expect([...missing].sort()).toEqual([]);
    expect([...unsent].sort()).toEqual(UNSENT);
  });
});

interface ThorEntry {
  readonly category?: string;
  readonly service?: string;
  readonly product?: string;
  readonly conditions?: { readonly EventID: number | readonly number[]; readonly EventType?: string };
  readonly rewrite?: { readonly service: string };
  readonly sources?: readonly string[];
}

describe.skipIf(!existsSync(SIGMA))(
  "the runnable map of Windows (skipped without ../shared/corpus/sigma)",
  () => {
    it("gives events to no logsource that ours does not give them to", () => {
      const text = readFileSync(join(SIGMA, "logsource-map.thor.yml"), "utf8");
      const { logsources } = parse(text) as { logsources: Readonly<Record<string, ThorEntry>> };
      const entries = Object.values(logsources);
      const channelsOf = (service: string | undefined): readonly string[] =>
        entries
          .filter((one) => one.product === "windows" && one.service === service)
          .flatMap(({ sources }) => (sources ?? []).map((source) => source.replace("WinEventLog:", "")));
      const refused = entries
        .filter(({ product, category }) => product === "windows" || category === "antivirus")
        .flatMap((entry) => {
          const { conditions, rewrite } = entry;
          const { EventID, ...others } = conditions ?? { EventID: 1 };
          return channelsOf(rewrite?.service ?? entry.service).flatMap((Channel) =>
            [EventID].flat().map((code) => ({ entry, event: { Channel, EventID: code, ...others } })),
          );
        })
        .filter(({ entry: { product, category, service }, event }) => {
          const logsource = {
            ...(product === undefined ? {} : { product }),
            ...(category === undefined ? {} : { category }),
            ...(service === undefined ? {} : { service }),
          };
          return !resolveLogsource(logsource).admits(factsOf(sigmaNamed(event)));
        });
      expect(entries.length).toBeGreaterThan(80);
      expect(refused).toEqual([]);
    });
  },
);

function sigmaNamed(value: object): Event {
  const text = JSON.stringify(value);
  const origin = "00000000000000aa" as OriginId;
  const event = readSigmaEvent({ text, origin, ordinal: 1, pack: "", now: micros(1) });
  if (event === undefined) throw new Error(`no event: ${text}`);
  return event;
}

/**
 * Where the expected events of each vendor namespace are: by `product/dataset` of the cases, beginnings. `winlog.event_data` is
 * not among them, since it holds whatever name Windows writes.
 */
const EVIDENCE: Readonly<Record<string, readonly string[]>> = {
  auditd: ["auditd/", "auditd_manager/"],
  aws: ["aws/"],
  azure: ["azure/"],
  bitbucket: ["atlassian_bitbucket/"],
  cisco_duo: ["cisco_duo/"],
  fortinet: ["fortinet_fortigate/", "fortinet/"],
  github: ["github/"],
  google_workspace: ["google_workspace/"],
  o365: ["o365/"],
  okta: ["okta/"],
  panw: ["panw/"],
  zeek: ["zeek/"],
};

/** Right sides in those namespaces of which no case has an example, and where they are from. */
const UNPROVEN: readonly (readonly [why: string, names: string])[] = [
  [
    "the audit daemon's own keys, kept as they are",
    "auditd.data.a4 auditd.data.a5 auditd.data.a6 auditd.data.a7 auditd.data.key auditd.log.SYSCALL auditd.log.a4 auditd.log.a5 auditd.log.a6 auditd.log.a7 auditd.log.auid auditd.log.key auditd.log.nametype",
  ],
  ["Auditbeat's fields for the records of type PATH", "auditd.paths.name auditd.paths.nametype"],
  [
    "Microsoft Graph's directory audit, of which the cases have applications only",
    "azure.auditlogs.properties.initiated_by.user.userPrincipalName azure.auditlogs.properties.target_resources.0.user_principal_name",
  ],
  ["what the integration drops, and a pack of ours is to keep", "okta.legacy_event_type zeek.dns.Z"],
  ["Fortinet's own key, kept as it is", "fortinet.firewall.cfgpath"],
  [
    "Microsoft's schema of the Management Activity API, kept as it is",
    "o365.audit.DeliveryAction o365.audit.Directionality o365.audit.OperationProperties o365.audit.OperationProperties.*",
  ],
  [
    "Zeek's own names, of which the cases have no example",
    "zeek.files.filename zeek.http.client_header_names zeek.smb_files.action zeek.smb_files.name zeek.smb_files.path",
  ],
];

describe.skipIf(!existsSync(CASES))(
  "integrations' names (skipped without ../shared/corpus/normalization)",
  () => {
    it("are those that their expected events have", () => {
      const paths = expectedPaths();
      const names = new Set(
        LOGSOURCE_TABLES.flatMap(({ products, rows }) => [
          ...[...products, ...rows].flatMap(({ fields }) => Object.values(fields ?? {}).flat()),
          ...rows.flatMap(({ prefixes }) => Object.values(prefixes ?? {}).flat()),
        ]).filter((name) => !FIELDS.has(name) && EVIDENCE[rootOf(name)] !== undefined),
      );
      const isSeen = (name: string): boolean => {
        const known = paths.get(rootOf(name)) ?? new Set();
        const start = name.replace(/\*$/, "");
        return start.endsWith(".") ? [...known].some((path) => path.startsWith(start)) : known.has(start);
      };
      const unproven = [...names].filter((name) => !isSeen(name)).sort();
      expect(unproven).toEqual(UNPROVEN.flatMap(([, text]) => text.split(" ")).sort());
      // Most are proven: the list above must not become a way out.
      expect(unproven.length / names.size).toBeLessThan(0.25);
    });
  },
);

function rootOf(name: string): string {
  return name.split(".")[0] ?? "";
}

interface Case {
  readonly product: string;
  readonly dataset: string;
  readonly expected: unknown;
}

/** By vendor namespace, every path and every path within a list that an expected event has. */
function expectedPaths(): ReadonlyMap<string, ReadonlySet<string>> {
  const paths = new Map<string, Set<string>>(Object.keys(EVIDENCE).map((root) => [root, new Set()]));
  for (const line of gunzipSync(readFileSync(CASES)).toString("utf8").split("\n")) {
    if (line === "") continue;
    const { product, dataset, expected } = JSON.parse(line) as Case;
    for (const [root, starts] of Object.entries(EVIDENCE)) {
      if (!starts.some((start) => `${product}/${dataset}`.startsWith(start))) continue;
      const known = paths.get(root);
      if (known !== undefined) collect(expected, "", known);
    }
  }
  return paths;
}

function collect(value: unknown, path: string, known: Set<string>): void {
  if (path !== "") known.add(path);
  if (Array.isArray(value)) {
    for (const inner of value) collect(inner, path, known);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value))
      collect(inner, path === "" ? key : `${path}.${key}`, known);
  }
}
