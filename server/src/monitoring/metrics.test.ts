import { describe, expect, it } from "vitest";
import { createMetrics } from "./metrics.ts";

const metrics = createMetrics({
  version: "1.2.3",
  accounts: () => [
    {
      id: "00000000000000aa",
      name: 'fw "one"\n',
      received: 10,
      stored: 7,
      queued: 1,
      unknown: 2,
      filteredBy: { duplicate: 1 },
      quarantinedBy: { oversize: 1 },
      masked: { password: 5 },
    },
  ],
  filters: () => [["00ff", 6]],
  stages: () => [{ stage: "normalise", ms: 1_500, records: 7 }],
  inputs: () => [{ input: "syslog-udp", counts: { dropped_back_pressure: 3 } }],
  datagramsLost: () => Promise.resolve(null),
  journal: () => Promise.resolve({ bytes: 100, freeBytes: 200 }),
  engine: () => ({ status: "ok", restarts: 1 }),
  isStalled: () => false,
  isEncrypted: () => true,
  rules: () => 233,
  alarms: () => [{ kind: "source-silent" }, { kind: "source-silent" }],
  canarySeconds: () => 1.5,
  counters: () => [{ name: "api_logins_refuse_total", reason: "password", value: 4 }],
});

describe("the metrics", () => {
  it("are Prometheus' text, read anew at each scrape", async () => {
    await metrics.text();
    const lines = (await metrics.text()).split("\n");
    for (const line of [
      'tyto_build_info{version="1.2.3"} 1',
      "# TYPE tyto_records_received_total counter",
      'tyto_records_received_total{source="fw \\"one\\"\\n",source_id="00000000000000aa"} 10',
      'tyto_records_queued{source="fw \\"one\\"\\n",source_id="00000000000000aa"} 1',
      'tyto_records_quarantined_total{reason="oversize"} 1',
      'tyto_input_records_total{input="syslog-udp",count="dropped_back_pressure"} 3',
      'tyto_stage_seconds_total{stage="normalise"} 1.5',
      'tyto_secrets_masked_total{kind="password"} 5',
      'tyto_filter_events_total{filter="00ff"} 6',
      "tyto_engine_up 1",
      "tyto_engine_restarts_total 1",
      'tyto_alarms{kind="source-silent"} 2',
      "tyto_canary_seconds 1.5",
      'tyto_api_logins_refuse_total{reason="password"} 4',
    ]) {
      expect(lines).toContain(line);
    }
    expect(lines.some((line) => line.startsWith("process_cpu_seconds_total"))).toBe(true);
    expect(lines).toContain("tyto_udp_datagrams_lost_total 0");
    expect(metrics.contentType).toContain("text/plain");
  });
});
