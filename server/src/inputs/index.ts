/**
 * Owns bytes → records, one folder per way in: framing, limits, back-pressure, and the answer to the sender. Refuses to interpret
 * a record (that is the pipeline) and to keep one (that is the sink). Promises that nothing is acknowledged before the sink holds
 * it, that every record is handed on or counted with a reason, and that the way a stream is cut into packets changes nothing.
 */
export { maskSecrets } from "./masking/mask-secrets.ts";
export { MaskingSink } from "./masking/masking-sink.ts";
export * from "./counts.ts";
export * from "./datagram/datagram-input.ts";
export * from "./file/import-file.ts";
export * from "./file/import-target.ts";
export * from "./fluent/fluent.ts";
export * from "./gelf/gelf.ts";
export * from "./http/ingest-handler.ts";
export * from "./lumberjack/lumberjack.ts";
export * from "./http/shipper.ts";
export * from "./http/open-http-inputs.ts";
export type { KnownWebhook, WebhookDirectory } from "./http/webhook/webhook-protocol.ts";
export * from "./ports.ts";
export * from "./relp/relp.ts";
export * from "./stream/stream-input.ts";
export { Connections } from "./pull/connections.ts";
export { connectionKinds } from "./pull/kinds.ts";
export * from "./syslog/tcp.ts";
export * from "./syslog/udp.ts";
