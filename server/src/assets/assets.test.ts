import { describe, expect, it } from "vitest";
import { micros } from "@tyto/domain";
import type { Asset, Entity, Event, EventFields } from "@tyto/domain";
import { openTestStore } from "../storage/control/control.fixture.ts";
import { AssetIndex } from "./asset-index.ts";
import { AssetLearner } from "./asset-learner.ts";
import { AssetRegister } from "./asset-register.ts";
import { candidatesOf, readDirectory } from "./read-directory.ts";
import { readAssetCsv } from "./read-csv.ts";

const said = { origin: "csv", by: "ana", name: "cmdb.csv" } as const;

async function openRegister() {
  const store = await openTestStore();
  let clock = 1;
  let seed = 0;
  const options = {
    assets: store.assets,
    now: () => micros(clock++),
    random: (size: number) => new Uint8Array(size).fill(++seed),
  };
  const register = await AssetRegister.open(options);
  return { register, reopened: () => AssetRegister.open(options) };
}

const names = (assets: Iterable<Asset>) => [...assets].map(({ name }) => name).sort();
const host = (value: string): Entity => ({ type: "host", value });
const user = (value: string): Entity => ({ type: "user", value });

describe("an inventory as CSV", () => {
  it("is read by the names that inventories use, with several values in one", () => {
    const text = `Hostname;Type;Tier;Tags;IP Address\r\nfs-02;server;1;core|confidential;10.0.0.2;\r\nana;user;;;`;
    const { candidates, problems, rows } = readAssetCsv(text.replace("10.0.0.2;", "10.0.0.2"), "cmdb.csv");
    expect(problems).toEqual([]);
    expect(rows).toBe(2);
    expect(candidates).toEqual([
      {
        kind: "host",
        name: "fs-02",
        criticality: "critical",
        labels: ["core", "confidential"],
        aliases: ["10.0.0.2"],
      },
      { kind: "person", name: "ana" },
    ]);
  });

  it("keeps quotes, separators and line ends inside quoted values", () => {
    const { candidates } = readAssetCsv('\ufeffname,note\n"a ""b"", c","two\nlines"\n', "x.csv");
    expect(candidates).toEqual([{ kind: "host", name: 'a "b", c', note: "two\nlines" }]);
  });

  it.each([
    ["", 1, "empty-file"],
    ["a,b\n1,2", 1, "no-name"],
    ['name\n"open', 2, "open-quote"],
    ["name,criticality\nx,huge", 2, "unknown-criticality"],
    ["name,kind\n\nx,printer", 3, "unknown-kind"],
    ["name,kind\n,host", 2, "no-name"],
    ["name\nX\nx", 3, "repeated"],
    ["name\na,b", 2, "too-many-values"],
    [`name\n${"x".repeat(300)}`, 2, "too-long"],
    ["name,colour\nx,red", 1, "unknown-column"],
  ])("says where %j is wrong, and what to do", (text, line, code) => {
    const problem = readAssetCsv(text, "x.csv").problems.find((one) => one.code === code);
    expect(problem?.at).toEqual({ file: "x.csv", line });
    expect(problem?.hint).toBeTruthy();
  });

  it("costs a line that is wrong and no other", () => {
    const { candidates, problems } = readAssetCsv("name,criticality\na,high\nb,nope\nc,low", "x.csv");
    expect(candidates.map(({ name }) => name)).toEqual(["a", "c"]);
    expect(problems).toHaveLength(1);
  });
});

