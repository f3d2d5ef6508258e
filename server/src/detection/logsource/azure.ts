import type { FieldTable, LogsourceTable } from "./rows.ts";
import type { When } from "./when.ts";

/**
 * Azure's and Entra's logs as Azure Monitor exports them. Field names on the right are those of Elastic's integration, which
 * turns the camel case of Microsoft's schemas into snake case; then Microsoft's own, in the nesting of the export.
 */
const SIGN_IN = "azure.signinlogs.properties";
const AUDIT = "azure.auditlogs.properties";
const RISK = "azure.identityprotection.properties";

const ACTIVITY_FIELDS: FieldTable = {
  operationName: ["azure.activitylogs.operation_name", "event.action"],
  OperationNameValue: ["azure.activitylogs.operation_name", "event.action", "operationName"],
  CategoryValue: ["azure.activitylogs.event_category", "azure.activitylogs.category", "category"],
  ResourceId: ["azure.resource.id", "resourceId"],
  ResourceProviderValue: ["azure.resource.provider"],
};

const AUDIT_FIELDS: FieldTable = {
  operationName: ["azure.auditlogs.operation_name", "event.action"],
  OperationName: ["azure.auditlogs.operation_name", "event.action", "operationName"],
  ActivityDisplayName: [
    `${AUDIT}.activity_display_name`,
    "properties.activityDisplayName",
    "activityDisplayName",
  ],
  ActivityType: [`${AUDIT}.activity_display_name`, "properties.activityDisplayName"],
  activityType: [`${AUDIT}.activity_display_name`, "properties.activityDisplayName"],
  Category: [`${AUDIT}.category`, "properties.category", "Category", "category"],
  category: [`${AUDIT}.category`, "properties.category"],
  LoggedByService: [`${AUDIT}.logged_by_service`, "properties.loggedByService", "loggedByService"],
  Status: ["event.outcome", "Status", "properties.result"],
  "properties.result": ["event.outcome"],
  failure_status_reason: [`${AUDIT}.result_reason`, "properties.resultReason"],
  TargetResources: [`${AUDIT}.target_resources.*`, "properties.targetResources", "targetResources"],
  "properties.targetResources": [`${AUDIT}.target_resources.*`],
  "TargetResources.ModifiedProperties.DisplayName": [
    `${AUDIT}.target_resources.0.modified_properties.0.display_name`,
    "properties.targetResources.modifiedProperties.displayName",
  ],
  "TargetResources.ModifiedProperties.NewValue": [
    `${AUDIT}.target_resources.0.modified_properties.0.new_value`,
    "properties.targetResources.modifiedProperties.newValue",
  ],
  "TargetResources.modifiedProperties.newValue": [
    `${AUDIT}.target_resources.0.modified_properties.0.new_value`,
    "properties.targetResources.modifiedProperties.newValue",
  ],
  "TargetResources.modifiedProperties": [
    `${AUDIT}.target_resources.0.modified_properties.*`,
    "properties.targetResources.modifiedProperties",
  ],
  "targetResources.type": [`${AUDIT}.target_resources.0.type`, "properties.targetResources.type"],
  "additionalDetails.additionalInfo": [
    `${AUDIT}.additional_details.value`,
    "properties.additionalDetails.value",
  ],
  Initiatedby: [
    `${AUDIT}.initiated_by.user.userPrincipalName`,
    "properties.initiatedBy.user.userPrincipalName",
  ],
  "Initiatied.By": [
    `${AUDIT}.initiated_by.user.userPrincipalName`,
    "properties.initiatedBy.user.userPrincipalName",
  ],
  "properties.initiatedBy": [`${AUDIT}.initiated_by.*`],
  Target: [`${AUDIT}.target_resources.0.user_principal_name`, "properties.targetResources.userPrincipalName"],
  // What people read as the message of an audit record is the name of what was done; the export has no other.
  "properties.message": [`${AUDIT}.activity_display_name`, "properties.activityDisplayName", "event.action"],
};

