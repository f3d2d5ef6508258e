/** The same Windows events in each shape that they come in: the same fields, and the same rules that match. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { formatMicros, micros, originId, sequence, sourceId } from "@tyto/domain";
import type { Event, FieldValue } from "@tyto/domain";
import { readContent } from "../src/content/index.ts";
import { createDetectionEngine, loadRuleSet, sigmaEvent } from "../src/detection/index.ts";
import { evtxFieldsReader, evtxXmlReader } from "../src/evtx/index.ts";
import { writeEvtx } from "../src/evtx/evtx-writer.fixture.ts";
import { createNormaliser } from "../src/pipeline/index.ts";
import { EVENTS } from "./windows-events.fixture.ts";
import { asLog, asNxlog, asRenderedXml, asWinlogbeat } from "./windows-forms.fixture.ts";

const PACKS = resolve(import.meta.dirname, "../../packs");
const NOW = micros(1_800_000_000_000_000);
const ORIGIN = originId("00000000000000aa");

const snapshot = await readContent([PACKS]);
const normaliser = createNormaliser({ snapshot });
const log = writeEvtx(EVENTS.map(asLog), { recordsPerChunk: 4 });

function normalised(lines: readonly string[]): readonly Event[] {
  const outcomes = normaliser.normalise(
    lines.map((line, ordinal) => ({
      sequence: sequence(ordinal + 1),
      origin: ORIGIN,
      ordinal,
      source: sourceId("00000000000000bb"),
      receivedAt: NOW,
      bytes: Buffer.from(line),
    })),
  );
  return outcomes.flatMap((outcome) => (outcome.kind === "event" ? [outcome.event] : []));
}

/** What `tyto import` makes of the log. */
const imported = normalised(
  evtxXmlReader("all.evtx")
    .push(log)
    .map(({ content }) => content),
);

/** What `tyto detect` makes of it. */
const detected = evtxFieldsReader("all.evtx")
  .push(log)
  .map(({ content, offset }) => sigmaEvent(content, { origin: ORIGIN, ordinal: offset, pack: "", now: NOW }));

const SHAPES = {
  "rendered XML": normalised(EVENTS.map(asRenderedXml)),
  Winlogbeat: normalised(EVENTS.map(asWinlogbeat)),
  NXLog: normalised(EVENTS.map(asNxlog)),
} as const;
type Shape = keyof typeof SHAPES;
const ALL_SHAPES: readonly Shape[] = ["rendered XML", "Winlogbeat", "NXLog"];

/** Who read the line: each shape has its own name. */
const READ_BY = ["pack", "event.dataset"];
/** Numbers of the provider's manifest, which shippers on Windows turn into its words. The log holds only the numbers. */
const NAMED = ["winlog.task", "winlog.opcode"];
/** The log holds the SID of the account that wrote the event; shippers on Windows ask Windows for its name. */
const LOOKED_UP = ["winlog.user.name", "winlog.user.domain", "winlog.user.type"];
/** Of the shipper itself; and Winlogbeat sends the level's name without its number. */
const WINLOGBEAT = [
  "agent.name",
  "agent.type",
  "agent.version",
  "event.created",
  "winlog.api",
  "winlog.level",
];

const MAY_DIFFER: Readonly<Record<Shape, readonly string[]>> = {
  "rendered XML": [],
  Winlogbeat: [...READ_BY, ...NAMED, ...LOOKED_UP, ...WINLOGBEAT],
  NXLog: [...READ_BY, ...NAMED, ...LOOKED_UP],
};

/** Events that name nobody else: the account that wrote them is `user`, with the name that was looked up. */
const OF_THEIR_WRITER: readonly number[] = [4104, 7045];
const WRITER = ["user.name", "user.domain", "related.user"];

function fieldsOf(event: Event | undefined): Readonly<Record<string, FieldValue>> {
  return event === undefined
    ? {}
    : { ...event.fields, "@timestamp": formatMicros(event.timestamp), pack: event.pack };
}

