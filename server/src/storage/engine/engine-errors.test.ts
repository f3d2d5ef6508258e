import { ClickHouseError } from "@clickhouse/client";
import { expect, it } from "vitest";
import { engineError } from "./engine-errors.ts";

it.each([
  ["a row that cannot be parsed", "27", "engine-rejected"],
  ["a full disk", "243", "disk-full"],
  ["a disk that does not sync", "204", "store-failed"],
  ["a file that cannot be written", "75", "store-failed"],
  ["a directory that cannot be made", "172", "store-failed"],
  ["memory that the system does not give", "173", "engine-unavailable"],
])("does not blame rows for what the world did: %s", (_, code, expected) => {
  expect(engineError(new ClickHouseError({ message: "", code, type: "SOME" })).code).toBe(expected);
});
