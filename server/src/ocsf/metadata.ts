import { formatMicros } from "@tyto/domain";
import type { Event } from "@tyto/domain";
import { OCSF_VERSION } from "./classes.ts";
import type { FieldReader } from "./field-reader.ts";
import { known } from "./values.ts";
import type { OcsfObject } from "./values.ts";

/** What we need of an event. A stored one no longer says where its time came from. */
export type ExportedEvent = Pick<Event, "id" | "timestamp" | "ingested" | "pack" | "fields" | "raw"> &
  Partial<Pick<Event, "timeOrigin">>;

/** Where the record came from and who read it. `profiles` are those of which attributes are used. */
export function metadata(
  event: ExportedEvent,
  reader: FieldReader,
  { profiles, extension }: { readonly profiles: readonly string[]; readonly extension: "win" | undefined },
): OcsfObject {
  return {
    version: OCSF_VERSION,
    uid: event.id,
    product: productOf(event, reader),
    ...known({
      profiles,
      extensions:
        extension === undefined ? undefined : [{ name: extension, uid: "2", version: OCSF_VERSION }],
      original_event_uid: reader.text("event.id"),
      event_code: reader.text("event.code"),
      log_name: reader.text("winlog.channel") ?? reader.text("event.dataset"),
      log_source: event.pack,
      log_provider: reader.text("event.provider"),
      log_level: reader.text("log.level"),
      original_time: hasOwnTime(event) ? formatMicros(event.timestamp) : undefined,
      processed_time: Math.floor(event.ingested / 1_000),
      logged_time: reader.instant("event.created"),
      sequence: reader.whole("event.sequence"),
      tenant_uid: reader.text("organization.id"),
      labels: reader.texts("tags"),
    }),
  };
}

function hasOwnTime({ timeOrigin, timestamp, ingested }: ExportedEvent): boolean {
  return timeOrigin === undefined ? timestamp !== ingested : timeOrigin !== "received";
}

/** What a pack called `vendor-product` is for; packs that read any product's are for none. */
export function packProduct(pack: string): { readonly vendor: string; readonly product: string } | undefined {
  const [id = pack] = pack.split("/");
  if (id === "unknown" || id.startsWith("generic-")) return undefined;
  const dash = id.indexOf("-");
  return dash < 0 ? { vendor: id, product: id } : { vendor: id.slice(0, dash), product: id.slice(dash + 1) };
}

/** The product that the event names, else the one that its pack is for: packs are called `vendor-product`. */
function productOf(event: ExportedEvent, reader: FieldReader): OcsfObject {
  const pack = packProduct(event.pack);
  return {
    name: reader.text("observer.product") ?? pack?.product ?? "Unknown",
    ...known({
      vendor_name: reader.text("observer.vendor") ?? pack?.vendor,
      version: reader.text("observer.version"),
    }),
  };
}
