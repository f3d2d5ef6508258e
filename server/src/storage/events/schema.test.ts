import { afterAll, beforeAll, expect, test } from "vitest";
import { micros } from "@tyto/domain";
import { openFixtureClient } from "../engine/engine-fixture.ts";
import { migrate } from "../engine/migrations.ts";
import { FIELD_COLUMNS } from "./columns.ts";
import { addMissingColumns, EVENT_MIGRATIONS } from "./schema.ts";

let fixture: Awaited<ReturnType<typeof openFixtureClient>>;
const now = (): ReturnType<typeof micros> => micros(1_795_000_000_000_000);

beforeAll(async () => {
  fixture = await openFixtureClient();
});
afterAll(() => fixture.remove());

async function values(sql: string): Promise<readonly unknown[]> {
  const { data } = await fixture.client.rows({ sql, lane: "write" });
  return data.map(([value]) => value);
}

test("records each migration once, however often it is asked for", async () => {
  await migrate(fixture.client, EVENT_MIGRATIONS, now);
  await migrate(fixture.client, EVENT_MIGRATIONS, now);
  expect(await values("SELECT number FROM schema_migrations")).toEqual(
    EVENT_MIGRATIONS.map(({ number }) => number),
  );
  const tables = await values(
    "SELECT name FROM system.tables WHERE database = currentDatabase() ORDER BY name",
  );
  expect(tables).toEqual(expect.arrayContaining(["alerts", "events", "findings", "quarantined"]));
});

test("gives a field that became a column its column", async () => {
  await fixture.client.command({
    sql: "ALTER TABLE events DROP COLUMN source_ip, DROP COLUMN user_roles",
    lane: "write",
  });
  expect(await addMissingColumns(fixture.client)).toEqual(["user_roles", "source_ip"].sort(byCatalogue));
  expect(await addMissingColumns(fixture.client)).toEqual([]);
  expect(
    await values("SELECT type FROM system.columns WHERE table = 'events' AND name = 'source_ip'"),
  ).toEqual(["Nullable(IPv6)"]);
});

test("has the type of every column as the catalogue says", async () => {
  const { data } = await fixture.client.rows({
    sql: "SELECT name, type FROM system.columns WHERE table = 'events'",
  });
  const types = new Map(data.map(([name, type]) => [name, type]));
  for (const { name, type } of FIELD_COLUMNS) expect([name, types.get(name)]).toEqual([name, type]);
});

test("leaves the directory of a newer version alone", async () => {
  const newer = [...EVENT_MIGRATIONS, { number: 999, name: "later", statements: [] }];
  await migrate(fixture.client, newer, now);
  await expect(migrate(fixture.client, EVENT_MIGRATIONS, now)).rejects.toMatchObject({
    code: "data-directory-unusable",
  });
});

function byCatalogue(a: string, b: string): number {
  const order = FIELD_COLUMNS.map(({ name }) => name);
  return order.indexOf(a) - order.indexOf(b);
}
