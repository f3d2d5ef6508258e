import type { Micros } from "@tyto/domain";
import { later } from "../day.ts";
import type { Logbook } from "../logbook.ts";
import type { LinuxServer } from "../world.ts";
import { PRIORITY, syslogLine } from "./syslog.ts";

const MILLISECOND = 1_000;

/** One connection to a server's sshd: the lines that OpenSSH and PAM write about it. */
export class SshConnection {
  readonly #book: Logbook;
  readonly #server: LinuxServer;
  readonly #from: { readonly address: string; readonly port: number; readonly pid: number };
  #now: Micros;

  constructor(
    book: Logbook,
    server: LinuxServer,
    from: { readonly at: Micros; readonly address: string; readonly port: number; readonly pid: number },
  ) {
    this.#book = book;
    this.#server = server;
    this.#from = from;
    this.#now = from.at;
  }

  get now(): Micros {
    return this.#now;
  }

  wait(amount: number): void {
    this.#now = later(this.#now, amount);
  }

  /** A wrong password for an account that exists: one attempt, a line of PAM and one of sshd. */
  fail(account: string): void {
    const { address, port } = this.#from;
    const pam = `authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=${address}  user=${account}`;
    this.#say(`pam_unix(sshd:auth): ${pam}`, PRIORITY.authPrivateNotice);
    this.wait(1_900 * MILLISECOND);
    this.#say(`Failed password for ${account} from ${address} port ${port} ssh2`);
    this.#attempts(account, "failure", 1);
  }

  /** More wrong passwords on the same connection; rsyslog folds the equal lines, PAM sums them up when it ends. */
  failAgain(account: string, times: number): void {
    const { address, port } = this.#from;
    for (let i = 0; i < times; i += 1) {
      this.wait(2_100 * MILLISECOND);
      this.#attempts(account, "failure", 1);
    }
    this.#say(
      `message repeated ${times} times: [ Failed password for ${account} from ${address} port ${port} ssh2]`,
    );
    this.wait(400 * MILLISECOND);
    this.#say(`Connection closed by authenticating user ${account} ${address} port ${port} [preauth]`);
    const more = `${times} more authentication failure${times === 1 ? "" : "s"}`;
    this.#say(
      `PAM ${more}; logname= uid=0 euid=0 tty=ssh ruser= rhost=${address}  user=${account}`,
      PRIORITY.authPrivateNotice,
    );
  }

  /** A try with an account that does not exist: one attempt, four lines. */
  failUnknown(account: string): void {
    const { address, port } = this.#from;
    this.#say(`Invalid user ${account} from ${address} port ${port}`);
    this.wait(120 * MILLISECOND);
    this.#say("pam_unix(sshd:auth): check pass; user unknown", PRIORITY.authPrivateNotice);
    const pam = `authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=${address} `;
    this.#say(`pam_unix(sshd:auth): ${pam}`, PRIORITY.authPrivateNotice);
    this.wait(2_000 * MILLISECOND);
    this.#say(`Failed password for invalid user ${account} from ${address} port ${port} ssh2`);
    this.#attempts(account, "failure", 1);
  }

  /** @returns for the caller to close with `leave`. */
  enter(account: string, method: "password" | "publickey", uid: number, session: number): void {
    const { address, port } = this.#from;
    const key = method === "publickey" ? ": ED25519 SHA256:Jq9cM2vVYkKq0bZl7m0u6wq3tT4m5xqz9yA1oB8cD2E" : "";
    this.#say(`Accepted ${method} for ${account} from ${address} port ${port} ssh2${key}`);
    this.#attempts(account, "success", 1);
    this.wait(20 * MILLISECOND);
    this.#say(
      `pam_unix(sshd:session): session opened for user ${account}(uid=${uid}) by (uid=0)`,
      PRIORITY.authPrivateInfo,
    );
    this.wait(30 * MILLISECOND);
    this.#write("systemd-logind", 612, PRIORITY.authInfo, `New session ${session} of user ${account}.`);
  }

  leave(account: string, session: number): void {
    const { address, port } = this.#from;
    this.#say(`Received disconnect from ${address} port ${port}:11: disconnected by user`);
    this.#say(`Disconnected from user ${account} ${address} port ${port}`);
    this.#say(`pam_unix(sshd:session): session closed for user ${account}`, PRIORITY.authPrivateInfo);
    this.wait(15 * MILLISECOND);
    this.#write(
      "systemd-logind",
      612,
      PRIORITY.authInfo,
      `Session ${session} logged out. Waiting for processes to exit.`,
    );
    this.#write("systemd-logind", 612, PRIORITY.authInfo, `Removed session ${session}.`);
  }

  /** The other side went away before it authenticated: what scanners and probes leave behind. */
  closeEarly(account?: string): void {
    const { address, port } = this.#from;
    this.wait(300 * MILLISECOND);
    const who = account === undefined ? "" : `invalid user ${account} `;
    this.#say(`Connection closed by ${who}${address} port ${port} [preauth]`);
  }

  #say(text: string, priority: number = PRIORITY.authInfo): void {
    this.#write("sshd", this.#from.pid, priority, text);
    this.wait(MILLISECOND);
  }

  #write(program: string, pid: number, priority: number, text: string): void {
    writeSyslog(this.#book, this.#server, this.#now, { program, pid, priority, text });
  }

  #attempts(account: string, outcome: "success" | "failure", times: number): void {
    for (let i = 0; i < times; i += 1) {
      const { address } = this.#from;
      this.#book.attempt({ at: this.#now, address, account, host: this.#server.name, outcome });
    }
  }
}

