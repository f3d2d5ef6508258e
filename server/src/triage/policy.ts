import { micros, MICROS_PER_MINUTE, SEVERITIES } from "@tyto/domain";
import type { Alert, AlertAction, Micros, Severity, TriageSettings } from "@tyto/domain";
import type { AlertDeadlines, SettingsRepository } from "../storage/index.ts";

const SETTING = "triage.settings";

const DEFAULTS: TriageSettings = {
  deadlines: {
    critical: { acknowledgeMinutes: 15, closeMinutes: 4 * 60 },
    high: { acknowledgeMinutes: 60, closeMinutes: 24 * 60 },
    medium: { acknowledgeMinutes: 4 * 60, closeMinutes: 3 * 24 * 60 },
    low: { acknowledgeMinutes: 24 * 60, closeMinutes: 7 * 24 * 60 },
  },
  assignsOnAcknowledge: true,
};

/** What the house has agreed on: how long alerts may wait, and who gets one that is acknowledged. In memory; changes are durable first. */
export class TriagePolicy {
  readonly #settings: SettingsRepository;
  #current: TriageSettings;

  private constructor(settings: SettingsRepository, current: TriageSettings) {
    this.#settings = settings;
    this.#current = current;
  }

  static async open(settings: SettingsRepository): Promise<TriagePolicy> {
    const stored = await settings.get(SETTING);
    // Only `change` writes it, and what that takes was checked at the edge.
    return new TriagePolicy(
      settings,
      stored === undefined ? DEFAULTS : (JSON.parse(stored) as TriageSettings),
    );
  }

  get current(): TriageSettings {
    return this.#current;
  }

  async change(settings: TriageSettings): Promise<void> {
    await this.#settings.set(SETTING, JSON.stringify(settings));
    this.#current = settings;
  }

  /** Alerts opened before these instants are late now. */
  lateBefore(now: Micros): AlertDeadlines {
    const of = (severity: Severity): AlertDeadlines[Severity] => {
      const { acknowledgeMinutes, closeMinutes } = this.#current.deadlines[severity];
      const before = (minutes: number | null): Micros | null =>
        minutes === null ? null : micros(now - minutes * MICROS_PER_MINUTE);
      return { acknowledge: before(acknowledgeMinutes), close: before(closeMinutes) };
    };
    const [low, medium, high, critical] = SEVERITIES;
    return { low: of(low), medium: of(medium), high: of(high), critical: of(critical) };
  }

  /** What must happen next to an alert, and by when: the deadline that comes first. */
  readonly deadlineOf = (
    alert: Pick<Alert, "status" | "severity" | "createdAt">,
  ): { readonly what: "acknowledge" | "close"; readonly by: Micros } | null => {
    if (alert.status === "closed") return null;
    const { acknowledgeMinutes, closeMinutes } = this.#current.deadlines[alert.severity];
    const due = [
      ...(alert.status === "new" && acknowledgeMinutes !== null
        ? [
            {
              what: "acknowledge" as const,
              by: micros(alert.createdAt + acknowledgeMinutes * MICROS_PER_MINUTE),
            },
          ]
        : []),
      ...(closeMinutes === null
        ? []
        : [{ what: "close" as const, by: micros(alert.createdAt + closeMinutes * MICROS_PER_MINUTE) }]),
    ];
    return due.sort((a, b) => a.by - b.by)[0] ?? null;
  };

  /** An action as the house wants it. */
  apply(action: AlertAction): AlertAction {
    return action.kind === "acknowledge" && !this.#current.assignsOnAcknowledge
      ? { kind: "acknowledge", keepsOwner: true }
      : action;
  }
}
