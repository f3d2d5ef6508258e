import { describe, expect, it } from "vitest";
import { micros } from "@tyto/domain";
import { SourceRegistry, sourceIdOf } from "./source-registry.ts";
import type { SourceRecord } from "../ports.ts";

function registry(): { readonly registry: SourceRegistry; readonly durable: SourceRecord[] } {
  const durable: SourceRecord[] = [];
  const control = {
    registerSource: (source: SourceRecord): Promise<void> => {
      durable.push(source);
      return Promise.resolve();
    },
  };
  return { registry: new SourceRegistry({ control, known: [], now: () => micros(1) }), durable };
}

describe("the source registry", () => {
  it("registers a new sender once, also when its first records race", async () => {
    const { registry: sources, durable } = registry();
    const claim = { input: "syslog-udp", discriminator: "192.0.2.1|web-1", name: "web-1" } as const;
    const ids = await Promise.all([sources.resolve(claim), sources.resolve(claim)]);
    expect(new Set(ids).size).toBe(1);
    expect(durable).toHaveLength(1);
    expect(sources.resolve(claim)).toBe(ids[0]);
  });

  it("gives the same sender the same id in another installation", () => {
    const claim = { input: "http", discriminator: "token-1", name: "one name" } as const;
    expect(sourceIdOf(claim)).toBe(sourceIdOf({ ...claim }));
    expect(sourceIdOf(claim)).not.toBe(sourceIdOf({ ...claim, input: "file" }));
  });

  it("puts a flood of spoofed senders into one account", async () => {
    const { registry: sources, durable } = registry();
    const ids = new Set<string>();
    for (let n = 0; n < 10_050; n++) {
      ids.add(await sources.resolve({ input: "syslog-udp", discriminator: String(n), name: String(n) }));
    }
    expect(ids.size).toBe(10_001);
    expect(durable.at(-1)?.name).toBe("further senders");
  });
});