const SIGN_IN_FIELDS: FieldTable = {
  AuthenticationRequirement: [
    `${SIGN_IN}.authentication_requirement`,
    "properties.authenticationRequirement",
  ],
  "properties.authenticationRequirement": [`${SIGN_IN}.authentication_requirement`],
  ClientApp: [`${SIGN_IN}.client_app_used`, "properties.clientAppUsed", "clientAppUsed"],
  "DeviceDetail.deviceId": [`${SIGN_IN}.device_detail.device_id`, "properties.deviceDetail.deviceId"],
  "properties.deviceDetail.deviceId": [`${SIGN_IN}.device_detail.device_id`],
  "DeviceDetail.isCompliant": [
    `${SIGN_IN}.device_detail.is_compliant`,
    "properties.deviceDetail.isCompliant",
  ],
  "DeviceDetail.trusttype": [`${SIGN_IN}.device_detail.trust_type`, "properties.deviceDetail.trustType"],
  NetworkLocationDetails: [`${SIGN_IN}.network_location_details`, "properties.networkLocationDetails"],
  ResourceDisplayName: [
    `${SIGN_IN}.resource_display_name`,
    "properties.resourceDisplayName",
    "resourceDisplayName",
  ],
  ResultType: ["azure.signinlogs.result_type", "resultType"],
  resultType: ["azure.signinlogs.result_type"],
  ResultDescription: ["azure.signinlogs.result_description", "resultDescription"],
  Resultdescription: ["azure.signinlogs.result_description", "resultDescription"],
  RiskState: [`${SIGN_IN}.risk_state`, "properties.riskState", "riskState"],
  Status: ["event.outcome"],
  ActivityDetails: ["azure.signinlogs.operation_name", "event.action", "operationName"],
  Username: [`${SIGN_IN}.user_principal_name`, "properties.userPrincipalName", "userPrincipalName"],
  callerIpAddress: ["source.ip", "client.ip"],
  conditionalAccessStatus: [`${SIGN_IN}.conditional_access_status`, "properties.conditionalAccessStatus"],
  homeTenantId: [`${SIGN_IN}.home_tenant_id`, "properties.homeTenantId"],
  resourceTenantId: [`${SIGN_IN}.resource_tenant_id`, "properties.resourceTenantId"],
  location: ["source.geo.country_iso_code", "properties.location.countryOrRegion"],
  "properties.appId": [`${SIGN_IN}.app_id`],
  "properties.message": [`${SIGN_IN}.authentication_protocol`, "properties.authenticationProtocol"],
  userAgent: ["user_agent.original", "properties.userAgent"],
};

const RISK_FIELDS: FieldTable = {
  riskEventType: [`${RISK}.risk_event_type`, "properties.riskEventType"],
};

const PACKS = ["azure", "microsoft-azure", "microsoft-entra"];

/** A log by its dataset, whoever names it so, or by the name that a pack of ours gives it. */
function logs(...names: readonly string[]): readonly When[] {
  return [{ dataset: names.map((name) => `azure.${name}`) }, { pack: PACKS, dataset: names }];
}

export const AZURE: LogsourceTable = {
  products: [
    {
      product: "azure",
      when: [{ dataset: ["azure"] }, { pack: PACKS }, { module: ["azure"] }],
      sends: ["azure"],
      namespaces: [SIGN_IN, AUDIT, "azure.activitylogs", "azure.signinlogs", "azure.auditlogs"],
    },
  ],
  rows: [
    {
      product: "azure",
      service: "activitylogs",
      when: logs("activitylogs", "activity"),
      sends: ["azure.activitylogs"],
      fields: ACTIVITY_FIELDS,
      unsent: {
        "properties.message": "activity records state what was done in operationName, and no message",
      },
    },
    {
      product: "azure",
      service: "auditlogs",
      when: logs("auditlogs", "audit"),
      sends: ["azure.auditlogs"],
      fields: AUDIT_FIELDS,
      unsent: {
        "ConsentContext.IsAdminConsent":
          "an entry of a list of names and values, under whichever number it has",
        Initiatedby: "the rule's UPN stands for a name that is to be filled in",
        Target: "the rule's UPN stands for a name that is to be filled in",
      },
    },
    {
      product: "azure",
      service: "signinlogs",
      when: logs("signinlogs", "signin"),
      sends: ["azure.signinlogs"],
      fields: SIGN_IN_FIELDS,
      unsent: {
        NetworkLocationDetails: "an empty list has no text that a rule could equal",
        Username: "the rule's UPN stands for a name that is to be filled in",
      },
      synonyms: { "properties.message": { "device code": ["deviceCode"] } },
    },
    ...["riskdetection", "pim"].map((service) => ({
      product: "azure",
      service,
      when: logs("identity_protection", "identityprotection"),
      sends: ["azure.identityprotection"],
      fields: RISK_FIELDS,
    })),
  ],
};
