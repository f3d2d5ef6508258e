import { describe, expect, it } from "vitest";
import { clampPanelWidth, parsePreferences } from "./preferences.ts";

const DEFAULTS = { theme: "system", zone: "local", hasCharacterKeys: true, panelWidth: 520 };

describe("preferences", () => {
  it.each([null, "", "{", "[]", '"x"', "null", '{"theme":"pink","zone":3,"panelWidth":"wide"}'])(
    "fall back to the defaults from %j",
    (stored) => {
      expect(parsePreferences(stored)).toEqual(DEFAULTS);
    },
  );

  it("come back as they were stored", () => {
    const stored = { theme: "light", zone: "utc", hasCharacterKeys: false, panelWidth: 640 };
    expect(parsePreferences(JSON.stringify(stored))).toEqual(stored);
  });

  it("keep the panel usable", () => {
    expect([clampPanelWidth(10), clampPanelWidth(9_999), clampPanelWidth(600.4)]).toEqual([380, 1_100, 600]);
  });
});
