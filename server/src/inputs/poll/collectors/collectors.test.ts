/** Each collector against replies in its API's documented form, served by this test. The replies are invented. */
import { generateKeyPairSync, createVerify } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ConnectionKind, ConnectionSecret, ConnectionSettings } from "@tyto/domain";
import type { PullKind } from "../../pull/ports.ts";
import { Peer } from "../../testing/peer.ts";
import type { PeerReply, PeerRequest } from "../../testing/peer.ts";
import { PullHarness } from "../../testing/pulling.ts";
import { awsCloudtrailKind } from "./aws-cloudtrail.ts";
import { entraKind } from "./entra.ts";
import { githubKind } from "./github.ts";
import { googleWorkspaceKind } from "./google-workspace.ts";
import { microsoft365Kind } from "./microsoft-365.ts";
import { oktaKind } from "./okta.ts";

const LOCAL = { allowPrivateAddresses: true, allowHttp: true, startDaysAgo: 1 };

/** Until it would wait for the next round. */
async function round<K extends ConnectionKind>(
  kind: PullKind<K>,
  harness: PullHarness,
  settings: ConnectionSettings<K>,
  secret: ConnectionSecret<K>,
): Promise<void> {
  const stopping = new AbortController();
  harness.onSleep = (milliseconds) => {
    if (milliseconds >= 60_000) stopping.abort();
  };
  await kind.run(harness.context<K>(settings, secret, stopping.signal));
}

const at = (harness: PullHarness, minutesAgo: number): string =>
  new Date(harness.nowMs - minutesAgo * 60_000).toISOString();

