import Bowser from "bowser";
import { BoundedCache } from "./bounded-cache.ts";
import { fill, textOf } from "./enricher.ts";
import type { Fields } from "./enricher.ts";

interface UserAgent {
  readonly name?: string;
  readonly version?: string;
  readonly device?: string;
  readonly osName?: string;
  readonly osVersion?: string;
  readonly osFull?: string;
}

/** Beyond it no browser speaks; expressions that look for what is not there would only cost time. */
const LONGEST = 1_024;
/** RFC 9110, section 10.1.5: the first product names the program, `curl/8.5.0`. */
const PRODUCT = /^([A-Za-z][\w.+-]{0,63})\/(\d[\w.+-]{0,31})/;

/** Their first product is a claim of kinship; who they are stands further on. */
const BROWSERS: ReadonlySet<string> = new Set(["Mozilla", "Opera", "Dalvik"]);

/** Agents come again by the thousand, and each costs some tens of microseconds to take apart. */
const cache = new BoundedCache(readUserAgent, { size: 10_000, longestText: LONGEST });

export function addUserAgentParts(fields: Fields): void {
  const original = textOf(fields, "user_agent.original");
  if (original === undefined || original === "-") return;
  const agent = cache.get(original);
  fill(fields, "user_agent.name", agent.name);
  fill(fields, "user_agent.version", agent.version);
  fill(fields, "user_agent.device.name", agent.device);
  fill(fields, "user_agent.os.name", agent.osName);
  fill(fields, "user_agent.os.version", agent.osVersion);
  fill(fields, "user_agent.os.full", agent.osFull);
}

export function readUserAgent(text: string): UserAgent {
  const product = PRODUCT.exec(text);
  const named =
    product === null || BROWSERS.has(product[1] ?? "")
      ? undefined
      : { ...present("name", product[1]), ...present("version", product[2]) };
  if (text.length > LONGEST) return named ?? {};
  const { browser, os, platform } = Bowser.parse(text);
  const osVersion = os.name === "Windows" ? os.versionName : os.version;
  return {
    // Who is nothing but a "Mozilla" has not said who it is.
    ...(named ??
      (browser.name === "Mozilla"
        ? {}
        : { ...present("name", browser.name), ...present("version", browser.version) })),
    ...present("device", platform.model),
    ...present("osName", os.name),
    ...present("osVersion", osVersion),
    ...present(
      "osFull",
      os.name === undefined || (osVersion ?? "") === "" ? undefined : `${os.name} ${osVersion ?? ""}`,
    ),
  };
}

function present<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  return value === undefined || value === "" ? {} : ({ [key]: value } as { readonly [P in K]: string });
}
