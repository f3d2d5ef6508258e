import type { Diagnostic } from "@tyto/domain";

/** Where alarms about Tyto itself go, and who watches it from outside. */
export interface AlarmConfig {
  readonly webhook?: string;
  readonly email?: { readonly to: string; readonly from: string; readonly smtp: string };
  /** Fetched every minute while all is well. */
  readonly heartbeat?: string;
  /** Between two canary events; none when 0. */
  readonly canaryMinutes: number;
}

export interface AlarmFlags {
  readonly alarmWebhook?: string;
  readonly alarmEmail?: string;
  readonly smtp?: string;
  readonly heartbeat?: string;
  readonly canaryMinutes?: string;
}

const DEFAULT_CANARY_MINUTES = 60;

/** Each flag has its `TYTO_…` twin, which is where addresses with passwords in them belong. */
export function readAlarms(options: {
  readonly flags: AlarmFlags;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly diagnostics: Diagnostic[];
}): AlarmConfig {
  const { flags, environment, diagnostics } = options;
  const webhook = flags.alarmWebhook ?? environment["TYTO_ALARM_WEBHOOK"];
  const to = flags.alarmEmail ?? environment["TYTO_ALARM_EMAIL"];
  const smtp = flags.smtp ?? environment["TYTO_SMTP"];
  const heartbeat = flags.heartbeat ?? environment["TYTO_HEARTBEAT"];
  const minutes = Number(flags.canaryMinutes ?? environment["TYTO_CANARY_MINUTES"] ?? DEFAULT_CANARY_MINUTES);
  const refuse = (file: string, message: string, hint: string): void =>
    void diagnostics.push({ severity: "error", code: "alarms-invalid", message, at: { file }, hint });
  for (const [file, url] of [
    ["--alarm-webhook", webhook],
    ["--heartbeat", heartbeat],
  ] as const) {
    if (url !== undefined && !isUrl(url, ["http:", "https:"]))
      refuse(file, "this is no URL", "Give https://HOST/PATH.");
  }
  if (smtp !== undefined && !isUrl(smtp, ["smtp:", "smtps:"])) {
    refuse(
      "--smtp",
      "this is no mail server",
      "Give smtp://USER:PASSWORD@HOST:587 or smtps://…, best in TYTO_SMTP.",
    );
  }
  if (to !== undefined && smtp === undefined) {
    refuse("--alarm-email", "mail needs a server to send it", "Name one with --smtp, or in TYTO_SMTP.");
  }
  if (to !== undefined && !to.includes("@"))
    refuse("--alarm-email", `"${to}" is no address`, "Give NAME@DOMAIN.");
  if (!Number.isInteger(minutes) || minutes < 0 || minutes > 1_440) {
    refuse("--canary-minutes", "this is no number of minutes", "Give 1 to 1440, or 0 for no canary.");
  }
  return {
    ...(webhook === undefined ? {} : { webhook }),
    ...(to === undefined || smtp === undefined
      ? {}
      : { email: { to, from: environment["TYTO_MAIL_FROM"] ?? to, smtp } }),
    ...(heartbeat === undefined ? {} : { heartbeat }),
    canaryMinutes: minutes,
  };
}

function isUrl(text: string, protocols: readonly string[]): boolean {
  return URL.canParse(text) && protocols.includes(new URL(text).protocol);
}
