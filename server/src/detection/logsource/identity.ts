import type { FieldTable, LogsourceTable } from "./rows.ts";
import type { When } from "./when.ts";

/** Okta's system log; Elastic's integration turns its camel case into snake case under `okta`. */
const OKTA_FIELDS: FieldTable = {
  eventType: ["okta.event_type", "event.action"],
  eventtype: ["okta.event_type", "event.action", "eventType"],
  legacyEventType: ["okta.legacy_event_type"],
  displayMessage: ["okta.display_message"],
  displaymessage: ["okta.display_message", "displayMessage"],
  "actor.alternateId": ["okta.actor.alternate_id"],
  "actor.alternateid": ["okta.actor.alternate_id", "actor.alternateId"],
  "actor.displayName": ["okta.actor.display_name"],
  "actor.type": ["okta.actor.type"],
  "debugContext.debugData.behaviors": [
    "okta.debug_context.debug_data.flattened.behaviors",
    "okta.debug_context.debug_data.flattened.behaviors.*",
  ],
  "debugContext.debugData.logOnlySecurityData": [
    "okta.debug_context.debug_data.flattened.logOnlySecurityData",
    "okta.debug_context.debug_data.flattened.logOnlySecurityData.*",
  ],
  "debugContext.debugData.requestUri": [
    "okta.debug_context.debug_data.request_uri",
    "okta.debug_context.debug_data.flattened.requestUri",
  ],
  "outcome.reason": ["okta.outcome.reason"],
  "outcome.result": ["okta.outcome.result"],
  "securityContext.isProxy": ["okta.security_context.is_proxy"],
  "target.displayName": ["okta.target.display_name"],
  "target.alternateId": ["okta.target.alternate_id"],
  "target.type": ["okta.target.type"],
  "client.ipAddress": ["okta.client.ip", "source.ip"],
};

const OKTA: readonly When[] = [{ dataset: ["okta"] }, { pack: ["okta"] }];
const ONELOGIN: readonly When[] = [{ dataset: ["onelogin"] }, { pack: ["onelogin"] }];
const DUO: readonly When[] = [{ dataset: ["cisco_duo"] }, { pack: ["cisco-duo", "cisco_duo", "duo"] }];

export const IDENTITY: LogsourceTable = {
  products: [
    { product: "okta", when: OKTA, sends: ["okta"], namespaces: ["okta"] },
    { product: "onelogin", when: ONELOGIN, sends: ["onelogin"], namespaces: ["onelogin.events"] },
  ],
  rows: [
    {
      product: "okta",
      service: "okta",
      when: OKTA,
      fields: OKTA_FIELDS,
      sends: ["okta"],
    },
    {
      product: "onelogin",
      service: "onelogin.events",
      when: ONELOGIN,
      sends: ["onelogin"],
      fields: { event_type_id: ["onelogin.events.event_type_id", "event.code"] },
    },
    {
      product: "cisco",
      service: "duo",
      when: DUO,
      sends: ["cisco_duo"],
      fields: {
        event_type: ["cisco_duo.auth.event_type"],
        reason: ["cisco_duo.auth.reason", "event.reason"],
      },
    },
  ],
};
