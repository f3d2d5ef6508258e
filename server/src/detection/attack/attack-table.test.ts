import { describe, expect, it } from "vitest";
import { attackOf, attackTable } from "./attack-table.ts";

describe("the matrix of ATT&CK", () => {
  const { tactics, techniques, version } = attackTable();
  const byId = new Map(techniques.map((one) => [one.id, one]));

  it("has the tactics and techniques of its version", () => {
    expect(version).toBe("18.1");
    expect(tactics).toHaveLength(14);
    expect(techniques.filter(({ id }) => !id.includes("."))).toHaveLength(216);
    expect(byId.size).toBe(techniques.length);
    expect(byId.get("T1059.001")).toEqual({ id: "T1059.001", name: "PowerShell", tactics: ["execution"] });
    expect(byId.get("T1110")?.name).toBe("Brute Force");
    expect(byId.get("T1078")?.tactics).toEqual([
      "initial-access",
      "persistence",
      "privilege-escalation",
      "defense-evasion",
    ]);
  });

  it("has every technique under a tactic, and every sub-technique under its technique", () => {
    const keys = new Set(tactics.map(({ key }) => key));
    const stray = techniques.filter(
      ({ id, name, tactics: own }) =>
        own.length === 0 || own.some((key) => !keys.has(key)) || name === "" || !byId.has(id.slice(0, 5)),
    );
    expect(stray).toEqual([]);
  });

  it("reads a rule's tags", () => {
    expect(attackOf(["attack.t1110.003", "attack.credential_access", "cve.2024.1", "attack.s0002"])).toEqual({
      techniques: ["T1110.003"],
      tactics: ["credential-access"],
    });
  });
});
