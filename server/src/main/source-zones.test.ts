import { micros, sourceId } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import type { SourceRecord } from "../storage/index.ts";
import { SourceZones } from "./source-zones.ts";

const web = sourceId("00000000000000aa");
const source: SourceRecord = {
  id: web,
  input: "syslog-udp",
  name: "web-1",
  discriminator: "192.0.2.1|web-1",
  firstSeenAt: micros(0),
};

function control(): Parameters<typeof SourceZones.open>[0] {
  const kept = new Map<string, string>();
  return {
    settings: {
      get: (key) => Promise.resolve(kept.get(key)),
      set: (key, value) => {
        kept.set(key, value);
        return Promise.resolve();
      },
    },
    sources: () => Promise.resolve([source]),
  };
}

describe("zones of sources", () => {
  it("hold for the next record, and after a restart", async () => {
    const store = control();
    const zones = await SourceZones.open(store);
    expect(zones.settingsOf(web)).toEqual({});
    await zones.set(web, "Europe/Paris");
    expect(zones.zoneOf(web)).toBe("Europe/Paris");
    expect((await SourceZones.open(store)).settingsOf(web).zone?.name).toBe("Europe/Paris");
    await zones.set(web, null);
    expect(zones.settingsOf(web)).toEqual({});
    expect((await SourceZones.open(store)).zoneOf(web)).toBeNull();
  });

  it("refuse what is no zone, and sources that do not exist", async () => {
    const zones = await SourceZones.open(control());
    await expect(zones.set(web, "Atlantis/Centre")).rejects.toMatchObject({ code: "bad-request" });
    await expect(zones.set(sourceId("00000000000000bb"), "UTC")).rejects.toMatchObject({ code: "not-found" });
  });
});
