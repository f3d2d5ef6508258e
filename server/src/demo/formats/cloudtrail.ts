import { formatMicros, micros } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import type { Logbook } from "../logbook.ts";
import type { Rng } from "../rng.ts";
import type { World } from "../world.ts";

export const CLOUDTRAIL_SOURCE = "aws-cloudtrail";

export interface CloudCall {
  readonly at: Micros;
  readonly service: string;
  readonly name: string;
  readonly identity: Readonly<Record<string, unknown>>;
  readonly address: string;
  readonly agent: string;
  readonly isReadOnly: boolean;
  readonly parameters: unknown;
  readonly response?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

/** A management event of AWS CloudTrail, version 1.09. */
export function cloudTrail(book: Logbook, world: World, rng: Rng, call: CloudCall): void {
  const event = {
    eventVersion: "1.09",
    userIdentity: call.identity,
    eventTime: wholeSeconds(call.at),
    eventSource: `${call.service}.amazonaws.com`,
    eventName: call.name,
    awsRegion: world.aws.region,
    sourceIPAddress: call.address,
    userAgent: call.agent,
    ...(call.error === undefined ? {} : { errorCode: call.error.code, errorMessage: call.error.message }),
    requestParameters: call.parameters,
    responseElements: call.response ?? null,
    requestID: uuid(rng),
    eventID: uuid(rng),
    readOnly: call.isReadOnly,
    eventType: call.name === "ConsoleLogin" ? "AwsConsoleSignIn" : "AwsApiCall",
    managementEvent: true,
    recipientAccountId: world.aws.account,
    eventCategory: "Management",
  };
  book.write({ at: call.at, input: "http", source: CLOUDTRAIL_SOURCE, text: JSON.stringify(event) });
}

export function iamUser(world: World, account: string): Readonly<Record<string, unknown>> {
  return {
    type: "IAMUser",
    principalId: `AIDA${account.replace(/\W/g, "").toUpperCase().padEnd(16, "EXAMPLE").slice(0, 16)}`,
    arn: `arn:aws:iam::${world.aws.account}:user/${account}`,
    accountId: world.aws.account,
    userName: account,
  };
}

export function assumedRole(
  world: World,
  role: string,
  session: string,
  since: Micros,
): Readonly<Record<string, unknown>> {
  const issuer = `AROA${role.replace(/\W/g, "").toUpperCase().padEnd(16, "EXAMPLE").slice(0, 16)}`;
  return {
    type: "AssumedRole",
    principalId: `${issuer}:${session}`,
    arn: `arn:aws:sts::${world.aws.account}:assumed-role/${role}/${session}`,
    accountId: world.aws.account,
    accessKeyId: "ASIAEXAMPLEEXAMPLE77",
    sessionContext: {
      sessionIssuer: {
        type: "Role",
        principalId: issuer,
        arn: `arn:aws:iam::${world.aws.account}:role/${role}`,
        accountId: world.aws.account,
        userName: role,
      },
      attributes: { creationDate: wholeSeconds(since), mfaAuthenticated: "false" },
    },
  };
}

/** CloudTrail's times have no fractions. */
function wholeSeconds(at: Micros): string {
  return formatMicros(micros(Math.floor(at / 1_000_000) * 1_000_000)).replace(".000Z", "Z");
}

function uuid(rng: Rng): string {
  return [rng.hex(8), rng.hex(4), `4${rng.hex(3)}`, `a${rng.hex(3)}`, rng.hex(12)].join("-");
}
