import { expect, it } from "vitest";
import type { QuarantinedRecord } from "@tyto/domain";
import { quarantinedView } from "./event-view.ts";

const excerptOf = (text: string): string =>
  quarantinedView({ raw: Buffer.from(text), ingested: 0 } as unknown as QuarantinedRecord, new Map()).excerpt;

it("cuts a long record between characters", () => {
  expect(excerptOf(`a${"é".repeat(1_500)}`)).toBe(`a${"é".repeat(999)}`);
  expect(excerptOf("é")).toBe("é");
});
