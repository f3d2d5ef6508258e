import { param, sql, type BoundQuery } from "./bound-query.ts";
import { asText, ipText, type EngineValue } from "./engine-value.ts";
import type { Arguments, Emitter } from "./function-arguments.ts";
import type { AddressFunction } from "./function-names.ts";
import { escapeRegex } from "./text-match.ts";

const IPV4 = "(?:\\d{1,3}\\.){3}\\d{1,3}";

export const ADDRESS_EMITTERS: Readonly<Record<AddressFunction, Emitter>> = {
  format_ipv4: (call) => {
    const address = number4(call.value(0));
    const kept = call.count > 1 ? call.constantNumber(1) : 32;
    const mask = kept <= 0 ? 0 : (0xffffffff << (32 - Math.min(32, kept))) >>> 0;
    return call.result(
      sql`ifNull(IPv4NumToString(bitAnd(${address}, toUInt32(${param("UInt64", mask)}))), '')`,
    );
  },
  has_ipv4: (call) => {
    const wanted = escapeRegex(call.constantText(1, 'write "192.0.2.1"'));
    return call.result(
      sql`match(${call.text(0)}, ${param("String", `(?:^|[^0-9A-Za-z.])${wanted}(?:$|[^0-9A-Za-z.]|\\.(?:$|[^0-9]))`)})`,
      false,
    );
  },
  has_ipv4_prefix: (call) => {
    const wanted = escapeRegex(call.constantText(1, 'write "192.0.2."'));
    const rest = wanted.endsWith(".") ? "\\d" : "(?:$|\\D)";
    return call.result(
      sql`match(${call.text(0)}, ${param("String", `(?:^|[^0-9A-Za-z.])${wanted}${rest}`)})`,
      false,
    );
  },
  ipv4_compare: compared,
  ipv4_netmask_suffix: (call) => {
    const text = call.text(0);
    const isAddress = sql`match(${text}, ${param("String", `^${IPV4}(?:/\\d{1,2})?$`)})`;
    const suffix = sql`toInt64OrNull(extract(${text}, '/([0-9]+)$'))`;
    return call.result(sql`if(${isAddress}, least(ifNull(${suffix}, 32), 32), NULL)`);
  },
  ipv6_compare: compared,
  parse_ipv4: (call) => call.result(sql`toInt64(${number4(call.value(0))})`),
  parse_ipv6: (call) => {
    const address = address6(call.value(0));
    // Always in full, as Kusto writes it.
    const groups = sql`arrayMap(i -> lower(substring(hex(reinterpretAsFixedString(${address})), i * 4 + 1, 4)), range(8))`;
    return call.result(sql`if(isNull(${address}), '', arrayStringConcat(${groups}, ':'))`);
  },
};

function address6(value: EngineValue): BoundQuery {
  return value.form === "ip" ? value.sql : sql`toIPv6OrNull(${asText(value)})`;
}

/** The 32 bits of an IPv4 address; null for anything else. */
function number4(value: EngineValue): BoundQuery {
  if (value.form === "long" || value.form === "real") return sql`toUInt32(${value.sql})`;
  const text = value.form === "ip" ? sql`ifNull(${ipText(value.sql)}, '')` : asText(value);
  return sql`toUInt32(toIPv4OrNull(splitByChar('/', ${text})[1]))`;
}

function compared(call: Arguments): ReturnType<Emitter> {
  const [a, b] = [address6(call.value(0)), address6(call.value(1))];
  return call.result(sql`multiIf(isNull(${a}) OR isNull(${b}), NULL, ${a} < ${b}, -1, ${a} > ${b}, 1, 0)`);
}
