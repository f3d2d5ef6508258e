import type { Micros } from "@tyto/domain";
import type { Logbook } from "../logbook.ts";
import { commonLogTime } from "./syslog.ts";

export const SHOP_SOURCE = "shop-nginx";

/** One request in nginx's `combined` format. */
export function nginxAccess(
  book: Logbook,
  request: {
    readonly at: Micros;
    readonly address: string;
    readonly user?: string;
    readonly request: string;
    readonly status: number;
    readonly bytes: number;
    readonly referrer?: string;
    readonly agent: string;
  },
): void {
  const { at, address, user, status, bytes, referrer, agent } = request;
  const text = `${address} - ${user ?? "-"} [${commonLogTime(at)}] "${request.request}" ${status} ${bytes} "${referrer ?? "-"}" "${agent}"`;
  book.write({ at, input: "http", source: SHOP_SOURCE, text });
}
