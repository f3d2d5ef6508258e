/**
 * The demo's days through the real parsers, rules and folding, against the answers that lie beside them: every story that rules can
 * see is found, counted right, and nothing else is said.
 */
import { micros } from "@tyto/domain";
import type { Alert, Entity } from "@tyto/domain";
import { beforeAll, describe, expect, it } from "vitest";
import { generateDay } from "../src/demo/index.ts";
import type { DemoAnswers, ExpectedAlert, StoryAnswer } from "../src/demo/index.ts";
import { DemoDetection, described } from "./harness/demo-alerts.ts";

const ENDS_AT = micros(Date.UTC(2026, 10, 20, 17, 30) * 1_000);
const SEEDS = process.env["TYTO_VERIFY"] === undefined ? [1] : [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

const names = (alert: Alert, entities: readonly Entity[]): boolean =>
  entities.some(({ type, value }) =>
    alert.entities.some((one) => one.type === type && one.value === value.toLowerCase()),
  );

/** Hosts are shared by everybody: an alert belongs to a story by its people and its addresses, and by its time. */
function belongsTo(alert: Alert, story: StoryAnswer): boolean {
  const own = story.entities.filter(({ type }) => type !== "host");
  return names(alert, own) && alert.firstSeen >= story.from && alert.lastSeen <= story.to;
}

const meets = (alert: Alert, story: StoryAnswer, expected: ExpectedAlert): boolean =>
  alert.cause === expected.cause && belongsTo(alert, story) && names(alert, expected.entities);

/** What the answers ask for and the alerts do not give. */
function missing(alerts: readonly Alert[], answers: DemoAnswers): readonly string[] {
  return answers.stories.flatMap((story) =>
    story.expected.flatMap((expected) => {
      const found = alerts.filter((alert) => meets(alert, story, expected));
      const told = `${story.name}: ${expected.cause} ×${expected.count}`;
      if (found.length !== 1) return [`${told} is ${found.length} alerts`];
      return found[0]?.count === expected.count ? [] : [`${told} counts ${found[0]?.count}`];
    }),
  );
}

/** Alerts that no answer asks for. */
function unexplained(alerts: readonly Alert[], answers: DemoAnswers): readonly string[] {
  const isExpected = (alert: Alert): boolean =>
    answers.stories.some((story) => story.expected.some((expected) => meets(alert, story, expected)));
  return alerts.filter((alert) => !isExpected(alert)).map(described);
}

/** Alerts about harmless things. */
function disturbed(alerts: readonly Alert[], answers: DemoAnswers): readonly string[] {
  return answers.twins.flatMap((twin) =>
    alerts
      .filter(
        (alert) =>
          twin.mustNotRaise.includes(alert.cause) &&
          names(alert, twin.entities) &&
          alert.firstSeen <= twin.to &&
          alert.lastSeen >= twin.from,
      )
      .map((alert) => `${twin.name}: ${described(alert)}`),
  );
}

describe("the demo's days, through all of our packs and rules", () => {
  let detection: DemoDetection;

  beforeAll(async () => {
    detection = await DemoDetection.load();
  });

  it("loads every rule", () => {
    const wrong = detection.ruleSet.report.filter(({ status }) => status === "invalid");
    expect(wrong.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([]);
  });

  it.each(SEEDS)(
    "of seed %i: every story that rules can see is detected, and no alert stands that the answers do not explain",
    async (seed) => {
      const day = generateDay({ seed, endsAt: ENDS_AT });
      const alerts = await detection.alertsOf(day);
      expect({
        missing: missing(alerts, day.answers),
        unexplained: unexplained(alerts, day.answers),
        disturbed: disturbed(alerts, day.answers),
      }).toEqual({ missing: [], unexplained: [], disturbed: [] });
    },
    120_000,
  );
});
