import { decode, ExtData, ExtensionCodec } from "@msgpack/msgpack";

/** Fluent's extension type for an instant with nanoseconds. */
const EVENT_TIME_TYPE = 0;

/** Seconds and nanoseconds since 1970. */
class EventTime {
  readonly seconds: number;
  readonly nanoseconds: number;

  constructor(seconds: number, nanoseconds: number) {
    this.seconds = seconds;
    this.nanoseconds = nanoseconds;
  }

  /** Seconds with all nine digits of the fraction: a number of JSON has them, one of JavaScript has not. */
  get text(): string {
    return this.nanoseconds === 0
      ? String(this.seconds)
      : `${this.seconds}.${String(this.nanoseconds).padStart(9, "0")}`;
  }
}

const extensionCodec = new ExtensionCodec();
extensionCodec.register({
  type: EVENT_TIME_TYPE,
  encode: () => null,
  decode: (data) => {
    if (data.length !== 8) return new ExtData(EVENT_TIME_TYPE, data);
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    return new EventTime(view.getUint32(0), view.getUint32(4));
  },
});

/** Decodes one whole value whose size and depth are bounded already. `undefined` when it is none. */
export function decodeMsgpack(bytes: Uint8Array): unknown {
  try {
    return decode(bytes, { extensionCodec, useBigInt64: true, mapKeyConverter: keyText });
  } catch {
    return undefined;
  }
}

/** One event as the record that is kept: `{"tag":…,"time":…,"record":{…}}`. `undefined` when it is no event. */
export function eventJson(tag: string, time: unknown, record: unknown): string | undefined {
  // Fluent Bit writes [time, metadata].
  const [instant, metadata] = Array.isArray(time) ? (time as readonly unknown[]) : [time];
  const timeText = instantText(instant);
  if (timeText === undefined || !isMap(record)) return undefined;
  const more = isMap(metadata) && Object.keys(metadata).length > 0 ? `,"metadata":${jsonText(metadata)}` : "";
  return `{"tag":${JSON.stringify(tag)},"time":${timeText},"record":${jsonText(record)}${more}}`;
}

function instantText(value: unknown): string | undefined {
  if (value instanceof EventTime) return value.text;
  if (value instanceof Date) return String(value.getTime() / 1_000);
  if (typeof value === "bigint") return value.toString();
  return typeof value === "number" && Number.isFinite(value) ? String(value) : undefined;
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value) &&
    Object.getPrototypeOf(value) === Object.prototype
  );
}

/** As deep as the value was, which the scanner has bounded. */
function jsonText(value: unknown): string {
  switch (typeof value) {
    case "bigint":
      return value.toString();
    case "string":
      return JSON.stringify(value);
    case "number":
    case "boolean":
      return JSON.stringify(value);
    default:
  }
  if (value instanceof EventTime) return value.text;
  if (value instanceof Date) return JSON.stringify(Number.isNaN(value.getTime()) ? null : value);
  if (value instanceof Uint8Array) return JSON.stringify(textOf(value));
  if (value instanceof ExtData)
    return JSON.stringify(Buffer.from(value.data as Uint8Array).toString("base64"));
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (!isMap(value)) return "null";
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${jsonText(member)}`);
  return `{${members.join(",")}}`;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Old senders write every text as bytes: they are a text where they can be, else base64. */
export function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return Buffer.from(bytes).toString("base64");
  }
}

function keyText(key: unknown): string {
  if (typeof key === "string") return key;
  return key instanceof Uint8Array ? textOf(key) : jsonText(key);
}
