import { later, MINUTE, seconds } from "../day.ts";
import { asaAttacker, asaDeny, asaSignature } from "../formats/cisco-asa.ts";
import { SshConnection } from "../formats/linux.ts";
import { nginxAccess } from "../formats/nginx.ts";
import { Logbook } from "../logbook.ts";
import { serverOf } from "../world.ts";
import type { Story } from "./story.ts";

const GUESSED_ACCOUNTS = ["admin", "deploy"] as const;
const TRIES_PER_ACCOUNT = 3;
const PORTS = [21, 23, 25, 110, 135, 139, 445, 1433, 1521, 3306, 3389, 5432, 5900, 6379, 8080, 8443] as const;
const SIGNATURES = ["null-flags", "syn-fin-flags", "fin-flag"] as const;
const MISSING_PAGES = 90;
const FOLDERS = ["admin", "backup", "old", "test", "db", "api/v1", "manager", "config", "shop-old"] as const;
const INJECTIONS = [
  "/product/17?id=17%27%20OR%20%271%27=%271",
  "/product/17?id=17%20UNION%20SELECT%20null,null--",
  "/product/17?id=17%20UNION%20ALL%20SELECT%20null,null,null--",
  "/product/17?id=17;SELECT%20pg_sleep(5)--",
  "/search?q=x%27%20UNION%20SELECT%20table_name,null%20FROM%20information_schema.tables--",
] as const;
const AGENT =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

export const loginScanInjection: Story = {
  name: "login-scan-injection",
  description:
    "One address fails to log in over SSH six times, is seen scanning by the firewall, asks the shop for 90 pages that do not exist and then sends SQL to its database.",
  plant({ world, day, rng }) {
    const book = new Logbook();
    const address = rng.pick(world.strangers.slice(25, 30));
    const web = serverOf(world, "web");
    const from = day.at(14.72);
    let at = from;
    for (const account of GUESSED_ACCOUNTS) {
      const origin = { at, address, port: rng.int(30_000, 61_000), pid: rng.int(2_000, 60_000) };
      const connection = new SshConnection(book, web, origin);
      for (let tries = 0; tries < TRIES_PER_ACCOUNT; tries += 1) connection.failUnknown(account);
      connection.closeEarly(account);
      at = later(connection.now, seconds(rng, 30, 60));
    }

    at = later(at, 3 * MINUTE);
    const destination = web.publicAddress ?? world.firewall.outside;
    for (const destinationPort of PORTS) {
      const sourcePort = rng.int(40_000, 60_000);
      asaDeny(book, world, {
        at,
        protocol: "tcp",
        source: address,
        sourcePort,
        destination,
        destinationPort,
      });
      at = later(at, seconds(rng, 0.2, 0.9));
    }
    for (const signature of SIGNATURES) {
      asaSignature(book, world, { at, signature, source: address, destination });
      at = later(at, seconds(rng, 0.5, 2));
    }
    asaAttacker(book, world, { at, source: address, burst: rng.int(12, 30), total: rng.int(700, 1_900) });
    at = later(at, seconds(rng, 60, 120));

    const get = (path: string, status: number, bytes: number): void =>
      nginxAccess(book, { at, address, request: `GET ${path} HTTP/1.1`, status, bytes, agent: AGENT });
    for (let page = 0; page < MISSING_PAGES; page += 1) {
      get(`/${rng.pick(FOLDERS)}/${rng.hex(4)}.php`, 404, 153);
      at = later(at, seconds(rng, 0.6, 1.8));
    }
    at = later(at, 4 * MINUTE);
    const statuses = [200, 500, 500, 200, 200];
    for (const [i, path] of INJECTIONS.entries()) {
      at = later(at, seconds(rng, 8, 30));
      get(path, statuses[i] ?? 200, rng.int(400, 9_000));
    }

    const source = { type: "ip", value: address } as const;
    const failures = book.attempts.filter(({ outcome }) => outcome === "failure").length;
    return {
      records: book.records,
      attempts: book.attempts,
      answer: {
        from,
        to: at,
        entities: [source],
        expected: [
          { cause: "web-scan", entities: [source], count: MISSING_PAGES },
          { cause: "web-attack", entities: [source], count: INJECTIONS.length },
          {
            cause: "login-scan-injection",
            entities: [source],
            // What the firewall's eyes saw of the scan is three signatures and its own verdict; the pages are the scan as well.
            count: failures + SIGNATURES.length + 1 + MISSING_PAGES + INJECTIONS.length,
          },
        ],
        events: [{ field: "source.ip", values: [address] }],
      },
    };
  },
};
