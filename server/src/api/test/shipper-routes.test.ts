/** Protocols of other products' shippers: the API finds the sender and hands everything else on, unread. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createIngestListener } from "../index.ts";
import type { Listener, ShipperPort } from "../index.ts";
import { startApi } from "./api-fixture.ts";
import type { ApiFixture } from "./api-fixture.ts";

/** Tells what it was handed. */
const teller = (path: string, isBesideConsole: boolean): ShipperPort => ({
  kind: "hec",
  isBesideConsole,
  routes: [{ methods: ["GET", "HEAD", "POST"], path }],
  handle: async ({ method, path: asked, query, headers, body, admit }) => {
    let text = "";
    for await (const chunk of body) text += Buffer.from(chunk).toString();
    const admission = await admit(headers.authorization ?? "");
    const told = { method, asked, query: query.toString(), text, admission };
    return { status: 202, headers: { "x-told": "yes" }, body: JSON.stringify(told) };
  },
});

let fixture: ApiFixture;
let listener: Listener;
let url: string;
beforeAll(async () => {
  fixture = await startApi({ shippers: [teller("/beside/*", true), teller("/:index/_bulk", false)] });
  listener = await createIngestListener(fixture.dependencies);
  url = `http://${(await listener.listen({ host: "127.0.0.1", port: 0 })).address}`;
});
afterAll(async () => {
  await listener.close();
  await fixture.close();
});

it("hands the body on as it comes, whatever its type, and lets senders in by their tokens alone", async () => {
  const { tokens } = fixture;
  const outcomes = [];
  for (const authorization of [tokens.ingest, tokens.admin, tokens.read, tokens.expired, "x"]) {
    const reply = await fetch(`${url}/a%20b/_bulk?x=1&x=2`, {
      method: "POST",
      body: "no json",
      headers: { authorization, "content-type": "application/json" },
    });
    expect([reply.status, reply.headers.get("x-told")]).toEqual([202, "yes"]);
    const told = (await reply.json()) as { readonly admission: Record<string, unknown> };
    expect(told).toMatchObject({ method: "POST", asked: "/a%20b/_bulk", query: "x=1&x=2", text: "no json" });
    outcomes.push(told.admission["reason"] ?? told.admission["kind"]);
  }
  expect(outcomes).toEqual(["admitted", "admitted", "wrong-scope", "expired", "unknown"]);
  expect((await fetch(`${url}/a/_bulk`, { method: "HEAD" })).status).toBe(202);
  expect((await fetch(`${url}/a/_bulk`, { method: "DELETE" })).status).toBe(404);
});

it("serves on the console's port only what hides nothing there", async () => {
  expect((await fixture.api.inject({ method: "POST", url: "/beside/x/y" })).statusCode).toBe(202);
  expect((await fixture.api.inject({ method: "POST", url: "/a/_bulk" })).statusCode).toBe(404);
});