describe("okta", () => {
  const settings = (peer: Peer): ConnectionSettings<"okta"> => ({ ...LOCAL, baseUrl: peer.url });

  it("follows the Link header, keeps every digit and knows each event by its uuid", async () => {
    const harness = new PullHarness();
    const events = [1, 2, 3].map(
      (n) => `{"uuid": "u${n}", "published": "${at(harness, 90 - n)}", "big": 12345678901234567890}`,
    );
    const peer = await Peer.start(({ url }, { url: base }) => {
      const page = Number(url.searchParams.get("after") ?? "0");
      const link = `<${base}/api/v1/logs?after=${page + 1}>; rel="next"`;
      const isLast = page === 2;
      return {
        headers: isLast ? {} : { link: `<${base}/api/v1/logs>; rel="self", ${link}` },
        body: `[${events.slice(page, page + 1).join(",")}]`,
      };
    });
    await round(oktaKind, harness, settings(peer), { apiToken: "t0k" });
    expect([...harness.texts].sort()).toEqual(
      events.map((event) => event.replaceAll(/: | (?=")/g, (blank) => blank.trim())),
    );
    expect(peer.requests[0]?.headers.authorization).toBe("SSWS t0k");
    const { searchParams } = peer.requests[0]?.url ?? new URL(peer.url);
    expect(searchParams.get("since")).toBe(
      new Date(Date.parse(searchParams.get("until") ?? "") - 86_400_000).toISOString(),
    );
    await round(oktaKind, harness, settings(peer), { apiToken: "t0k" });
    expect(harness.texts).toHaveLength(3);
  });

  it.each<readonly [number, PeerReply["headers"], string, string]>([
    [401, {}, "credentials", "Security > API > Tokens"],
    [403, {}, "permission", "Read-Only Administrator"],
    [302, { location: "http://127.0.0.1/" }, "refused", "baseUrl"],
    [500, {}, "unreachable", ""],
  ])("says what status %i means", async (status, headers = {}, kind, hint) => {
    const peer = await Peer.start(() => ({ status, headers }));
    const failure = round(oktaKind, new PullHarness(), settings(peer), { apiToken: "secret-canary" });
    await expect(failure).rejects.toMatchObject({
      kind,
      ...(hint === "" ? {} : { hint: expect.stringContaining(hint) as string }),
    });
    await expect(failure).rejects.not.toThrow("canary");
  });

  it("waits for its quota to be renewed", async () => {
    const harness = new PullHarness();
    let isAsked = false;
    const peer = await Peer.start(() => {
      if (isAsked) return { body: [] };
      isAsked = true;
      const reset = String(Math.floor(harness.nowMs / 1_000) + 30);
      return {
        status: 429,
        headers: { "x-rate-limit-reset": reset, date: new Date(harness.nowMs).toUTCString() },
      };
    });
    const before = harness.nowMs;
    await round(oktaKind, harness, settings(peer), { apiToken: "t" });
    expect(harness.nowMs - before).toBeGreaterThanOrEqual(30_000);
    expect(peer.requests).toHaveLength(2);
  });

  it("sends its token nowhere but to its own host", async () => {
    const peer = await Peer.start(() => ({
      headers: { link: '<http://127.0.0.1:9/steal>; rel="next"' },
      body: [{ uuid: "u", published: new Date().toISOString() }],
    }));
    await expect(round(oktaKind, new PullHarness(), settings(peer), { apiToken: "t" })).rejects.toMatchObject(
      { kind: "refused" },
    );
  });

  it("takes a proxy's page for no answer, and broken JSON for a page that makes no sense", async () => {
    const html = await Peer.start(() => ({ headers: { "content-type": "text/html" }, body: "<html>" }));
    await expect(round(oktaKind, new PullHarness(), settings(html), { apiToken: "t" })).rejects.toMatchObject(
      { kind: "unreachable" },
    );
    const harness = new PullHarness();
    let tries = 0;
    const broken = await Peer.start(() => {
      tries += 1;
      return { body: tries < 3 ? '[{"uuid": ' : "[]" };
    });
    await round(oktaKind, harness, settings(broken), { apiToken: "t" });
    expect([tries, harness.skipped]).toEqual([3, []]);
  });

  it("tests whether the log can be read", async () => {
    const peer = await Peer.start(() => ({ body: [] }));
    const { signal } = new AbortController();
    const { world } = new PullHarness();
    expect(
      await oktaKind.test({ settings: settings(peer), secret: { apiToken: "t" }, world, signal }),
    ).toMatchObject([{ ok: true }]);
  });
});

describe("github", () => {
  it("asks for a time span by phrase and follows the cursor", async () => {
    const harness = new PullHarness();
    const record = (n: number): object => ({
      "@timestamp": harness.nowMs - 3_600_000 + n,
      _document_id: `d${n}`,
      action: "repo.create",
    });
    const peer = await Peer.start(({ url }, { url: base }) =>
      url.searchParams.get("after") === null
        ? {
            headers: { link: `<${base}${url.pathname}?after=MS42&before=>; rel="next"` },
            body: [record(1), record(2)],
          }
        : { body: [record(3)] },
    );
    await round(githubKind, harness, { ...LOCAL, baseUrl: peer.url, account: "acme inc" }, { token: "ghp" });
    expect(
      harness.texts.map((text) => (JSON.parse(text) as { _document_id: string })._document_id).sort(),
    ).toEqual(["d1", "d2", "d3"]);
    const first = peer.requests[0];
    expect(first?.url.pathname).toBe("/orgs/acme%20inc/audit-log");
    expect(first?.url.searchParams.get("phrase")).toMatch(
      /^created:2026-11-19T11:59:30.000Z\.\.2026-11-20T11:59:30.000Z$/,
    );
    expect(first?.headers.authorization).toBe("Bearer ghp");
  });

  it("takes an empty quota for a request to wait", async () => {
    const harness = new PullHarness();
    let asked = 0;
    const peer = await Peer.start(() => {
      asked += 1;
      return asked === 1
        ? { status: 403, headers: { "x-ratelimit-remaining": "0", "retry-after": "20" } }
        : { body: [] };
    });
    await round(githubKind, harness, { ...LOCAL, baseUrl: peer.url, account: "acme" }, { token: "t" });
    expect(asked).toBe(2);
  });
});

/** Microsoft's login and an API behind it. */
function microsoft(api: (request: PeerRequest, peer: Peer) => PeerReply) {
  return (request: PeerRequest, peer: Peer): PeerReply =>
    request.url.pathname.endsWith("/oauth2/v2.0/token")
      ? { body: { token_type: "Bearer", expires_in: 3_599, access_token: "eyJ.tok.en" } }
      : api(request, peer);
}

describe("entra", () => {
  const settings = (peer: Peer): ConnectionSettings<"entra"> => ({
    ...LOCAL,
    baseUrl: peer.url,
    loginUrl: peer.url,
    tenantId: "11111111-0000-0000-0000-000000000000",
    clientId: "app",
  });

  it("logs in once and reads both lists by @odata.nextLink", async () => {
    const harness = new PullHarness();
    const peer = await Peer.start(
      microsoft(({ url }, { url: base }) => {
        const name = url.pathname.split("/").at(-1) ?? "";
        const isFirst = url.searchParams.get("$skiptoken") === null;
        return {
          body: {
            "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#auditLogs",
            ...(isFirst ? { "@odata.nextLink": `${base}${url.pathname}?$skiptoken=abc` } : {}),
            value: [
              {
                id: `${name}-${isFirst ? 1 : 2}`,
                createdDateTime: at(harness, 60),
                activityDateTime: at(harness, 60),
              },
            ],
          },
        };
      }),
    );
    await round(entraKind, harness, settings(peer), { clientSecret: "s" });
    const ids = harness.texts.map((text) => (JSON.parse(text) as { id: string }).id);
    // Within an hour records lie in the order of their ids' hashes.
    expect(ids).toEqual(["signIns-1", "signIns-2", "directoryAudits-1", "directoryAudits-2"]);
    const logins = peer.requests.filter(({ method }) => method === "POST");
    expect(logins).toHaveLength(1);
    expect(Object.fromEntries(new URLSearchParams(logins[0]?.body))).toEqual({
      grant_type: "client_credentials",
      client_id: "app",
      client_secret: "s",
      scope: `${peer.url}/.default`,
    });
    expect(peer.requests[1]?.url.searchParams.get("$filter")).toMatch(
      /^createdDateTime ge \S+Z and createdDateTime lt \S+Z$/,
    );
  });

  it("says when the client secret has expired", async () => {
    const peer = await Peer.start(() => ({
      status: 401,
      body: { error: "invalid_client", error_description: "AADSTS7000222" },
    }));
    await expect(
      round(entraKind, new PullHarness(), settings(peer), { clientSecret: "s" }),
    ).rejects.toMatchObject({
      kind: "credentials",
      hint: expect.stringContaining("expired") as string,
    });
  });

  it("names in a test the list that may not be read", async () => {
    const peer = await Peer.start(
      microsoft(({ url }) => (url.pathname.endsWith("signIns") ? { status: 403 } : { body: { value: [] } })),
    );
    const { world } = new PullHarness();
    const { signal } = new AbortController();
    const checks = await entraKind.test({
      settings: settings(peer),
      secret: { clientSecret: "s" },
      world,
      signal,
    });
    expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
      ["login", true],
      ["signIns", false],
      ["directoryAudits", true],
    ]);
    expect(checks[1]?.hint).toContain("AuditLog.Read.All");
  });
});

describe("microsoft 365", () => {
  it("subscribes, lists content over its pages, reads the blobs, and passes over one that is broken or gone", async () => {
    const harness = new PullHarness();
    const peer = await Peer.start(
      microsoft(({ url, method }, { url: base }) => {
        const feed = `${base}/api/v1.0/tenant/activity/feed`;
        if (url.pathname.endsWith("/subscriptions/start")) {
          return method === "POST"
            ? { status: 400, body: { error: { code: "AF20024", message: "already enabled" } } }
            : { status: 405 };
        }
        if (url.pathname.endsWith("/subscriptions/content")) {
          return url.searchParams.get("nextPage") === null
            ? {
                headers: {
                  NextPageUri: `${feed}/subscriptions/content?contentType=Audit.General&nextPage=2`,
                },
                body: ["a", "broken"].map((name) => ({
                  contentType: "Audit.General",
                  contentUri: `${feed}/audit/${name}`,
                })),
              }
            : { body: ["gone", "b"].map((name) => ({ contentUri: `${feed}/audit/${name}` })) };
        }
        const name = url.pathname.split("/").at(-1) ?? "";
        if (name === "broken") return { body: '[{"Id": "x"' };
        if (name === "gone") return { status: 404, body: { error: { code: "AF20051" } } };
        return {
          body: [1, 2].map((n) => ({
            Id: `${name}${n}`,
            CreationTime: at(harness, 30).slice(0, 19),
            Operation: "FileAccessed",
          })),
        };
      }),
    );
    const settings: ConnectionSettings<"microsoft-365"> = {
      ...LOCAL,
      baseUrl: peer.url,
      loginUrl: peer.url,
      tenantId: "tenant",
      clientId: "app",
      contentTypes: ["Audit.General"],
    };
    await round(microsoft365Kind, harness, settings, { clientSecret: "s" });
    const kept = harness.events.filter(({ fault }) => fault === undefined);
    expect(kept.map(({ text }) => (JSON.parse(text) as { Id: string }).Id).sort()).toEqual([
      "a1",
      "a2",
      "b1",
      "b2",
    ]);
    const faulty = harness.events.filter(({ fault }) => fault === "bad-frame");
    expect(faulty[0]?.text).toBe('[{"Id": "x"');
    expect(harness.skipped.map(({ what }) => what.split("/").at(-1))).toEqual(["broken", "gone"]);
    const listed = peer.requests.find(({ url }) => url.pathname.endsWith("/content"));
    expect(listed?.url.searchParams.get("startTime")).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  });
});

describe("google workspace", () => {
  it("signs its login with the service account's key and follows page tokens", async () => {
    const harness = new PullHarness();
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    const activity = (n: number): string => `{
   "kind": "admin#reports#activity",
   "id": { "time": "${at(harness, 600)}", "uniqueQualifier": "-${n}", "applicationName": "login" },
   "actor": { "email": "a b@example.com" }
  }`;
    const peer = await Peer.start(({ url, method }) => {
      if (method === "POST")
        return { body: { access_token: "ya29", expires_in: 3_599, token_type: "Bearer" } };
      const token = url.searchParams.get("pageToken");
      const body = `{ "kind": "admin#reports#activities", "items": [ ${activity(token === null ? 1 : 2)} ]${token === null ? ', "nextPageToken": "A:2"' : ""} }`;
      return { body };
    });
    const key = JSON.stringify({
      client_email: "tyto@example.iam.gserviceaccount.com",
      private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
      token_uri: `${peer.url}/token`,
    });
    const settings: ConnectionSettings<"google-workspace"> = {
      ...LOCAL,
      baseUrl: peer.url,
      adminEmail: "admin@example.com",
      applications: ["login"],
    };
    await round(googleWorkspaceKind, harness, settings, { serviceAccountKey: key });
    expect(harness.texts).toHaveLength(2);
    expect(harness.texts[0]).toContain('"actor":{"email":"a b@example.com"}');
    const assertion = new URLSearchParams(peer.requests[0]?.body).get("assertion") ?? "";
    const [head = "", claims = "", signature = ""] = assertion.split(".");
    expect(
      createVerify("RSA-SHA256").update(`${head}.${claims}`).verify(publicKey, signature, "base64url"),
    ).toBe(true);
    expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toMatchObject({
      iss: "tyto@example.iam.gserviceaccount.com",
      sub: "admin@example.com",
      iat: Math.floor(Date.UTC(2026, 10, 20, 12) / 1_000),
    });
    expect(peer.requests[1]?.url.pathname).toBe("/admin/reports/v1/activity/users/all/applications/login");
  });

  it("says that the key is none", async () => {
    const settings: ConnectionSettings<"google-workspace"> = { adminEmail: "a@example.com" };
    await expect(
      (async () => round(googleWorkspaceKind, new PullHarness(), settings, { serviceAccountKey: "{}" }))(),
    ).rejects.toMatchObject({ kind: "settings" });
  });
});

describe("aws cloudtrail", () => {
  const settings = (peer: Peer): ConnectionSettings<"aws-cloudtrail"> => ({
    ...LOCAL,
    baseUrl: peer.url,
    region: "eu-central-1",
    accessKeyId: "AKIDEXAMPLE",
  });
  const SECRET = { secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };

  it("asks by signed LookupEvents over all pages and hands on the events within", async () => {
    const harness = new PullHarness();
    const event = (n: number): object => ({
      EventId: `id-${n}`,
      EventTime: harness.nowMs / 1_000 - 3_600,
      CloudTrailEvent: `{"eventVersion":"1.09","eventID":"id-${n}","n":12345678901234567890}`,
    });
    const peer = await Peer.start(({ body }) => {
      const { NextToken } = JSON.parse(body) as { NextToken?: string };
      return {
        body: NextToken === undefined ? { Events: [event(1)], NextToken: "more" } : { Events: [event(2)] },
      };
    });
    await round(awsCloudtrailKind, harness, settings(peer), SECRET);
    expect(harness.texts).toEqual(
      [1, 2].map((n) => `{"eventVersion":"1.09","eventID":"id-${n}","n":12345678901234567890}`),
    );
    const [first] = peer.requests;
    expect(first?.headers["x-amz-target"]).toContain("LookupEvents");
    expect(first?.headers["x-amz-date"]).toBe("20261120T120000Z");
    expect(first?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20261120\/eu-central-1\/cloudtrail\/aws4_request, SignedHeaders=\S+, Signature=[0-9a-f]{64}$/,
    );
  });

  it.each([
    ["ExpiredTokenException", "credentials", "temporary"],
    ["UnrecognizedClientException", "credentials", "accessKeyId"],
    ["InvalidSignatureException", "credentials", "clock"],
    ["AccessDeniedException", "permission", "cloudtrail:LookupEvents"],
  ])("says what %s means", async (code, kind, hint) => {
    const peer = await Peer.start(() => ({
      status: 400,
      body: { __type: `com.amazon.coral.service#${code}`, message: "no" },
    }));
    await expect(round(awsCloudtrailKind, new PullHarness(), settings(peer), SECRET)).rejects.toMatchObject({
      kind,
      hint: expect.stringContaining(hint) as string,
    });
  });

  it("begins the range again when the page is forgotten", async () => {
    const harness = new PullHarness();
    let isForgotten = true;
    const peer = await Peer.start(({ body }) => {
      const { NextToken } = JSON.parse(body) as { NextToken?: string };
      if (NextToken !== undefined && isForgotten) {
        isForgotten = false;
        return { status: 400, body: { __type: "InvalidNextTokenException" } };
      }
      return { body: { Events: [], ...(NextToken === undefined ? { NextToken: "more" } : {}) } };
    });
    await round(awsCloudtrailKind, harness, settings(peer), SECRET);
    expect(peer.requests).toHaveLength(4);
  });
});
