import type { FieldReader } from "../field-reader.ts";
import { having, known, oneOrNone } from "../values.ts";
import type { OcsfObject } from "../values.ts";
import { fingerprint } from "./files.ts";

export function sourceEndpoint(reader: FieldReader): OcsfObject | undefined {
  return endpoint(reader, { sides: ["source", "client"], interfaces: "observer.ingress" });
}

export function destinationEndpoint(reader: FieldReader): OcsfObject | undefined {
  return endpoint(reader, { sides: ["destination", "server"], interfaces: "observer.egress" });
}

/** ECS tells some ends twice, as source and as client: what both say is told once. */
function endpoint(
  reader: FieldReader,
  { sides, interfaces }: { readonly sides: readonly string[]; readonly interfaces: string },
): OcsfObject | undefined {
  const at = (name: string): readonly string[] => sides.map((side) => `${side}.${name}`);
  return reader.attempt((r) => {
    const found = having(
      known({
        ip: r.ip(...at("ip"), ...at("address")),
        hostname: r.hostname(...at("domain"), ...at("address")),
        port: r.port(...at("port")),
        mac: r.mac(...at("mac")),
        zone: r.text(`${interfaces}.zone`),
        interface_name: r.text(`${interfaces}.interface.name`),
        intermediate_ips: oneOrNone(r.ip(...at("nat.ip"))),
        location: location(r, at("geo")),
        autonomous_system: autonomousSystem(r, at("as")),
      }),
      "ip",
      "hostname",
      "interface_name",
    );
    return found;
  });
}

function location(reader: FieldReader, prefixes: readonly string[]): OcsfObject | undefined {
  return known({
    city: reader.text(...prefixes.map((geo) => `${geo}.city_name`)),
    country: reader.text(...prefixes.map((geo) => `${geo}.country_iso_code`)),
    region: reader.text(...prefixes.map((geo) => `${geo}.region_iso_code`)),
    postal_code: reader.text(...prefixes.map((geo) => `${geo}.postal_code`)),
  });
}

function autonomousSystem(reader: FieldReader, prefixes: readonly string[]): OcsfObject | undefined {
  return known({
    number: reader.whole(...prefixes.map((as) => `${as}.number`)),
    name: reader.text(...prefixes.map((as) => `${as}.organization.name`)),
  });
}

/** Who reports what its own host does: there the host itself is the source. */
const ON_HOST: ReadonlySet<string> = new Set(["Microsoft-Windows-Sysmon"]);

export function sourceOrHost(reader: FieldReader): OcsfObject | undefined {
  const found = sourceEndpoint(reader);
  if (found !== undefined || !ON_HOST.has(reader.peek("event.provider") ?? "")) return found;
  return known({ hostname: reader.peek("host.name") });
}

const DIRECTIONS: ReadonlyMap<string, number> = new Map([
  ["inbound", 1],
  ["ingress", 1],
  ["outbound", 2],
  ["egress", 2],
  ["internal", 3],
]);

/** OCSF's direction of a connection or a mail; ECS's `external` and `unknown` have no number of their own. */
export function directionId(text: string | undefined): number {
  return text === undefined ? 0 : (DIRECTIONS.get(text.toLowerCase()) ?? 99);
}

export function connection(reader: FieldReader): OcsfObject | undefined {
  return reader.attempt((r) => {
    const direction = r.text("network.direction");
    const found = known({
      protocol_name: r.text("network.transport"),
      protocol_num: r.whole("network.iana_number"),
      ...protocolVersion(r),
      community_uid: r.text("network.community_id"),
      direction,
    });
    return found === undefined ? undefined : { ...found, direction_id: directionId(direction) };
  });
}

function protocolVersion(reader: FieldReader): Readonly<Record<string, number | undefined>> {
  switch (reader.peek("network.type")) {
    case "ipv4":
      reader.take("network.type");
      return { protocol_ver_id: 4 };
    case "ipv6":
      reader.take("network.type");
      return { protocol_ver_id: 6 };
    default:
      return {};
  }
}

/** Out is what the source sent, in is what came back. */
export function traffic(reader: FieldReader): OcsfObject | undefined {
  return known({
    bytes: reader.whole("network.bytes"),
    bytes_out: reader.whole("source.bytes", "client.bytes"),
    bytes_in: reader.whole("destination.bytes", "server.bytes"),
    packets: reader.whole("network.packets"),
    packets_out: reader.whole("source.packets", "client.packets"),
    packets_in: reader.whole("destination.packets", "server.packets"),
  });
}

export function tls(reader: FieldReader): OcsfObject | undefined {
  return reader.attempt((r) =>
    having(
      known({
        version: r.text("tls.version"),
        cipher: r.text("tls.cipher"),
        sni: r.text("tls.client.server_name"),
        ja3_hash: fingerprint(r.text("tls.client.ja3"), 1),
        ja3s_hash: fingerprint(r.text("tls.server.ja3s"), 1),
      }),
      "version",
    ),
  );
}
