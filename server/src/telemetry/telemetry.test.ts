import { micros } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { createTelemetry } from "./index.ts";

function capture(level: "debug" | "info" = "info") {
  const lines: string[] = [];
  const stream = { write: (line: string) => lines.push(line) };
  return { lines, telemetry: createTelemetry({ stream, level, now: () => micros(1_000_000) }) };
}

describe("the log", () => {
  it("writes one JSON object per line, whatever the message holds", () => {
    const { lines, telemetry } = capture();
    telemetry.log.of("api").warn("two\nlines \u2028 and \u001b[31m colour", { count: 2 });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.indexOf("\n")).toBe((lines[0]?.length ?? 0) - 1);
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      level: "warn",
      time: "1970-01-01T00:00:01.000Z",
      module: "api",
      count: 2,
      message: "two\nlines \u2028 and \u001b[31m colour",
    });
  });

  it("leaves out what is below its level", () => {
    const { lines, telemetry } = capture();
    telemetry.log.debug("no");
    telemetry.log.info("yes");
    expect(lines).toHaveLength(1);
  });

  it("keeps an error's stack and causes", () => {
    const { lines, telemetry } = capture();
    telemetry.log.error("failed", { error: new Error("outer", { cause: new Error("inner") }) });
    expect(lines[0]).toContain("outer");
    expect(lines[0]).toContain("inner");
  });

  it("redacts secrets by name and by shape", () => {
    const { lines, telemetry } = capture();
    telemetry.log.info("sent Bearer canary-secret-1", {
      password: "canary-secret-2",
      headers: { authorization: "canary-secret-3", cookie: "canary-secret-4" },
      error: new Error("refused tyto_canary-secret-5"),
      deep: { deeper: { deepest: ["tyto_canary-secret-6"] } },
    });
    expect(lines.join("")).not.toContain("canary");
  });
});

describe("the counters", () => {
  it("adds up per reason, shared by those who define the same name", () => {
    const { counters } = capture().telemetry;
    counters.defineByReason("api_logins_refuse_total", ["wrong-password", "throttled"]).add("throttled");
    counters.defineByReason("api_logins_refuse_total", ["wrong-password", "throttled"]).add("throttled", 2);
    counters.define("api_requests_answer_total").add();
    expect(counters.read()).toEqual([
      { name: "api_logins_refuse_total", reason: "wrong-password", value: 0 },
      { name: "api_logins_refuse_total", reason: "throttled", value: 3 },
      { name: "api_requests_answer_total", reason: null, value: 1 },
    ]);
  });

  it("refuses a name or a set of reasons that breaks the rule", () => {
    const { counters } = capture().telemetry;
    expect(() => counters.define("Requests")).toThrow(/module_noun_verb_unit/);
    counters.define("api_requests_answer_total");
    expect(() => counters.defineByReason("api_requests_answer_total", ["a"])).toThrow(/other reasons/);
  });
});
