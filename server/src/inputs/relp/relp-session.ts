import { syslogHost } from "@tyto/domain";
import { trimFrameEnd } from "../syslog/framer.ts";
import { SenderGroups } from "../senders.ts";
import type { SenderGroup } from "../senders.ts";
import type { Next, StreamLink, StreamServices, StreamSession } from "../stream/ports.ts";
import { RelpFramer } from "./relp-framer.ts";
import type { RelpFrame } from "./relp-framer.ts";

const OFFERS = "relp_software=tyto\ncommands=syslog";
const SERVER_CLOSE = "0 serverclose 0\n";
/** What librelp speaks at most. */
const NEWEST_VERSION = 1;

interface Exchange {
  readonly frame: RelpFrame;
  /** Whose delivery the answer waits for. */
  readonly group?: SenderGroup;
  readonly answer: string;
}

/** One connection of RELP: each message is answered with its transaction's number when it is durable. */
export class RelpSession implements StreamSession {
  readonly #link: StreamLink;
  readonly #services: StreamServices;
  readonly #framer: RelpFramer;
  #frames = 0;
  #isOpen = false;
  #isOver = false;

  constructor(options: {
    readonly maxFrameBytes: number;
    readonly link: StreamLink;
    readonly services: StreamServices;
  }) {
    this.#link = options.link;
    this.#services = options.services;
    this.#framer = new RelpFramer(options.maxFrameBytes);
  }

  get heldBytes(): number {
    return this.#framer.heldBytes;
  }

  get frames(): number {
    return this.#frames;
  }

  get isGreeting(): boolean {
    return !this.#isOpen;
  }

  async take(chunk: Uint8Array): Promise<Next> {
    const groups = new SenderGroups("relp", syslogHost);
    const exchanges: Exchange[] = [];
    for (const frame of this.#framer.push(chunk)) {
      this.#frames += 1;
      if (!this.#isOver) exchanges.push(this.#exchange(frame, groups));
    }
    const refused = await this.#deliver(groups.values());
    const answers = exchanges.filter(({ group }) => group === undefined || !refused.has(group));
    let text = answers.map(({ answer }) => answer).join("");
    if (this.#framer.isBroken) {
      this.#services.breach(this.#link.peer, "no RELP frame");
      text += SERVER_CLOSE;
    }
    if (text !== "") await this.#link.write(Buffer.from(text));
    // What was not taken is not answered: its sender keeps it and sends it over another connection.
    return this.#isOver || this.#framer.isBroken || refused.size > 0 ? "close" : "read-on";
  }

  end(isClean: boolean): Promise<void> {
    if (isClean && !this.#framer.isBroken && this.#framer.heldBytes > 0)
      this.#services.breach(this.#link.peer, "ended inside a frame");
    this.#services.counter.add("bytes_cut", this.#framer.cutBytes);
    return Promise.resolve();
  }

  #exchange(frame: RelpFrame, groups: SenderGroups): Exchange {
    const { transaction, command } = frame;
    switch (command) {
      case "open":
        this.#isOpen = true;
        return { frame, answer: rsp(transaction, `200 OK\nrelp_version=${versionOf(frame)}\n${OFFERS}`) };
      case "syslog":
        return this.#isOpen ? this.#record(frame, groups) : this.#refuse(frame, "500 no session is open");
      case "close":
        this.#isOver = true;
        return { frame, answer: `${rsp(transaction, "")}${SERVER_CLOSE}` };
      default:
        return this.#isOpen
          ? { frame, answer: rsp(transaction, "500 unknown command") }
          : this.#refuse(frame, "500 no session is open");
    }
  }

  #record(frame: RelpFrame, groups: SenderGroups): Exchange {
    const answer = rsp(frame.transaction, "200 OK");
    const bytes = frame.isOversize ? frame.bytes : trimFrameEnd(frame.bytes);
    if (bytes.length === 0) {
      this.#services.counter.add("records_empty");
      return { frame, answer };
    }
    const record = frame.isOversize ? ({ bytes, fault: "oversize" } as const) : { bytes };
    return { frame, answer, group: groups.add(record, this.#link.peer) };
  }

  #refuse(frame: RelpFrame, why: string): Exchange {
    this.#isOver = true;
    this.#services.breach(this.#link.peer, "spoke before it opened a session");
    return { frame, answer: `${rsp(frame.transaction, why)}${SERVER_CLOSE}` };
  }

  /** @returns the groups that the sink did not take. */
  async #deliver(groups: readonly SenderGroup[]): Promise<ReadonlySet<SenderGroup>> {
    const { delivery, now } = this.#services;
    const receivedAt = now();
    const refused = new Set<SenderGroup>();
    await Promise.all(
      groups.map(async (group) => {
        const { key, peer, fault, records } = group;
        const identity = { kind: "journal" } as const;
        const batch = { receivedAt, identity, peer, records, ...(fault === undefined ? {} : { fault }) };
        if (!(await delivery.deliver(key, batch, this.#link.signal))) refused.add(group);
      }),
    );
    return refused;
  }
}

function rsp(transaction: number, text: string): string {
  const length = Buffer.byteLength(text);
  return length === 0 ? `${transaction} rsp 0\n` : `${transaction} rsp ${length} ${text}\n`;
}

/** The client's version where we speak it, else our newest. */
function versionOf({ bytes }: RelpFrame): number {
  const asked = /(?:^|\n)relp_version=(\d{1,3})(?:\n|$)/.exec(Buffer.from(bytes).toString("latin1"))?.[1];
  return Math.min(Number(asked ?? 0), NEWEST_VERSION);
}
