/**
 * Alerts survive `kill -9`: a server that is killed again and again while the events of several attacks come in ends with the alerts of
 * one that was left alone. Counts, distinct values, orders and chains of them are all in play.
 */
import { formatMicros, micros, MICROS_PER_SECOND } from "@tyto/domain";
import type { AlertDetail, Evidence } from "@tyto/domain";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ADMIN_TOKEN, ServerProcess } from "./harness/server-process.ts";
import { until } from "./harness/wait.ts";

const KILLS = process.env["TYTO_VERIFY"] === undefined ? 1 : 20;
const ATTACKERS = 4;
const BATCHES = KILLS * 4;
const START = (Date.now() - 3 * 3_600_000) * 1_000;

let killed: ServerProcess;
let spared: ServerProcess;

interface Login {
  readonly at: number;
  readonly user: string;
  readonly ip: string;
  readonly action?: string;
  readonly outcome: "success" | "failure";
}

/** One attacker's evening: many guesses and a success, one password for many accounts, and a phone that is asked until it gives in. */
function attack(n: number): readonly Login[] {
  const [guessing, spraying, asking] = [1, 2, 3].map((last) => `203.0.113.${n * 10 + last}`) as [
    string,
    string,
    string,
  ];
  const guesses = Array.from({ length: 14 }, (_, k): Login => {
    const outcome = k === 13 ? "success" : "failure";
    return { at: 8 * k, user: `guessed${n}`, ip: guessing, outcome };
  });
  const sprayed = Array.from({ length: 24 }, (_, k): Login => {
    return { at: 60 + 90 * k, user: `sprayed${n}x${k}`, ip: spraying, outcome: "failure" };
  });
  const asked = Array.from({ length: 7 }, (_, k): Login => {
    const isLast = k === 6;
    const action = isLast ? "mfa-approved" : "mfa-denied";
    return {
      at: 300 + 40 * k,
      user: `asked${n}`,
      ip: asking,
      action,
      outcome: isLast ? "success" : "failure",
    };
  });
  return [...guesses, ...sprayed, ...asked].map((one) => ({ ...one, at: one.at + n * 1_200 }));
}

/** The lines of all attacks, every third late, as they come in. */
function batches(): readonly (readonly string[])[] {
  const logins = Array.from({ length: ATTACKERS }, (_, n) => attack(n)).flat();
  const lines = logins
    .map((login, index) => ({
      login,
      index,
      arrival: login.at + (index % 3 === 0 ? (index * 377) % 2_400 : 0),
    }))
    .sort((a, b) => a.arrival - b.arrival)
    .map(({ login: { at, user, ip, action, outcome }, index }) =>
      JSON.stringify({
        "@timestamp": formatMicros(micros(START + at * MICROS_PER_SECOND)),
        message: `login ${index}`,
        event: { category: ["authentication"], outcome, ...(action === undefined ? {} : { action }) },
        user: { name: user },
        source: { ip },
      }),
    );
  const size = Math.ceil(lines.length / BATCHES);
  return Array.from({ length: BATCHES }, (_, k) => lines.slice(k * size, (k + 1) * size)).filter(
    (batch) => batch.length > 0,
  );
}

/** Sends a batch until it is acknowledged; its key makes what was taken before a kill count once. */
async function send(server: ServerProcess, lines: readonly string[], key: number): Promise<void> {
  await until(
    "the batch to be acknowledged",
    async () => {
      const response = await fetch(`${server.url}/api/v1/ingest`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${ADMIN_TOKEN}`,
          "content-type": "application/x-ndjson",
          "idempotency-key": `batch-${key}`,
        },
        body: lines.join("\n"),
      });
      return response.ok;
    },
    { timeoutMs: 120_000 },
  );
}

async function applied(server: ServerProcess): Promise<void> {
  await until("all to be applied", async () => (await server.ledger()).totals.queued === 0, {
    timeoutMs: 60_000,
  });
}

/** What people see of all alerts, by what the events say: ids differ between installations. */
async function told(server: ServerProcess): Promise<readonly unknown[]> {
  const { items } = await server.get<{ readonly items: readonly { readonly id: string }[] }>(
    "/api/v1/alerts?limit=500",
  );
  const alerts = await Promise.all(
    items.map(async ({ id }) => {
      const detail = await server.get<AlertDetail>(`/api/v1/alerts/${id}`);
      const { items: evidence } = await server.get<Evidence>(`/api/v1/alerts/${id}/events`);
      const { title, severity, status, count, firstSeen, lastSeen, entities, findings } = detail;
      return {
        title,
        severity,
        status,
        count,
        firstSeen,
        lastSeen,
        entities: entities.map(({ type, value }) => `${type} ${value}`).sort(),
        findings: findings
          .map(({ rule, count: hits, sentence }) => `${rule.title} ${hits} ${sentence}`)
          .sort(),
        evidence: evidence.map(({ fields }) => String(fields["message"])).sort(),
      };
    }),
  );
  return alerts.map((alert) => JSON.stringify(alert)).sort();
}

beforeAll(async () => {
  [killed, spared] = await Promise.all([ServerProcess.start(), ServerProcess.start()]);
}, 180_000);

afterAll(async () => {
  await Promise.all([killed.stop(), spared.stop()]);
});

it(`ends with the alerts of an undisturbed one after ${KILLS} kills at any point`, async () => {
  const all = batches();
  for (const [key, lines] of all.entries()) {
    await send(spared, lines, key);
    const sending = send(killed, lines, key);
    if (key % 4 === 3) {
      // From before the batch is taken to after its alerts are committed.
      await new Promise((resolve) => setTimeout(resolve, (key * 131) % 700));
      await killed.killHard();
      await killed.restart();
    }
    await sending;
  }
  await Promise.all([applied(killed), applied(spared)]);
  const expected = await told(spared);
  expect(expected.length).toBeGreaterThanOrEqual(3 * ATTACKERS);
  expect(await told(killed)).toEqual(expected);
}, 600_000);
