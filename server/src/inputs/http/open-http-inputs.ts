import { IngestMemory } from "./body.ts";
import { createElasticsearchProtocol } from "./elasticsearch/elasticsearch-protocol.ts";
import { createGelfProtocol } from "./gelf/gelf-protocol.ts";
import { createHecProtocol } from "./hec/hec-protocol.ts";
import { createIngestHandler, DEFAULT_INGEST_LIMITS } from "./ingest-handler.ts";
import type { IngestHandler, IngestHandlerOptions } from "./ingest-handler.ts";
import { HttpIntake } from "./intake.ts";
import type { IntakeOptions } from "./intake.ts";
import { createJournaldProtocol } from "./journald/journald-protocol.ts";
import { createLokiProtocol } from "./loki/loki-protocol.ts";
import { createOsqueryProtocol } from "./osquery/osquery-protocol.ts";
import type { NodeKeySeal } from "./osquery/osquery-protocol.ts";
import { createOtlpProtocol } from "./otlp/otlp-protocol.ts";
import type { ShipperProtocol } from "./shipper.ts";
import { createWebhookProtocol } from "./webhook/webhook-protocol.ts";
import type { WebhookDirectory } from "./webhook/webhook-protocol.ts";

export interface HttpInputsOptions extends Omit<IngestHandlerOptions, "memory"> {
  /** Whether a token may stand in the address (`?token=`), where proxies and logs see it. */
  readonly allowsQueryTokens: boolean;
  /** First number that the collector of Splunk acknowledges by in this run: beyond those of every earlier one. */
  readonly firstAck: number;
  /** Monotonic. */
  readonly clockMs: () => number;
  readonly webhooks: WebhookDirectory;
  /** Of osquery's nodes. */
  readonly nodeKeys: NodeKeySeal;
}

/** Everything that takes records over HTTP, within one bound of memory. */
export function openHttpInputs(options: HttpInputsOptions): {
  readonly ingest: IngestHandler;
  readonly shippers: readonly ShipperProtocol[];
} {
  const limits = { ...DEFAULT_INGEST_LIMITS, ...options.limits };
  const memory = new IngestMemory(limits.maxBytesInFlight, options.clockMs);
  const shared: IntakeOptions = { ...options, limits, memory };
  return {
    ingest: createIngestHandler({ ...options, memory }),
    shippers: [
      createHecProtocol(new HttpIntake("hec", shared), options),
      createElasticsearchProtocol(new HttpIntake("elasticsearch", shared)),
      createOtlpProtocol(new HttpIntake("otlp", shared)),
      createJournaldProtocol(new HttpIntake("journald", shared)),
      createGelfProtocol(new HttpIntake("gelf-http", shared), options),
      createLokiProtocol(new HttpIntake("loki", shared)),
      createOsqueryProtocol(new HttpIntake("osquery", shared), options.nodeKeys),
      createWebhookProtocol(new HttpIntake("webhook", shared), options.webhooks),
    ],
  };
}
