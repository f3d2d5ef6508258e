/** ECS 9.4, "Categorization fields": the four classes have closed lists of values. */
export const EVENT_KINDS = [
  "alert",
  "asset",
  "enrichment",
  "event",
  "metric",
  "state",
  "pipeline_error",
  "signal",
] as const;

export const EVENT_OUTCOMES = ["failure", "success", "unknown"] as const;

/** Which types fit which category. A category that is not named here fits all types. */
export const TYPES_BY_CATEGORY = {
  api: [
    "access",
    "admin",
    "allowed",
    "change",
    "creation",
    "deletion",
    "denied",
    "end",
    "info",
    "start",
    "user",
  ],
  authentication: ["start", "end", "info"],
  configuration: ["access", "change", "creation", "deletion", "info"],
  database: ["access", "change", "info", "error"],
  driver: ["change", "end", "info", "start"],
  email: ["info"],
  file: ["access", "change", "creation", "deletion", "info"],
  host: ["access", "change", "end", "info", "start"],
  iam: ["admin", "change", "creation", "deletion", "group", "info", "user"],
  intrusion_detection: ["allowed", "denied", "info"],
  library: ["start"],
  malware: ["info"],
  network: ["access", "allowed", "connection", "denied", "end", "info", "protocol", "start"],
  package: ["access", "change", "deletion", "info", "installation", "start"],
  process: ["access", "change", "end", "info", "start"],
  registry: ["access", "change", "creation", "deletion"],
  session: ["start", "end", "info"],
  threat: ["indicator"],
  vulnerability: ["info"],
  web: ["access", "error", "info"],
} as const satisfies Record<string, readonly string[]>;

export const EVENT_CATEGORIES = Object.keys(TYPES_BY_CATEGORY);

export const EVENT_TYPES = [
  "access",
  "admin",
  "allowed",
  "change",
  "connection",
  "creation",
  "deletion",
  "denied",
  "device",
  "end",
  "error",
  "group",
  "indicator",
  "info",
  "installation",
  "protocol",
  "start",
  "user",
] as const;

/** Values of fields with closed lists, by field name. */
export const ALLOWED_VALUES: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["event.kind", EVENT_KINDS],
  ["event.category", EVENT_CATEGORIES],
  ["event.type", EVENT_TYPES],
  ["event.outcome", EVENT_OUTCOMES],
]);
