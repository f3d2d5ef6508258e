import type { WebhookWay } from "../way.ts";

const REACH =
  "The product must reach the address: from the internet, put a proxy with a certificate in front";

/** Products that call, one entry each. */
export const WEBHOOKS: readonly WebhookWay[] = [
  {
    kind: "webhook",
    key: "github-webhook",
    title: "GitHub webhook",
    about: "Pushes, members, alerts and settings of a repository or organisation.",
    words: "github git code scanning push",
    group: "webhooks",
    webhook: "github",
    secret: "made",
    steps: [
      "Open Settings > Webhooks > Add webhook, of the repository or the organisation.",
      "Payload URL: the address. Content type: application/json. Secret: the secret.",
      "Choose the events; GitHub sends a ping at once.",
    ],
    checks: ["Look at Recent deliveries in GitHub: each shows what Tyto answered", REACH],
  },
  {
    kind: "webhook",
    key: "slack-webhook",
    title: "Slack events",
    about: "Events of a Slack app, signed by Slack.",
    words: "slack chat events api",
    group: "webhooks",
    webhook: "slack",
    secret: "given",
    steps: [
      "Copy the signing secret first: api.slack.com/apps > your app > Basic Information.",
      "Then Event Subscriptions > Enable events, Request URL: the address. Tyto answers the challenge.",
      "Subscribe to events and install the app again.",
    ],
    checks: [
      "Slack says Verified beside the URL; if not, the signing secret is another app's",
      "The clocks must agree within five minutes",
      REACH,
    ],
  },
  {
    kind: "webhook",
    key: "okta-webhook",
    title: "Okta event hook",
    about: "Chosen events of an Okta organisation, as they happen.",
    words: "okta identity sso event hook",
    group: "webhooks",
    webhook: "okta",
    secret: "made",
    steps: [
      "Open Workflow > Event Hooks > Create Event Hook.",
      "URL: the address. Authentication field: Authorization. Authentication secret: the secret.",
      "Subscribe to events, save, and press Verify.",
    ],
    checks: ["The hook must be verified and active in Okta", REACH],
  },
  {
    kind: "webhook",
    key: "signed-webhook",
    title: "Any product that signs its calls",
    about: "HMAC-SHA-256 of the body in X-Signature-256 or X-Signature.",
    words: "webhook generic hmac signature custom",
    group: "webhooks",
    webhook: "generic",
    secret: "made",
    steps: ["Enter the address and the secret in the product; it must sign each body in hexadecimal."],
    checks: ["The signature is over the body as it is sent, byte for byte", REACH],
  },
  {
    kind: "webhook",
    key: "token-webhook",
    title: "GitLab and products that do not sign",
    about: "The secret travels in a header: Authorization, X-Gitlab-Token or X-Auth-Token.",
    words: "webhook gitlab token bearer custom",
    group: "webhooks",
    webhook: "token",
    secret: "made",
    steps: [
      "GitLab: Settings > Webhooks > Add new webhook. URL: the address. Secret token: the secret.",
      "Others: send the header Authorization: Bearer, and the secret after it.",
    ],
    checks: ["Use HTTPS: whoever sees the header has the secret", REACH],
  },
];
