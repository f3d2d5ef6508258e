import type { FieldTable, LogsourceTable } from "./rows.ts";

const FLAT = "aws.cloudtrail.flattened";

const CLOUDTRAIL: FieldTable = {
  eventName: ["event.action"],
  eventSource: ["event.provider"],
  eventType: ["aws.cloudtrail.event_type"],
  eventCategory: ["aws.cloudtrail.event_category"],
  errorCode: ["aws.cloudtrail.error_code", "error.code"],
  errorMessage: ["aws.cloudtrail.error_message", "error.message"],
  userAgent: ["user_agent.original"],
  sourceIPAddress: ["source.address", "source.ip"],
  src_ip: ["source.ip"],
  src_country: ["source.geo.country_iso_code"],
  awsRegion: ["cloud.region"],
  recipientAccountId: ["aws.cloudtrail.recipient_account_id"],
  status: ["event.outcome"],
  "userIdentity.type": ["aws.cloudtrail.user_identity.type"],
  "userIdentity.arn": ["aws.cloudtrail.user_identity.arn"],
  "userIdentity.userName": ["user.name"],
  "userIdentity.principalId": ["user.id"],
  "userIdentity.accessKeyId": ["aws.cloudtrail.user_identity.access_key_id"],
  "userIdentity.sessionContext.sessionIssuer.type": [
    "aws.cloudtrail.user_identity.session_context.session_issuer.type",
  ],
  "requestParameters.userName": ["user.target.name"],
  requestParameters: ["aws.cloudtrail.request_parameters", `${FLAT}.request_parameters.*`],
  responseElements: ["aws.cloudtrail.response_elements", `${FLAT}.response_elements.*`],
  additionalEventData: ["aws.cloudtrail.additional_eventdata", `${FLAT}.additional_eventdata.*`],
};

const PREFIXES: FieldTable = {
  "requestParameters.": [`${FLAT}.request_parameters.`],
  "responseElements.": [`${FLAT}.response_elements.`],
  "additionalEventData.": [`${FLAT}.additional_eventdata.`],
  "userIdentity.": ["aws.cloudtrail.user_identity."],
};

export const AWS: LogsourceTable = {
  products: [
    {
      product: "aws",
      when: [{ cloud: ["aws"] }, { pack: ["aws"] }, { dataset: ["aws"] }],
      sends: ["aws"],
      namespaces: ["aws.cloudtrail", FLAT],
    },
  ],
  rows: [
    {
      product: "aws",
      service: "cloudtrail",
      when: [{ dataset: ["aws.cloudtrail"] }, { pack: ["aws-cloudtrail"] }],
      sends: ["aws.cloudtrail"],
      fields: CLOUDTRAIL,
      prefixes: PREFIXES,
    },
  ],
};
