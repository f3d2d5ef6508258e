/** The register over the API: imported, looked at, taken back; and what it does to alerts and the first page. */
import { micros, sequence } from "@tyto/domain";
import type { AssetImportReport, AssetList, AssetView, Overview } from "@tyto/domain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { finding, upsert } from "../../triage/triage.fixture.ts";
import { AlertBook } from "../../triage/index.ts";
import { bearer, startApi } from "./api-fixture.ts";
import type { ApiFixture } from "./api-fixture.ts";

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApi();
});
afterAll(() => fixture.close());

const call = (method: "GET" | "POST" | "PATCH" | "DELETE", path: string, payload?: object) =>
  fixture.api.inject({
    method,
    url: `/api/v1/assets${path}`,
    headers: bearer(fixture.tokens.admin),
    ...(payload === undefined ? {} : { payload }),
  });
const list = async (query = "") => (await call("GET", query)).json<AssetList>();

const CSV = [
  "name,kind,criticality,labels,owner,aliases",
  "fs-02.corp.example,host,critical,confidential;core,storage team,192.0.2.1;10.9.9.9",
  "payroll,service,high,,,",
  "ana,person,low,vip,,ana@example.com",
  "x,toaster,,,,",
].join("\n");

describe("an inventory", () => {
  it("is looked at first: what it would change, and which lines it would leave out", async () => {
    const report = (
      await call("POST", "/import", { csv: CSV, name: "cmdb.csv", dryRun: true })
    ).json<AssetImportReport>();
    expect(report).toMatchObject({ importId: null, dryRun: true, rows: 4, added: 3, changed: 0, same: 0 });
    expect(report.problems).toMatchObject([{ line: 5, code: "unknown-kind", severity: "error" }]);
    expect(report.problems[0]?.hint).toContain("host, service, person");
    expect((await list()).total).toBe(0);
  });

  it("is imported, listed by worth, filtered, and taken back", async () => {
    const report = (await call("POST", "/import", { csv: CSV, name: "cmdb.csv" })).json<AssetImportReport>();
    expect(report.importId).toBeTruthy();
    const all = await list();
    expect(all.items.map(({ name }) => name)).toEqual(["fs-02.corp.example", "payroll", "ana"]);
    expect(all).toMatchObject({
      total: 3,
      counts: { host: 1, service: 1, person: 1, learned: 0, critical: 1 },
    });
    expect(all.labels).toEqual(["confidential", "core", "vip"]);
    const names = async (query: string) => (await list(query)).items.map(({ name }) => name);
    expect(await names("?kind=person")).toEqual(["ana"]);
    expect(await names("?criticality=high,critical")).toEqual(["fs-02.corp.example", "payroll"]);
    expect(await names("?label=Core")).toEqual(["fs-02.corp.example"]);
    expect(await names("?text=10.9")).toEqual(["fs-02.corp.example"]);
    expect(await names("?origin=learned")).toEqual([]);
    expect(await names("?limit=1&cursor=1")).toEqual(["payroll"]);
    expect((await call("GET", "?criticality=huge")).statusCode).toBe(400);
    const card = (await call("GET", "/card?type=ip&value=10.9.9.9")).json<{ asset: AssetView | null }>();
    expect(card.asset?.name).toBe("fs-02.corp.example");

    const imports = (await call("GET", "/imports")).json<{ items: readonly { id: string }[] }>();
    expect(imports.items).toMatchObject([
      { id: report.importId, name: "cmdb.csv", added: 3, undoneAt: null },
    ]);
    const undone = await call("POST", `/imports/${report.importId ?? ""}/undo`);
    expect(undone.json()).toEqual({ restored: 0, removed: 3, kept: 0 });
    expect((await call("POST", `/imports/${report.importId ?? ""}/undo`)).statusCode).toBe(409);
    expect((await list()).total).toBe(0);
  });
});

describe("one asset", () => {
  it("is made, changed, and taken out", async () => {
    const made = (
      await call("POST", "", { kind: "host", name: "db-1", criticality: "high" })
    ).json<AssetView>();
    const changed = (
      await call("PATCH", `/${made.id}`, { criticality: null, owner: "dba" })
    ).json<AssetView>();
    expect(changed).toMatchObject({
      criticality: null,
      owner: "dba",
      origin: "manual",
      updatedBy: "token:admin",
    });
    expect((await call("GET", `/${made.id}`)).json<AssetView>()).toEqual(changed);
    expect((await call("DELETE", `/${made.id}`)).statusCode).toBe(204);
    expect((await call("GET", `/${made.id}`)).statusCode).toBe(404);
    expect((await call("PATCH", `/${made.id}`, {})).statusCode).toBe(404);
    expect((await call("POST", "", { kind: "host", name: " " })).statusCode).toBe(400);
  });
});

describe("what it does", () => {
  it("raises alerts with the reason said, and shows critical assets with what is open about them", async () => {
    await call("POST", "/import", { csv: CSV });
    const { control, dependencies } = fixture;
    const book = new AlertBook({
      alerts: control.alerts,
      projections: { append: () => Promise.resolve() },
      now: () => micros(1),
      assets: (entity) => dependencies.assets.find(entity),
      onProjectionFailed: () => undefined,
    });
    await book.grow([upsert(finding({ key: "a" }))], (alerts) =>
      control.commit({ sequence: sequence(1), ledger: [], alerts, state: [] }),
    );
    const reply = await fixture.api.inject({ url: "/api/v1/alerts", headers: bearer(fixture.tokens.read) });
    const [alert] = reply.json<{ items: readonly { severity: string; priority: object; assets: object }[] }>()
      .items;
    expect(alert).toMatchObject({
      severity: "high",
      priority: { score: 80, base: "medium" },
      assets: [{ name: "fs-02.corp.example", criticality: "critical" }],
    });
    expect(JSON.stringify(alert?.priority)).toContain("fs-02.corp.example is a host of critical criticality");
    const overview = await fixture.api.inject({
      url: "/api/v1/overview",
      headers: bearer(fixture.tokens.read),
    });
    expect(overview.json<Overview>()).toMatchObject({
      criticalAssetCount: 1,
      criticalAssets: [{ name: "fs-02.corp.example", openAlerts: 1, worst: "high" }],
    });
  });
});
