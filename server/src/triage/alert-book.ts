import { TytoError } from "@tyto/domain";
import type { Alert, AlertAction, AlertId, FindingChange, Micros } from "@tyto/domain";
import type { AlertProjections, AlertRepository } from "../storage/index.ts";
import { foldFindings, weighed } from "./fold.ts";
import { NO_ASSETS } from "./priority.ts";
import type { AssetLookup } from "./priority.ts";
import { lastStep, recorded, transition } from "./transition.ts";

export interface AlertBookOptions {
  readonly alerts: AlertRepository;
  readonly projections: AlertProjections;
  readonly now: () => Micros;
  /** What the register of assets knows; without it nothing is raised. */
  readonly assets?: AssetLookup;
  /** Alerts as they now are, after every change that became durable. Must not throw. */
  readonly onChanged?: (alerts: readonly Alert[]) => void;
  /** The relational store is the truth; a projection that failed is reported here and repeated with the next change. */
  readonly onProjectionFailed: (error: unknown) => void;
}

/** The one place where alerts change. Detection's growth and people's actions take turns, so neither overwrites the other. */
export class AlertBook {
  readonly #options: AlertBookOptions;
  /** Changed alerts whose projection failed; the newest state of each. */
  readonly #unprojected = new Map<AlertId, Alert>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: AlertBookOptions) {
    this.#options = options;
  }

  /**
   * Folds changes into alerts and hands the changed ones to `commit`, which makes them durable together with whatever else must
   * become true at once. Nothing counts unless `commit` resolves.
   */
  grow(
    changes: readonly FindingChange[],
    commit: (alerts: readonly Alert[]) => Promise<void>,
  ): Promise<void> {
    return this.#inTurn(async () => {
      const changed = changes.length === 0 ? [] : await this.#fold(changes);
      await commit(changed);
      this.#options.onChanged?.(changed);
      await this.#project(changed);
    });
  }

  /**
   * A person's action.
   * @param after the newest step that the caller had seen; `conflict` when there is a newer one by someone else.
   */
  act(request: {
    readonly id: AlertId;
    readonly action: AlertAction;
    readonly actor: string;
    readonly after?: number;
  }): Promise<Alert> {
    return this.#inTurn(async () => {
      const alert = await this.#options.alerts.byId(request.id);
      if (alert === undefined) throw new TytoError("not-found", `There is no alert ${request.id}`);
      refuseStale(alert, request.after);
      const next = transition(alert, request.action, { actor: request.actor, at: this.#options.now() });
      await this.#options.alerts.save(next, lastStep(alert));
      this.#options.onChanged?.([next]);
      await this.#project([next]);
      return next;
    });
  }

  /** Weighs an open alert again, after the register of assets changed. @returns whether it weighs something else now. */
  reweigh(id: AlertId): Promise<boolean> {
    return this.#inTurn(async () => {
      const alert = await this.#options.alerts.byId(id);
      if (alert === undefined || alert.status === "closed" || alert.absorbedInto !== null) return false;
      const next = weighed(alert, this.#options.assets ?? NO_ASSETS);
      if (JSON.stringify(weightOf(next)) === JSON.stringify(weightOf(alert))) return false;
      const { severity, priority } = next;
      const change = { kind: "reweighed", severity, score: priority.score } as const;
      const stepped = recorded(next, change, { actor: "detection", at: this.#options.now() });
      await this.#options.alerts.save(stepped, lastStep(alert));
      this.#options.onChanged?.([stepped]);
      await this.#project([stepped]);
      return true;
    });
  }

  /** Projects alerts again, after a start: the last life may have ended between its commit and its projection. */
  project(alerts: readonly Alert[]): Promise<void> {
    return this.#inTurn(() => this.#project(alerts));
  }

  #fold(changes: readonly FindingChange[]): Promise<readonly Alert[]> {
    const { alerts, now, assets = NO_ASSETS } = this.#options;
    return foldFindings(changes, alerts, now(), assets);
  }

  async #project(alerts: readonly Alert[]): Promise<void> {
    for (const alert of alerts) this.#unprojected.set(alert.id, alert);
    if (this.#unprojected.size === 0) return;
    const batch = [...this.#unprojected.values()];
    try {
      await this.#options.projections.append(batch);
      this.#unprojected.clear();
    } catch (error) {
      this.#options.onProjectionFailed(error);
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

const weightOf = ({ severity, priority, assets }: Alert): object => ({ severity, priority, assets });

/** Growth by detection is no conflict: only another person's step since then is. */
function refuseStale(alert: Alert, after: number | undefined): void {
  if (after === undefined) return;
  const newer = alert.transitions.find((step) => step.step > after && step.actor !== "detection");
  if (newer === undefined) return;
  throw new TytoError(
    "conflict",
    `${newer.actor} changed this alert in the meantime (${newer.change.kind})`,
    {
      hint: "Load the alert again and repeat the action if it still applies.",
    },
  );
}
