import type { TokenScope } from "./api/access.ts";

/** One thing that a person may do, or not. Each route of the API asks for exactly one. */
interface PermissionEntry {
  /** After "may", for people. */
  readonly title: string;
  /** The weakest scope of an API token that has it; a token of scope ingest has none. */
  readonly scope: Exclude<TokenScope, "ingest">;
  /** Whether it changes something: each use is then written into the audit log. */
  readonly isChange: boolean;
}

const seeing = (title: string): PermissionEntry => ({ title, scope: "read", isChange: false });
const seeingAsAdmin = (title: string): PermissionEntry => ({ title, scope: "admin", isChange: false });
const changing = (title: string): PermissionEntry => ({ title, scope: "admin", isChange: true });

/** Everything that can be allowed. Roles are named sets of these. */
export const PERMISSIONS = {
  "alerts.read": seeing("see the overview and alerts"),
  "alerts.triage": changing("work on alerts: acknowledge, assign, close, note, tag"),
  "events.search": seeing("search events and follow them live"),
  "events.read": seeing("open single events with their bytes"),
  "events.export": seeing("export search results as files"),
  "searches.save": changing("save searches and views, let them run by themselves, make short links"),
  "assets.read": seeing("see assets"),
  "assets.change": changing("change, import and delete assets"),
  "rules.read": seeing("see rules and try them"),
  "rules.change": changing("change rules and their exceptions"),
  "sources.read": seeing("see sources, connections and filters"),
  "sources.change": changing("connect sources, change how they are read, parse again"),
  "filters.change": changing("leave events out and mask secrets before they are stored"),
  "settings.read": seeing("see settings, alarms and how Tyto is doing"),
  "settings.change": changing("change settings: retention, deadlines, alarms"),
  "data.copy": { title: "take backups and archives, and restore archives", scope: "admin", isChange: true },
  "tokens.manage": changing("make and take back API tokens"),
  "users.read": seeingAsAdmin("see users and roles"),
  "users.manage": changing("invite users, change their roles, switch them off"),
  "audit.read": seeingAsAdmin("read the audit log"),
} as const satisfies Readonly<Record<string, PermissionEntry>>;

export type Permission = keyof typeof PERMISSIONS;
export const PERMISSION_NAMES = Object.keys(PERMISSIONS) as readonly Permission[];

export const ROLE_NAMES = ["admin", "analyst", "viewer", "auditor"] as const;
export type RoleName = (typeof ROLE_NAMES)[number];

/** What of all events a role sees. Roles with limits see the rest as if it did not exist. */
export interface RoleLimits {
  /** In the search bar's words: only events that it lets through. Null for all. */
  readonly restriction: string | null;
  /** Fields whose values nobody of the role sees; a name covers those below it. */
  readonly masked: readonly string[];
}

export interface Role {
  readonly name: RoleName;
  readonly summary: string;
  readonly permissions: readonly Permission[];
}

export const NO_LIMITS: RoleLimits = { restriction: null, masked: [] };

const READS = [
  "alerts.read",
  "events.search",
  "events.read",
  "assets.read",
  "rules.read",
  "sources.read",
] as const satisfies readonly Permission[];

/** The built-in roles. Administrators have every permission, those of later versions too. */
export const ROLES: Readonly<Record<RoleName, Role>> = {
  admin: {
    name: "admin",
    summary: "Runs Tyto: everything, users and settings among it.",
    permissions: PERMISSION_NAMES,
  },
  analyst: {
    name: "analyst",
    summary: "Works on alerts, hunts, exports, keeps rules and assets in order.",
    permissions: [
      ...READS,
      "alerts.triage",
      "events.export",
      "searches.save",
      "assets.change",
      "rules.change",
      "settings.read",
    ],
  },
  viewer: {
    name: "viewer",
    summary: "Looks at alerts, events, rules and sources, and changes nothing.",
    permissions: READS,
  },
  auditor: {
    name: "auditor",
    summary: "Sees what a viewer sees, and who did and looked at what.",
    permissions: [...READS, "settings.read", "users.read", "audit.read"],
  },
};

export function isRoleName(text: string): text is RoleName {
  return ROLE_NAMES.some((name) => name === text);
}

export function isPermission(text: string): text is Permission {
  return text in PERMISSIONS;
}

/** Roles that have it, the strongest first: who lacks it asks for one of these. */
export function rolesWith(permission: Permission): readonly RoleName[] {
  return ROLE_NAMES.filter((name) => ROLES[name].permissions.includes(permission));
}
