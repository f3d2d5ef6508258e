import { awsErrorCode, awsFailure } from "../../aws/aws-failure.ts";
import { awsHost, signAws } from "../../aws/sign.ts";
import type { AwsCredentials } from "../../aws/sign.ts";
import { callApi, instantOf, isObject, requireList, trimmed } from "../api-call.ts";
import type { ApiAnswer, Asking } from "../api-call.ts";
import type { Collector, PolledRecord } from "../collector.ts";
import { PullFailure } from "../../pull/pull-failure.ts";
import { pollKind } from "../poll-kind.ts";

const DAY_MS = 86_400_000;
const LIST = "management events";
const TARGET = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";
const NEEDS = "cloudtrail:LookupEvents";
const HINTS = { credentials: "Set the access key again.", permission: `The key needs ${NEEDS}.` };

/** CloudTrail's event history of one region, by LookupEvents: two questions a second at most, 90 days back. */
export const awsCloudtrailKind = pollKind<"aws-cloudtrail">({
  kind: "aws-cloudtrail",
  title: "AWS CloudTrail event history",
  needs: [NEEDS],
  streams: () => [LIST],
  collector: ({ region, accessKeyId, baseUrl }, { secretAccessKey, sessionToken }) =>
    lookup(trimmed(baseUrl ?? `https://${awsHost("cloudtrail", region)}`), {
      region,
      accessKeyId,
      secretAccessKey,
      sessionToken,
    }),
});

function lookup(base: string, credentials: AwsCredentials): Collector {
  const ask = async (asking: Asking, question: object): Promise<ApiAnswer> => {
    const request = {
      url: `${base}/`,
      method: "POST",
      headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": TARGET },
      body: JSON.stringify(question),
    };
    const headers = await signAws(request, credentials, "cloudtrail", asking.nowMs);
    return callApi(asking, { ...request, headers, hints: HINTS, meaning });
  };
  return {
    scope: `AWS CloudTrail ${credentials.region}`,
    streams: [LIST],
    maxRangeMs: DAY_MS,
    settleMs: 60_000,
    // CloudTrail shows events about five, at times fifteen minutes late.
    overlapMs: 20 * 60_000,
    maxAgeMs: 90 * DAY_MS,
    pollEveryMs: 120_000,
    page: async (request) => {
      const answer = await ask(request, {
        StartTime: Math.floor(request.range.from / 1_000),
        EndTime: Math.ceil(request.range.to / 1_000),
        MaxResults: 50,
        ...(request.next === undefined ? {} : { NextToken: request.next }),
      });
      requireList(answer, "Events", new URL(base).host);
      const { Events, NextToken } = isObject(answer.json) ? answer.json : {};
      const records = Array.isArray(Events) ? Events.map((event: unknown) => recordOf(event)) : [];
      return { records, next: typeof NextToken === "string" && NextToken !== "" ? NextToken : undefined };
    },
    test: async (request) => {
      await ask(request, { MaxResults: 1 });
      return [{ name: LIST, ok: true, message: "the event history can be read", hint: null }];
    },
  };
}

/** The event itself is a JSON text within the answer; without one, what there is. */
function recordOf(event: unknown): PolledRecord {
  const { CloudTrailEvent: text, EventId: id, EventTime: time } = isObject(event) ? event : {};
  const raw = typeof text === "string" ? text : JSON.stringify(event);
  return { bytes: Buffer.from(raw), id: typeof id === "string" ? id : undefined, timeMs: instantOf(time) };
}

function meaning(status: number, body: unknown): PullFailure | undefined {
  if (status < 400) return undefined;
  const code = awsErrorCode(Buffer.from(JSON.stringify(body ?? "")));
  if (code === "InvalidNextTokenException") {
    return new PullFailure("stale-cursor", "AWS CloudTrail does not know the page any more");
  }
  return awsFailure("AWS CloudTrail", code, NEEDS);
}
