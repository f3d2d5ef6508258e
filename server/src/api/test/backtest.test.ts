import { afterAll, beforeAll, expect, it } from "vitest";
import { micros } from "@tyto/domain";
import type { EventId, RuleId } from "@tyto/domain";
import type { BacktestPort } from "../dependencies.ts";
import { bearer, startApi } from "./api-fixture.ts";
import type { ApiFixture } from "./api-fixture.ts";

type Question = Parameters<BacktestPort["run"]>[0];

const DAY = micros(Date.UTC(2026, 0, 15) * 1_000);
const questions: Question[] = [];
let fixture: ApiFixture;

beforeAll(async () => {
  fixture = await startApi({
    backtests: {
      run: (question) => {
        questions.push(question);
        return Promise.resolve({
          rule: { id: "r" as RuleId, title: "Failed" },
          outcome: {
            evaluator: "sql",
            reason: "",
            days: [{ day: DAY, count: 2 }],
            total: 2,
            samples: [{ eventId: "00000000000000aa-1" as EventId, timestamp: DAY, count: 1 }],
            isExact: true,
            rowsRead: 7,
            bytesRead: 70,
            rechecked: 1,
          },
        });
      },
    },
  });
});
afterAll(() => fixture.close());

const ask = (payload: object) =>
  fixture.api.inject({
    method: "POST",
    url: "/api/v1/rules/backtest",
    headers: bearer(fixture.tokens.read),
    payload,
  });

it("answers per day, over the last seven days when no range is given", async () => {
  const reply = await ask({ ruleId: "r" });
  expect(reply.statusCode).toBe(200);
  expect(reply.json()).toMatchObject({
    rule: { id: "r", title: "Failed" },
    days: [{ day: "2026-01-15T00:00:00.000Z", count: 2 }],
    total: 2,
    evaluator: "sql",
    samples: [{ eventId: "00000000000000aa-1", timestamp: "2026-01-15T00:00:00.000Z", count: 1 }],
    exact: true,
    stats: { rowsRead: 7, bytesRead: 70, rechecked: 1 },
    to: "2026-01-15T12:00:00.000001Z",
  });
  expect(questions.at(-1)).toMatchObject({ source: { ruleId: "r" } });
});

it.each([
  [{}, "Name a rule by ruleId, or give one as yaml"],
  [{ ruleId: "r", yaml: "title: x" }, "Give either ruleId or yaml, not both"],
  [{ ruleId: "r", from: "soon" }, "This is no time"],
  [{ ruleId: "r", from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" }, "ends before it begins"],
])("refuses %j and says why", async (payload, why) => {
  const asked = questions.length;
  const reply = await ask(payload);
  expect(reply.statusCode).toBe(400);
  expect(reply.body).toContain(why);
  expect(questions).toHaveLength(asked);
});

it("refuses what it does not know", async () => {
  expect((await ask({ ruleId: "r", rule: "x" })).statusCode).toBe(400);
});
