import type { Event, FieldValue, Micros } from "@tyto/domain";
import type { AssetRegister, Sighting } from "./asset-register.ts";
import { folded } from "./asset-index.ts";

/** Sightings between two writes; more are left to the next events that name them. */
const MAX_PENDING = 20_000;
const MAX_NAME = 128;
/** What no host or account is called: names that attackers try come through logs, too. */
const UNLIKELY = /[\p{Cc}\p{Cf}<>"'`;|&$\s]/u;
/** Accounts of the machine itself. */
const NOBODY = new Set(["system", "local service", "network service", "anonymous logon", "-", "root", "n/a"]);

/** Learns hosts and people from what is stored. Looking is synchronous; what was seen is written now and then. */
export class AssetLearner {
  readonly #register: Pick<AssetRegister, "sight">;
  #pending = new Map<string, Sighting>();

  constructor(register: Pick<AssetRegister, "sight">) {
    this.#register = register;
  }

  look(events: readonly Event[]): void {
    for (const { fields, timestamp } of events) {
      const host = nameOf(fields["host.name"]);
      if (host !== undefined) this.#see("host", host, timestamp);
      // A name that was only tried is nobody's.
      if (fields["event.outcome"] === "failure") continue;
      const person = nameOf(fields["user.name"]);
      if (person !== undefined && !NOBODY.has(folded(person))) this.#see("person", person, timestamp);
    }
  }

  /** Hands on what was seen since the last time; what the store refuses is seen again with the next events. */
  async flush(): Promise<void> {
    if (this.#pending.size === 0) return;
    const seen = [...this.#pending.values()];
    this.#pending = new Map();
    await this.#register.sight(seen);
  }

  #see(kind: Sighting["kind"], name: string, at: Micros): void {
    const key = `${kind} ${folded(name)}`;
    const known = this.#pending.get(key);
    if (known === undefined) {
      if (this.#pending.size < MAX_PENDING) this.#pending.set(key, { kind, name, first: at, last: at });
    } else if (at < known.first) this.#pending.set(key, { ...known, first: at });
    else if (at > known.last) this.#pending.set(key, { ...known, last: at });
  }
}

function nameOf(value: FieldValue | undefined): string | undefined {
  if (typeof value !== "string" || value === "" || value.length > MAX_NAME || UNLIKELY.test(value))
    return undefined;
  return value;
}
