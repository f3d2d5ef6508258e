import { DEFAULT_TENANT, eventId, micros, originId, sequence, sourceId } from "@tyto/domain";
import type { QuarantinedRecord, QuarantineReason, Sequence } from "@tyto/domain";
import type { QuarantineChoice } from "../ports.ts";
import { identityJson, rawJson, sentWithJson } from "./event-row.ts";
import { instantJson } from "./field-values.ts";
import { jsonText } from "./json-text.ts";
import { rawBytes, sentWith } from "./stored-event.ts";

/** What `quarantinedRecord` needs of each row, in order. */
export const QUARANTINED_SELECT =
  "origin, ordinal, sequence, source, toUnixTimestamp64Micro(ingested), reason, detail, raw, raw_encoding, pack, sent_as, header";

/** A line of `JSONEachRow`. */
export function quarantinedRow(record: QuarantinedRecord): string {
  const pack = record.pack === undefined ? "" : `,"pack":${jsonText(record.pack)}`;
  return `{${identityJson(record.id)},"tenant":"${DEFAULT_TENANT}","sequence":${record.sequence},"source":"${record.source}","ingested":${instantJson(record.ingested)},"reason":"${record.reason}","detail":${jsonText(record.detail)},${rawJson(record.raw)}${pack}${sentWithJson(record.sentWith)}}\n`;
}

export function quarantinedRecord(row: readonly unknown[]): QuarantinedRecord {
  const [origin, ordinal, place, source, ingested, reason, detail, raw, encoding, pack, sentAs, header] = row;
  return {
    id: eventId(originId(String(origin)), Number(ordinal)),
    sequence: sequence(Number(place)),
    source: sourceId(String(source)),
    ingested: micros(Number(ingested)),
    reason: String(reason) as QuarantineReason,
    detail: String(detail),
    raw: rawBytes(String(raw), String(encoding)),
    ...(pack === "" ? {} : { pack: String(pack) }),
    ...sentWith(sentAs, header),
  };
}

export function quarantineWhere(choice: QuarantineChoice & { readonly before?: Sequence }): {
  readonly where: string;
  readonly params: Readonly<Record<string, unknown>>;
} {
  const conditions = ["tenant = {p0:String}"];
  const params: Record<string, unknown> = { p0: DEFAULT_TENANT };
  const add = (name: string, condition: string, value: unknown): void => {
    if (value === undefined) return;
    conditions.push(condition);
    params[name] = value;
  };
  add("p2", "sequence < {p2:UInt64}", choice.before);
  add("p3", "source IN {p3:Array(String)}", choice.sources);
  add("p4", "reason = {p4:String}", choice.reason);
  add("p5", "(pack = {p5:String} OR startsWith(pack, concat({p5:String}, '/')))", choice.pack);
  add("p6", "concat(origin, '-', toString(ordinal)) IN {p6:Array(String)}", choice.ids);
  return { where: conditions.join(" AND "), params };
}
