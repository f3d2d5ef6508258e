import type { FieldTable, LogsourceTable } from "./rows.ts";
import type { When } from "./when.ts";

/** The unified audit log of Microsoft 365. Its schema's names are kept as they are, under `o365.audit`. */
const AUDIT_FIELDS: FieldTable = {
  Operation: ["o365.audit.Operation", "event.action"],
  Workload: ["o365.audit.Workload", "event.provider"],
  ResultStatus: ["o365.audit.ResultStatus"],
  ObjectId: ["o365.audit.ObjectId"],
  ApplicationId: ["o365.audit.ApplicationId"],
  Parameters: ["o365.audit.Parameters", "o365.audit.Parameters.*"],
  OperationProperties: ["o365.audit.OperationProperties", "o365.audit.OperationProperties.*"],
  RequestType: ["o365.audit.ExtendedProperties.RequestType"],
  DeliveryAction: ["o365.audit.DeliveryAction"],
  Directionality: ["o365.audit.Directionality"],
};

/** Names of a broker's view of the same log: an alert is known by its policy's name, all else by the operation. */
const BROKER_FIELDS: FieldTable = {
  eventSource: ["o365.audit.Workload", "event.provider", "Workload"],
  eventName: ["o365.audit.Name", "event.action", "Operation"],
  status: ["event.outcome"],
};

const WHEN: readonly When[] = [
  { dataset: ["o365.audit", "o365", "m365.audit"] },
  { pack: ["o365", "microsoft-o365", "microsoft-m365", "microsoft-office365"] },
];

export const MICROSOFT365: LogsourceTable = {
  products: [
    {
      product: "m365",
      when: WHEN,
      sends: ["o365"],
      namespaces: ["o365.audit", "o365.audit.ExtendedProperties"],
    },
  ],
  rows: [
    { product: "m365", service: "audit", when: WHEN, sends: ["o365.audit"], fields: AUDIT_FIELDS },
    ...["exchange", "threat_detection", "threat_management"].map((service) => ({
      product: "m365",
      service,
      when: WHEN,
      sends: ["o365.audit"],
      fields: BROKER_FIELDS,
      unsent: { Payload: "the audit log has no such part" },
    })),
  ],
};
