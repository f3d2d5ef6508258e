import Type from "typebox";

/** How long an event is kept is a property of its source: one of these classes. */
export const RETENTION_CLASSES = ["short", "standard", "long"] as const;
export type RetentionClass = (typeof RETENTION_CLASSES)[number];

export const RETENTION_FRAMEWORKS = ["none", "pci-dss", "hipaa", "sox", "nis2", "iso27001"] as const;
export type RetentionFramework = (typeof RETENTION_FRAMEWORKS)[number];

/** What a framework asks for at the least (`docs/decisions/0016-backup-archive-retention.md` says where). */
export const RETENTION_FLOORS: Readonly<
  Record<RetentionFramework, { readonly name: string; readonly days: number }>
> = {
  none: { name: "Tyto's own floor", days: 90 },
  "pci-dss": { name: "PCI DSS", days: 366 },
  hipaa: { name: "HIPAA", days: 2_192 },
  sox: { name: "SOX", days: 2_557 },
  nis2: { name: "NIS2, which names no time (Tyto's own floor)", days: 90 },
  iso27001: { name: "ISO/IEC 27001, which names no time (Tyto's own floor)", days: 90 },
};

const ClassSchema = Type.Union([Type.Literal("short"), Type.Literal("standard"), Type.Literal("long")]);
const FrameworkSchema = Type.Union([
  Type.Literal("none"),
  Type.Literal("pci-dss"),
  Type.Literal("hipaa"),
  Type.Literal("sox"),
  Type.Literal("nis2"),
  Type.Literal("iso27001"),
]);
const DaysSchema = Type.Integer({ minimum: 1, maximum: 36_500 });

/** What is to change; the rest stays. */
export const RetentionBodySchema = Type.Object(
  {
    framework: Type.Optional(FrameworkSchema),
    days: Type.Optional(
      Type.Object(
        {
          short: Type.Optional(DaysSchema),
          standard: Type.Optional(DaysSchema),
          long: Type.Optional(DaysSchema),
        },
        { additionalProperties: false },
      ),
    ),
    sources: Type.Optional(
      Type.Record(Type.String({ pattern: "^[0-9a-f]{16}$" }), ClassSchema, {
        description: "Class by source id, for events from now on",
      }),
    ),
  },
  { additionalProperties: false },
);
export type RetentionBody = Type.Static<typeof RetentionBodySchema>;

const NullableNumber = Type.Union([Type.Number(), Type.Null()]);

/** At the rate of the last seven days; null while there is too little to tell. */
export const RetentionForecastSchema = Type.Object({
  storedEvents: Type.Integer(),
  storedBytes: Type.Number(),
  freeBytes: Type.Number(),
  bytesPerEvent: Type.Number(),
  eventsPerDay: NullableNumber,
  bytesPerDay: NullableNumber,
  /** Until inputs stop for want of space, if nothing expires before. */
  daysLeft: NullableNumber,
  /** What events will take once the oldest are as old as `standard` keeps them. */
  bytesWhenFull: NullableNumber,
  isEnough: Type.Union([Type.Boolean(), Type.Null()]),
});
export type RetentionForecast = Type.Static<typeof RetentionForecastSchema>;

/** A week of events of one class. */
export const RetentionWeekSchema = Type.Object({
  class: Type.String(),
  from: Type.String(),
  to: Type.String(),
  events: Type.Integer(),
  bytes: Type.Number(),
});
export type RetentionWeek = Type.Static<typeof RetentionWeekSchema>;

export const RetentionSchema = Type.Object({
  framework: FrameworkSchema,
  floorDays: Type.Integer(),
  days: Type.Object({ short: Type.Integer(), standard: Type.Integer(), long: Type.Integer() }),
  sources: Type.Record(Type.String(), ClassSchema),
  forecast: RetentionForecastSchema,
  /** Weeks that the next run drops. */
  expired: Type.Array(RetentionWeekSchema),
  /** Days that came back from an archive and stay until then, whatever their age. */
  holds: Type.Array(Type.Object({ day: Type.String(), until: Type.String() })),
});
export type Retention = Type.Static<typeof RetentionSchema>;

export const RetentionRunBodySchema = Type.Object(
  { dryRun: Type.Optional(Type.Boolean({ description: "Only say what would go" })) },
  { additionalProperties: false },
);

export const RetentionRunSchema = Type.Object({
  dryRun: Type.Boolean(),
  dropped: Type.Array(RetentionWeekSchema),
});
export type RetentionRun = Type.Static<typeof RetentionRunSchema>;
