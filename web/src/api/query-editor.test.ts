import { expect, test } from "vitest";
import type { ApiClient } from "./client.ts";
import { queryEditorClient } from "./query-editor.ts";

test("each question of the editor is a call of its own", async () => {
  const asked: unknown[] = [];
  const api = {
    request: (path: string, options: { readonly body?: unknown }) => {
      asked.push([path, options.body]);
      return Promise.resolve({});
    },
  } as unknown as ApiClient;
  const editor = queryEditorClient(api);
  await editor.check({ kql: "Events" });
  await editor.complete("Ev", 2);
  await editor.hover("Events", 1);
  await editor.format("Events|count");
  expect(asked).toEqual([
    ["/query/check", { kql: "Events" }],
    ["/query/complete", { kql: "Ev", at: 2 }],
    ["/query/hover", { kql: "Events", at: 1 }],
    ["/query/format", { kql: "Events|count" }],
  ]);
});
