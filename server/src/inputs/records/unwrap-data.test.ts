import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { splitBody } from "../http/split-body.ts";

const base64 = (content: string | Uint8Array): string => Buffer.from(content).toString("base64");
const firehose = (...data: readonly string[]): string =>
  JSON.stringify({ requestId: "r", timestamp: 1, records: data.map((one) => ({ data: one })) });

function textsOf(body: string, maxRecordBytes = 1_000): readonly string[] {
  const { records } = splitBody(Buffer.from(body), { isText: false, maxRecordBytes, maxRecords: 100 });
  return records.map(({ bytes }) => Buffer.from(bytes).toString("utf8"));
}

describe("data inside an element", () => {
  const subscription = `{"messageType":"DATA_MESSAGE","logGroup":"g","logEvents":[{"id":"1"},{"id":"2"}]}`;
  it.each([
    ["text of Firehose", firehose(base64("one line"), base64("two\nlines\n")), ["one line", "two", "lines"]],
    [
      "gzip of CloudWatch in Firehose",
      firehose(base64(gzipSync(subscription))),
      [`{"id":"1"}`, `{"id":"2"}`],
    ],
    ["Kinesis", `{"Records":[{"kinesis":{"data":"${base64("x")}"},"eventSource":"aws:kinesis"}]}`, ["x"]],
    ["what is no base64", firehose("é!"), ['{"data":"é!"}']],
    ["another sender's element", `{"records":[{"data":"eA=="}]}`, ['{"data":"eA=="}']],
    ["gzip that is cut", firehose("H4sI"), ['{"data":"H4sI"}']],
  ])("is its records: %s", (_what, body, expected) => {
    expect(textsOf(body)).toEqual(expected);
  });

  it("inflates within its limit only", () => {
    const bomb = firehose(base64(gzipSync("x".repeat(1_000_000))));
    expect(textsOf(bomb, 10_000)).toHaveLength(1);
    expect(textsOf(bomb, 10_000)[0]).toContain('"data"');
  });

  it("keeps what CloudWatch says once for all of its records", () => {
    const body = Buffer.from(firehose(base64(gzipSync(subscription))));
    const { records } = splitBody(body, { isText: false, maxRecordBytes: 1_000, maxRecords: 100 });
    expect(records.map(({ header }) => header)).toEqual([
      `{"messageType":"DATA_MESSAGE","logGroup":"g"}`,
      `{"messageType":"DATA_MESSAGE","logGroup":"g"}`,
    ]);
  });
});