describe("the register", () => {
  it("imports, says what changed, and takes the import back", async () => {
    const { register, reopened } = await openRegister();
    await register.put({ kind: "host", name: "fs-02", criticality: "low" }, "ben");
    const candidates = [
      { kind: "host", name: "FS-02", criticality: "critical", labels: ["Core", "core"] },
      { kind: "person", name: "ana" },
    ] as const;
    const preview = register.plan(candidates, said);
    expect(preview).toMatchObject({ added: 1, changed: 1, same: 0 });
    expect(names(register.all()), "a plan changes nothing").toEqual(["fs-02"]);

    const { record } = await register.import(candidates, said);
    expect(register.find(host("fs-02"))).toMatchObject({
      criticality: "critical",
      labels: ["core"],
      name: "fs-02",
    });
    expect(
      (await register.import(candidates, said)).record,
      "the same file again changes nothing",
    ).toBeNull();
    expect((await reopened()).find(host("fs-02"))).toEqual(register.find(host("fs-02")));

    expect(await register.undo(record?.id ?? "")).toEqual({ restored: 1, removed: 1, kept: 0 });
    expect(register.find(host("fs-02"))).toMatchObject({ criticality: "low", labels: [] });
    expect(names((await reopened()).all())).toEqual(["fs-02"]);
    await expect(register.undo(record?.id ?? "")).rejects.toMatchObject({ code: "conflict" });
    await expect(register.undo("nope")).rejects.toMatchObject({ code: "not-found" });
  });

  it("leaves alone what somebody changed after the import", async () => {
    const { register } = await openRegister();
    const { record } = await register.import(
      [
        { kind: "host", name: "a" },
        { kind: "host", name: "b" },
      ],
      said,
    );
    const a = register.find(host("a"));
    await register.edit(a?.id ?? "", { owner: "ben" }, "ben");
    expect(await register.undo(record?.id ?? "")).toEqual({ restored: 0, removed: 1, kept: 1 });
    expect(register.find(host("a"))?.owner).toBe("ben");
  });

  it("keeps what was seen when an import is undone, and forgets what was said", async () => {
    const { register } = await openRegister();
    const { record } = await register.import([{ kind: "host", name: "a", criticality: "high" }], said);
    await register.sight([{ kind: "host", name: "a", first: micros(5), last: micros(9) }]);
    await register.undo(record?.id ?? "");
    expect(register.find(host("a"))).toMatchObject({ origin: "learned", criticality: null, lastSeen: 9 });
  });

  it("learns without touching what people said, and the same twice changes nothing", async () => {
    const { register, reopened } = await openRegister();
    await register.put({ kind: "host", name: "fs-02.corp.example", criticality: "high" }, "ana");
    const seen = [
      { kind: "host", name: "fs-02", first: micros(10), last: micros(20) },
      { kind: "host", name: "new-1", first: micros(10), last: micros(20) },
    ] as const;
    await register.sight(seen);
    await register.sight(seen);
    const again = await reopened();
    expect(names(again.all())).toEqual(["fs-02.corp.example", "new-1"]);
    expect(again.find(host("fs-02"))).toMatchObject({
      criticality: "high",
      origin: "manual",
      firstSeen: 10,
      lastSeen: 20,
    });
    expect(again.find(host("new-1"))).toMatchObject({ criticality: null, origin: "learned" });
  });

  it("tells that people changed something, and not that something was learned", async () => {
    const { register } = await openRegister();
    let told = 0;
    register.onChanged(() => told++);
    await register.sight([{ kind: "host", name: "a", first: micros(1), last: micros(1) }]);
    expect(told).toBe(0);
    const { id } = await register.put({ kind: "host", name: "a", labels: ["core"] }, "ana");
    await register.put({ kind: "host", name: "a", labels: ["core"] }, "ana");
    await register.remove(id);
    expect(told).toBe(2);
  });

  it("finds a thing by any of its names, and by none that two things share", async () => {
    const { register } = await openRegister();
    await register.import(
      [
        { kind: "host", name: "db-1.corp.example", aliases: ["10.0.0.5", "fe80::5"] },
        { kind: "host", name: "db-2.east.example", aliases: ["shared"] },
        { kind: "host", name: "db-2.west.example", aliases: ["shared"] },
        { kind: "person", name: "ana", aliases: ["ana.keller@example.com"] },
      ],
      said,
    );
    const found = (entity: Entity) => register.find(entity)?.name;
    expect(found(host("DB-1"))).toBe("db-1.corp.example");
    expect(found({ type: "ip", value: "10.0.0.5" })).toBe("db-1.corp.example");
    expect(found(host("db-1.other.example"))).toBe("db-1.corp.example");
    expect(found(host("shared"))).toBeUndefined();
    expect(found(host("db-2"))).toBeUndefined();
    for (const name of ["corp\\ana", "ana@corp.example", "ANA.KELLER@example.com"])
      expect(found(user(name))).toBe("ana");
    expect(found({ type: "process", value: "ana" })).toBeUndefined();
    expect(new AssetIndex([]).find(user("ana"))).toBeUndefined();
  });
});

describe("learning from events", () => {
  const event = (fields: EventFields, at: number): Event =>
    ({ fields, timestamp: micros(at) }) as unknown as Event;

  it("takes hosts and people that succeeded, and no name that was only tried", async () => {
    const { register } = await openRegister();
    const learner = new AssetLearner(register);
    learner.look([
      event({ "host.name": "web-1", "user.name": "<img src=x>", "event.outcome": "failure" }, 10),
      event({ "host.name": "WEB-1", "user.name": "ana", "event.outcome": "success" }, 5),
      event({ "host.name": "web-1", "user.name": "root" }, 7),
      event({ "host.name": "a b", "user.name": "WEB-1$" }, 7),
    ]);
    await learner.flush();
    await learner.flush();
    expect(names(register.all())).toEqual(["ana", "web-1"]);
    expect(register.find(host("web-1"))).toMatchObject({ firstSeen: 5, lastSeen: 10 });
  });
});

describe("a directory", () => {
  it("gives people and hosts with their other names", () => {
    const question = { kind: "person", url: "ldap://x", labels: ["staff"] } as const;
    const { candidates, problems } = candidatesOf(
      [
        {
          dn: "cn=Ana,dc=x",
          sAMAccountName: "akeller",
          mail: "ana@example.com",
          manager: "CN=Boss\\, B,OU=P",
          title: "CFO",
        },
        { dn: "cn=nobody,dc=x" },
        { dn: "cn=Ana2,dc=x", uid: ["AKELLER"] },
      ],
      question,
    );
    expect(candidates).toEqual([
      {
        kind: "person",
        name: "akeller",
        aliases: ["ana@example.com"],
        owner: "Boss, B",
        note: "CFO",
        labels: ["staff"],
      },
    ]);
    expect(problems).toHaveLength(2);
    const [computer] = candidatesOf([{ dn: "cn=DB", cn: "DB-1", sAMAccountName: "DB-1$" }], {
      kind: "host",
      url: "",
    }).candidates;
    expect(computer).toMatchObject({ name: "DB-1", aliases: [] });
  });

  it("that does not answer is named, with what to check", async () => {
    const question = {
      url: "ldap://127.0.0.1:1",
      bindDn: "x",
      password: "secret",
      baseDn: "",
      kind: "person",
    } as const;
    await expect(readDirectory(question)).rejects.toMatchObject({ code: "bad-request" });
    await expect(readDirectory(question)).rejects.not.toMatchObject({
      message: expect.stringContaining("secret") as string,
    });
  });
});
