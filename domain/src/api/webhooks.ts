import Type from "typebox";
import { page } from "./basics.ts";

/** How the caller of a webhook proves who it is. */
export const WEBHOOK_KINDS = ["github", "slack", "okta", "generic", "token"] as const;
export type WebhookKind = (typeof WEBHOOK_KINDS)[number];

const KindSchema = Type.Union(
  [
    Type.Literal("github"),
    Type.Literal("slack"),
    Type.Literal("okta"),
    Type.Literal("generic"),
    Type.Literal("token"),
  ],
  {
    description:
      "github: X-Hub-Signature-256; slack: X-Slack-Signature; okta: the Authorization header is the secret; generic: X-Signature-256 over the body; token: Authorization: Bearer, X-Gitlab-Token or X-Auth-Token is the secret",
  },
);

const WEBHOOK_NAME = "^[a-z0-9][a-z0-9-]{0,62}$";

export const WebhookSchema = Type.Object({
  name: Type.String(),
  kind: KindSchema,
  /** Where its caller sends to. */
  path: Type.String(),
  createdAt: Type.String(),
  createdBy: Type.String(),
});
export type Webhook = Type.Static<typeof WebhookSchema>;

export const WebhookListSchema = page(WebhookSchema);

export const WebhookBodySchema = Type.Object(
  {
    name: Type.String({ pattern: WEBHOOK_NAME }),
    kind: KindSchema,
    secret: Type.Optional(
      Type.String({
        minLength: 8,
        maxLength: 512,
        description: "As the product gives it (Slack's signing secret); made here when absent",
      }),
    ),
  },
  { additionalProperties: false },
);
export type WebhookBody = Type.Static<typeof WebhookBodySchema>;

/** The secret is shown once and stored encrypted. */
export const CreatedWebhookSchema = Type.Object({ webhook: WebhookSchema, secret: Type.String() });
export type CreatedWebhook = Type.Static<typeof CreatedWebhookSchema>;