function without(fields: Readonly<Record<string, FieldValue>>, names: readonly string[]) {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

describe.each(ALL_SHAPES)("an event from %s", (shape) => {
  it.each(EVENTS.map((event, i) => ({ ...event, i })))(
    "has the fields of the event log: $title",
    ({ i, eventId }) => {
      const writer = shape !== "rendered XML" && OF_THEIR_WRITER.includes(eventId) ? WRITER : [];
      const names = [...MAY_DIFFER[shape], ...writer];
      const [ours, theirs] = [fieldsOf(imported[i]), fieldsOf(SHAPES[shape][i])];
      expect(Object.keys(ours).length).toBeGreaterThan(15);
      expect(without(theirs, names)).toEqual(without(ours, names));
    },
  );

  it("differs from the event log in nothing that is not explained, and in all that is", () => {
    const differs = (name: string): boolean =>
      EVENTS.some((_, i) => {
        const [ours, theirs] = [fieldsOf(imported[i])[name], fieldsOf(SHAPES[shape][i])[name]];
        return JSON.stringify(ours) !== JSON.stringify(theirs);
      });
    expect(MAY_DIFFER[shape].filter((name) => !differs(name))).toEqual([]);
  });
});

/** A rule for each event, by what its values are rather than by its id. */
const SMALL_RULES: readonly (readonly [string, string, string])[] = [
  [
    "remote logon",
    "service: security",
    "{EventID: 4624, LogonType: 10, TargetUserSid|startswith: 'S-1-5-21-', TargetLogonId: '0x5a4175e'}",
  ],
  [
    "wrong password",
    "service: security",
    "{EventID: 4625, SubStatus: '0xC000006A', TargetUserName: Administrator, IpAddress|cidr: 203.0.113.0/24}",
  ],
  [
    "audited shell",
    "service: security",
    "{EventID: 4688, NewProcessName|endswith: '\\powershell.exe', NewProcessId: '0x1a2c', MandatoryLabel: S-1-16-12288}",
  ],
  ["cleared by anna", "service: security", "{EventID: 1102, SubjectUserName: anna}"],
  [
    "shell of Word",
    "category: process_creation",
    "{ParentImage|endswith: '\\WINWORD.EXE', ParentCommandLine|contains: '<1> &', Hashes|contains: 'IMPHASH=FEDC', LogonId: '0x3e7a1'}",
  ],
  [
    "connection",
    "category: network_connection",
    "{Initiated: 'true', DestinationPort: 4444, DestinationIp|cidr: 198.51.100.0/24}",
  ],
  [
    "start-up",
    "category: file_event",
    "{TargetFilename|contains: '\\Startup\\', TargetFilename|endswith: .ps1}",
  ],
  [
    "run key",
    "category: registry_set",
    "{TargetObject|contains: '\\CurrentVersion\\Run\\', Details|startswith: 'C:\\Users\\Public\\'}",
  ],
  ["download", "category: ps_script", "{ScriptBlockText|contains|all: ['Net.WebClient', 'a<b> & c']}"],
  [
    "service",
    "service: system",
    "{EventID: 7045, Provider_Name: Service Control Manager, ServiceName: Updater, AccountName: LocalSystem}",
  ],
  ["malware", "service: windefend", "{EventID: 1116, ThreatName|contains: EICAR, Path|endswith: eicar.com}"],
];

function ruleText([title, logsource, selection]: readonly [string, string, string], i: number): string {
  const id = `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`;
  return `title: ${title}
id: ${id}
logsource: {product: windows, ${logsource}}
detection: {sel: ${selection}, condition: sel}
level: low
`;
}

const RULES = join(PACKS, "microsoft-windows/rules");
const ruleSet = loadRuleSet(
  [
    ...readdirSync(RULES).map((name) => ({ path: name, text: readFileSync(join(RULES, name), "utf8") })),
    ...SMALL_RULES.map((rule, i) => ({ path: `small/${i}.yml`, text: ruleText(rule, i) })),
  ],
  { namespaces: ["winlog", "sysmon", "powershell"] },
);

/** Titles of the rules that match each event alone, and what they matched by. */
function matches(events: readonly Event[]): readonly (readonly string[])[] {
  return events.map((event) =>
    createDetectionEngine(ruleSet)
      .process([event], NOW)
      .changes.flatMap((change) => (change.kind === "upsert" ? [change.finding.rule.title] : []))
      .sort(),
  );
}

describe("rules over the same events", () => {
  const expected = [
    ["remote logon"],
    ["wrong password"],
    ["PowerShell started with an encoded command", "audited shell"],
    ["Windows security log cleared", "cleared by anna"],
    ["PowerShell started with an encoded command", "shell of Word"],
    ["connection"],
    ["start-up"],
    ["run key"],
    ["download"],
    ["Windows service installed that runs a shell", "service"],
    ["malware"],
  ];

  it("load", () => {
    // Correlations may name rules of other packs, which are not here.
    const wrong = ruleSet.report.filter(({ status, kind }) => status === "invalid" && kind === "event");
    expect(wrong).toEqual([]);
  });

  it("match what `tyto import` makes of the log", () => {
    expect(matches(imported)).toEqual(expected);
  });

  it("match what `tyto detect` makes of the log", () => {
    expect(matches(detected)).toEqual(expected);
  });

  it.each(ALL_SHAPES)("match what comes from %s", (shape) => {
    expect(matches(SHAPES[shape])).toEqual(expected);
  });
});