/** `sudo` by a person who is logged in: the command, and root's session around it. */
export function sudo(
  book: Logbook,
  server: LinuxServer,
  by: {
    readonly at: Micros;
    readonly account: string;
    readonly uid: number;
    readonly command: string;
    readonly pid: number;
  },
): void {
  const { at, account, uid, command, pid } = by;
  const text = `${account.padStart(8)} : TTY=pts/0 ; PWD=/home/${account} ; USER=root ; COMMAND=${command}`;
  writeSyslog(book, server, at, { program: "sudo", pid, priority: PRIORITY.authPrivateNotice, text });
  const opened = `pam_unix(sudo:session): session opened for user root(uid=0) by ${account}(uid=${uid})`;
  writeSyslog(book, server, later(at, 3 * MILLISECOND), {
    program: "sudo",
    pid,
    priority: PRIORITY.authPrivateInfo,
    text: opened,
  });
  writeSyslog(book, server, later(at, 900 * MILLISECOND), {
    program: "sudo",
    pid,
    priority: PRIORITY.authPrivateInfo,
    text: "pam_unix(sudo:session): session closed for user root",
  });
}

/** A job of cron: root's session and the command. */
export function cronJob(
  book: Logbook,
  server: LinuxServer,
  job: { readonly at: Micros; readonly account: string; readonly command: string; readonly pid: number },
): void {
  const { at, account, command, pid } = job;
  const uid = account === "root" ? 0 : 33;
  const opened = `pam_unix(cron:session): session opened for user ${account}(uid=${uid}) by (uid=0)`;
  const pam = { program: "CRON", pid, priority: PRIORITY.authPrivateInfo };
  writeSyslog(book, server, at, { ...pam, text: opened });
  writeSyslog(book, server, later(at, MILLISECOND), {
    program: "CRON",
    pid: pid + 1,
    priority: PRIORITY.cronInfo,
    text: `(${account}) CMD (${command})`,
  });
  writeSyslog(book, server, later(at, 700 * MILLISECOND), {
    ...pam,
    text: `pam_unix(cron:session): session closed for user ${account}`,
  });
}

/** What ufw logs through the kernel when it blocks a packet. */
export function ufwBlock(
  book: Logbook,
  server: LinuxServer,
  packet: {
    readonly at: Micros;
    readonly uptimeSeconds: number;
    readonly source: string;
    readonly sourcePort: number;
    readonly destinationPort: number;
    readonly protocol: "TCP" | "UDP";
    readonly id: number;
    readonly ttl: number;
  },
): void {
  const { at, uptimeSeconds, source, sourcePort, destinationPort, protocol, id, ttl } = packet;
  const head = `[${uptimeSeconds.toFixed(6).padStart(12)}] [UFW BLOCK] IN=eth0 OUT= MAC=${server.mac}:52:54:00:12:35:02:08:00`;
  const ports = `SPT=${sourcePort} DPT=${destinationPort}`;
  const tail =
    protocol === "TCP" ? `PROTO=TCP ${ports} WINDOW=1024 RES=0x00 SYN URGP=0 ` : `PROTO=UDP ${ports} LEN=58 `;
  const length = protocol === "TCP" ? 40 : 78;
  const text = `${head} SRC=${source} DST=${server.publicAddress ?? server.address} LEN=${length} TOS=0x00 PREC=0x00 TTL=${ttl} ID=${id} ${tail}`;
  writeSyslog(book, server, at, { program: "kernel", priority: PRIORITY.kernelWarning, text });
}

function writeSyslog(
  book: Logbook,
  server: LinuxServer,
  at: Micros,
  message: {
    readonly program: string;
    readonly pid?: number;
    readonly priority: number;
    readonly text: string;
  },
): void {
  book.write({ at, input: "syslog-tcp", source: server.name, text: syslogLine(server, at, message) });
}
