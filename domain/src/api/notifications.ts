import Type from "typebox";
import { InstantSchema } from "./basics.ts";

/** What a person can be told of, and can mute. */
export const NOTIFICATION_KINDS = {
  assigned: "Alerts assigned to me",
  mention: "Notes that name me with @",
  critical: "New alerts of severity critical",
  deadline: "Deadlines that are about to pass",
  export: "Exports that ended",
  job: "Bulk changes that ended",
  search: "Scheduled searches that reached their threshold",
  alarm: "Alarms about Tyto itself",
} as const;
export type NotificationKind = keyof typeof NOTIFICATION_KINDS;
export const NOTIFICATION_KIND_NAMES = Object.keys(NOTIFICATION_KINDS) as readonly NotificationKind[];

const KindSchema = Type.Enum([...NOTIFICATION_KIND_NAMES]);

export const NotificationSchema = Type.Object({
  id: Type.String(),
  at: InstantSchema,
  kind: KindSchema,
  title: Type.String(),
  /** Where in the console it is. */
  path: Type.String(),
  isRead: Type.Boolean(),
});
export type Notification = Type.Static<typeof NotificationSchema>;

export const NotificationListSchema = Type.Object({
  items: Type.Array(NotificationSchema),
  nextCursor: Type.Union([Type.String(), Type.Null()]),
  /** Of all, not of this page. */
  unread: Type.Integer(),
});
export type NotificationList = Type.Static<typeof NotificationListSchema>;

export const NotificationQuerySchema = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
    cursor: Type.Optional(Type.String({ maxLength: 100 })),
  },
  { additionalProperties: false },
);

export const ReadBodySchema = Type.Object(
  {
    ids: Type.Optional(
      Type.Array(Type.String({ maxLength: 64 }), { maxItems: 500, description: "All of them without" }),
    ),
  },
  { additionalProperties: false },
);

export const MutedSchema = Type.Object({ muted: Type.Array(KindSchema) }, { additionalProperties: false });
export type Muted = Type.Static<typeof MutedSchema>;
