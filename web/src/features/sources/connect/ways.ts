import { filebeat, winlogbeat } from "./senders/beats.ts";
import { fileImport } from "./senders/file-import.ts";
import { fluentBit } from "./senders/fluent-bit.ts";
import { fluentd } from "./senders/fluentd.ts";
import { gelf } from "./senders/gelf.ts";
import { httpJson } from "./senders/http-json.ts";
import { journalUpload } from "./senders/journal-upload.ts";
import { logstash } from "./senders/logstash.ts";
import { loki } from "./senders/loki.ts";
import { opentelemetry } from "./senders/opentelemetry.ts";
import { osquery } from "./senders/osquery.ts";
import { PULLED } from "./senders/pulled.ts";
import { rsyslog } from "./senders/rsyslog.ts";
import { splunkHec } from "./senders/splunk-hec.ts";
import { syslogDevices } from "./senders/syslog-devices.ts";
import { syslogNg } from "./senders/syslog-ng.ts";
import { vector } from "./senders/vector.ts";
import { WEBHOOKS } from "./senders/webhooks.ts";
import { WAY_GROUPS, type Way } from "./way.ts";

/** Every way in. A new sender adds a file in `senders` and its name here. */
export const WAYS: readonly Way[] = [
  rsyslog,
  syslogNg,
  syslogDevices,
  filebeat,
  winlogbeat,
  fluentBit,
  fluentd,
  logstash,
  loki,
  opentelemetry,
  osquery,
  gelf,
  journalUpload,
  vector,
  httpJson,
  splunkHec,
  fileImport,
  ...WEBHOOKS,
  ...PULLED,
];

export interface WayGroup {
  readonly title: string;
  readonly ways: readonly Way[];
}

const GROUPS = Object.entries(WAY_GROUPS);

/** By group; empty groups are left out. Every word that was typed is somewhere in the way's own words. */
export function findWays(typed: string): readonly WayGroup[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (way: Way) => {
    const text = [way.title, way.about, way.words, WAY_GROUPS[way.group]].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return GROUPS.map(([key, title]) => ({
    title,
    ways: WAYS.filter((way) => way.group === key && fits(way)),
  })).filter(({ ways }) => ways.length > 0);
}

export function wayOf(key: string | undefined): Way | undefined {
  return WAYS.find((way) => way.key === key);
}
