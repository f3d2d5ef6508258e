import { micros, MICROS_PER_MINUTE, NOTIFICATION_KIND_NAMES, ROLES } from "@tyto/domain";
import type { Alert, Micros, NotificationKind, Permission, UserId } from "@tyto/domain";
import type { ExportsPort, LiveHub, MonitoringPort, NotificationsPort, PolicyPort } from "../api/index.ts";
import type { ControlStore, UserRecord } from "../storage/index.ts";

export interface NotificationsOptions {
  readonly control: ControlStore;
  readonly live: Pick<LiveHub, "subscribe" | "notify">;
  readonly policy: Pick<PolicyPort, "lateBefore" | "deadlineOf">;
  readonly exports: Pick<ExportsPort, "list">;
  readonly monitoring: Pick<MonitoringPort, "alarms">;
  readonly now: () => Micros;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly onProblem: (error: unknown) => void;
}

/** What one person, or everybody who may do something, is told. */
interface News {
  readonly kind: NotificationKind;
  /** The same news twice is told once. */
  readonly cause: string;
  readonly title: string;
  readonly path: string;
  readonly to: { readonly names: readonly string[] } | { readonly permission: Permission };
}

const KEPT = 300;
const SOON = 15 * MICROS_PER_MINUTE;
const MAX_DUE = 100;
const MAX_WAITING = 1_000;
const LOOKED_AT = 20;
const MENTION = /(?:^|[\s(])@([\p{L}\p{N}][\p{L}\p{N}._@-]{0,63})/gu;
const mutedKey = (user: UserId): string => `notifications.muted.${user}`;

/** What is new for whom. Changes of alerts are heard of as they happen, everything else is looked for with each `tick`. */
export class Notifications implements NotificationsPort {
  readonly #options: NotificationsOptions;
  readonly #since: Micros;
  #waiting: News[] = [];
  #working: Promise<void> | undefined;
  readonly #leave: () => void;

  constructor(options: NotificationsOptions) {
    this.#options = options;
    this.#since = options.now();
    this.#leave = options.live.subscribe((alerts) => this.#hear(alerts));
  }

  /** One at a time: a second one while the first works does nothing. */
  tick(): Promise<void> {
    this.#working ??= this.#look()
      .catch(this.#options.onProblem)
      .finally(() => (this.#working = undefined));
    return this.#working;
  }

  async stop(): Promise<void> {
    this.#leave();
    await this.#working;
  }

  of(...request: Parameters<NotificationsPort["of"]>): ReturnType<NotificationsPort["of"]> {
    return this.#options.control.notifications.of(...request);
  }

  unread(user: UserId): Promise<number> {
    return this.#options.control.notifications.unread(user);
  }

  async markRead(user: UserId, ids?: readonly string[]): Promise<void> {
    const { control, now } = this.#options;
    await control.notifications.markRead(user, now(), ids);
  }

  async muted(user: UserId): Promise<readonly NotificationKind[]> {
    const kept = await this.#options.control.settings.get(mutedKey(user));
    const names = new Set((kept ?? "").split(" "));
    return NOTIFICATION_KIND_NAMES.filter((name) => names.has(name));
  }

  async mute(user: UserId, kinds: readonly NotificationKind[]): Promise<void> {
    await this.#options.control.settings.set(mutedKey(user), kinds.join(" "));
  }

  /** Called in the midst of a commit: it only takes note. */
  #hear(alerts: readonly Alert[]): void {
    for (const alert of alerts) {
      const last = alert.transitions.at(-1);
      if (last === undefined || last.at < this.#since || this.#waiting.length >= MAX_WAITING) continue;
      const path = `/alerts/${alert.id}`;
      const { change, actor, step } = last;
      if (change.kind === "assign" && change.assignee !== null && change.assignee !== actor) {
        const title = `${actor} assigned you: ${alert.title}`;
        const cause = `assigned ${alert.id} ${step}`;
        this.#waiting.push({ kind: "assigned", cause, title, path, to: { names: [change.assignee] } });
      }
      if (change.kind === "note") {
        const names = [...change.text.matchAll(MENTION)].map(([, name = ""]) => name.replace(/\.$/, ""));
        const title = `${actor} mentioned you: ${alert.title}`;
        const to = { names: names.filter((name) => name !== actor) };
        this.#waiting.push({ kind: "mention", cause: `mention ${alert.id} ${step}`, title, path, to });
      }
      if (alert.severity === "critical" && alert.status === "new") {
        const title = `Critical alert: ${alert.title}`;
        const to = { permission: "alerts.triage" } as const;
        this.#waiting.push({ kind: "critical", cause: `critical ${alert.id}`, title, path, to });
      }
    }
  }

  async #look(): Promise<void> {
    const heard = this.#waiting;
    this.#waiting = [];
    const news = [...heard, ...(await this.#due()), ...(await this.#ended()), ...this.#alarms()];
    if (news.length === 0) return;
    const users = (await this.#options.control.users.all()).filter(({ isEnabled }) => isEnabled);
    const muted = new Map<UserId, ReadonlySet<NotificationKind>>();
    for (const { id } of users) muted.set(id, new Set(await this.muted(id)));
    const { control, now, randomBytes, live } = this.#options;
    const records = news.flatMap(({ to, kind, cause, title, path }) =>
      users
        .filter((user) => isFor(to, user) && muted.get(user.id)?.has(kind) !== true)
        .map(({ id: userId }) => ({
          ...{ kind, cause, path, userId, readAt: null, at: now() },
          id: Buffer.from(randomBytes(8)).toString("hex"),
          title: title.slice(0, 300),
        })),
    );
    const told = new Set((await control.notifications.add(records)).map(({ userId }) => userId));
    for (const user of told) await control.notifications.trim(user, KEPT);
    if (told.size > 0) live.notify(users.filter(({ id }) => told.has(id)).map(({ username }) => username));
  }

  /** Alerts whose deadline is near: their owner is told, or everybody who could take them. */
  async #due(): Promise<readonly News[]> {
    const { control, policy, now } = this.#options;
    const at = now();
    const overdue = policy.lateBefore(micros(at + SOON));
    const page = { sort: "priority", limit: MAX_DUE } as const;
    const { items } = await control.alerts.list({ status: ["new", "acknowledged"], overdue }, page);
    return items.flatMap((alert): readonly News[] => {
      const deadline = policy.deadlineOf(alert);
      if (deadline === null || deadline.by <= at) return [];
      const to =
        alert.assignee === null ? { permission: "alerts.triage" as const } : { names: [alert.assignee] };
      const cause = `deadline ${alert.id} ${deadline.what} ${deadline.by}`;
      const title = `To ${deadline.what} within 15 minutes: ${alert.title}`;
      return [{ kind: "deadline", cause, title, path: `/alerts/${alert.id}`, to }];
    });
  }

  /** Exports and bulk changes that ended since the start: their makers are told. */
  async #ended(): Promise<readonly News[]> {
    const { control, exports } = this.#options;
    const since = this.#since;
    const jobs = (await control.jobs.list("bulk", LOOKED_AT))
      .filter(({ state, createdAt }) => state !== "running" && createdAt >= since)
      .map(({ id, state, createdBy }): News => ({
        ...{ kind: "job", cause: `job ${id} ${state}`, path: "/alerts" },
        title: state === "done" ? "A bulk change of alerts is done" : `A bulk change of alerts is ${state}`,
        to: { names: [createdBy] },
      }));
    const files = (await exports.list())
      .filter(({ state }) => state === "done" || state === "failed")
      .filter(({ createdAt }) => Date.parse(createdAt) * 1_000 >= since)
      .map(({ id, state, rows, createdBy }): News => ({
        ...{ kind: "export", cause: `export ${id}`, path: "/search" },
        title: state === "done" ? `Your export is ready: ${rows} rows` : "Your export failed",
        to: { names: [createdBy] },
      }));
    return [...jobs, ...files];
  }

  #alarms(): readonly News[] {
    return this.#options.monitoring.alarms().items.map(({ kind, subject, since, message }): News => {
      const isSearch = kind === "search-threshold";
      return {
        kind: isSearch ? "search" : "alarm",
        cause: `alarm ${kind} ${subject ?? ""} ${since}`,
        title: message,
        path: isSearch ? "/search" : "/settings/alarms",
        // The message names the search's owner; who may see settings sees these alarms too.
        to: { permission: "settings.read" },
      };
    });
  }
}

function isFor(to: News["to"], { username, role }: UserRecord): boolean {
  return "names" in to ? to.names.includes(username) : ROLES[role].permissions.includes(to.permission);
}

/** Looked for often enough that a notification is news. */
export const NOTIFY_EVERY_MS = 5_000;
