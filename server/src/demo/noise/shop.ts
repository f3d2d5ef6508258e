import type { Micros } from "@tyto/domain";
import { later, MINUTE, seconds } from "../day.ts";
import { nginxAccess } from "../formats/nginx.ts";
import { serverOf } from "../world.ts";
import type { Scene } from "./noise.ts";

const BROWSERS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15",
  "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1",
] as const;
const CRAWLER = "Mozilla/5.0 (compatible; ExampleBot/2.1; +https://bot.example.net/about)";
const SCANNER_PATHS = [
  "/wp-login.php",
  "/.env",
  "/phpmyadmin/",
  "/.git/config",
  "/cgi-bin/luci",
  "/actuator/health",
] as const;

/** The web shop: visits of customers, a crawler, a probe, and bots that ask for what is not there. */
export function shopNoise(scene: Scene): void {
  const { day, rng } = scene;
  for (let i = 0; i < 2_300; i += 1) visit(scene, day.sometime(rng, "shop"));
  crawler(scene);
  probe(scene);
  strayRequests(scene);
}

function visit({ world, book, rng }: Scene, from: Micros): void {
  const address = rng.pick(world.customers);
  const agent = rng.pick(BROWSERS);
  const shop = `https://${world.shopHost}`;
  let at = from;
  let referrer = rng.chance(0.4) ? "https://search.example.net/" : "-";
  const get = (path: string, status: number, bytes: number): void => {
    nginxAccess(book, { at, address, request: `GET ${path} HTTP/2.0`, status, bytes, referrer, agent });
    at = later(at, seconds(rng, 0.05, 0.4));
  };
  for (let pages = rng.int(2, 6); pages > 0; pages -= 1) {
    const path = rng.chance(0.3)
      ? `/search?q=${rng.pick(["lamp", "oak+table", "wool", "desk", "gift"])}`
      : `/product/${rng.int(1, 480)}`;
    get(path, rng.chance(0.02) ? 404 : 200, rng.int(8_000, 60_000));
    referrer = `${shop}${path}`;
    get(`/static/${rng.hex(8)}.css`, rng.chance(0.5) ? 304 : 200, rng.int(0, 40_000));
    if (rng.chance(0.7)) get(`/images/${rng.int(1, 480)}.webp`, 200, rng.int(10_000, 200_000));
    at = later(at, seconds(rng, 4, 70));
  }
  if (!rng.chance(0.2)) return;
  const post = (path: string, status: number): void =>
    nginxAccess(book, {
      at,
      address,
      request: `POST ${path} HTTP/2.0`,
      status,
      bytes: rng.int(300, 2_000),
      referrer,
      agent,
    });
  // Some mistype their password once, as people do.
  if (rng.chance(0.1)) post("/account/login", 401);
  at = later(at, seconds(rng, 3, 9));
  post("/account/login", 302);
  at = later(at, seconds(rng, 20, 90));
  post("/checkout", 302);
}

function crawler({ day, book, rng }: Scene): void {
  for (const at of day.every(rng, MINUTE, 30_000_000)) {
    const request = `GET /product/${rng.int(1, 480)} HTTP/1.1`;
    nginxAccess(book, {
      at,
      address: "192.0.2.20",
      request,
      status: 200,
      bytes: rng.int(8_000, 60_000),
      agent: CRAWLER,
    });
  }
}

function probe({ world, day, book, rng }: Scene): void {
  const { address } = serverOf(world, "monitoring");
  for (const at of day.every(rng, MINUTE / 2, 300_000)) {
    nginxAccess(book, {
      at,
      address,
      request: "GET /health HTTP/1.1",
      status: 200,
      bytes: 15,
      agent: "uptime-probe/3.2",
    });
  }
}

function strayRequests({ world, day, book, rng }: Scene): void {
  for (let i = 0; i < 700; i += 1) {
    const request = `GET ${rng.pick(SCANNER_PATHS)} HTTP/1.1`;
    const address = rng.pick(world.scanners);
    const at = day.sometime(rng, "even");
    nginxAccess(book, {
      at,
      address,
      request,
      status: 404,
      bytes: 153,
      agent: rng.pick(["-", "curl/8.5.0", ...BROWSERS]),
    });
  }
}
