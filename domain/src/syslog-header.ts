/**
 * The host name in a syslog header, found without decoding the message: inputs need it to tell sources apart, long before the
 * pipeline runs. RFC 5424 section 6.2.4, RFC 3164 section 4.1.2 and the variants that real devices send. At most the first 256
 * bytes are looked at. `undefined` where no host stands plainly.
 */
export function syslogHost(bytes: Uint8Array): string | undefined {
  const head = latin1(bytes, 256);
  const pri = /^<\d{1,3}>/.exec(head);
  if (pri === null) return undefined;
  const rest = head.slice(pri[0].length);
  const modern = /^1 (?:-|\d{4}-\d\d-\d\dT\S+) (\S+) /.exec(rest);
  if (modern !== null) return modern[1] === "-" ? undefined : plausible(modern[1]);
  const legacy =
    /^(?:\d+: )?(?:[*.]?[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?(?: [A-Z]{3,4})?:?|\d{4}-\d\d-\d\dT\S+) ([A-Za-z0-9][\w.:-]*) (?=\S)/.exec(
      rest,
    );
  const host = legacy?.[1];
  // `sshd:` or `%ASA-...` directly after the time is a tag: the sender left the host out.
  return host === undefined || host.endsWith(":") ? undefined : plausible(host);
}

function plausible(host: string | undefined): string | undefined {
  return host !== undefined && host.length <= 255 && /^[A-Za-z0-9][\w.:-]*$/.test(host)
    ? host.toLowerCase()
    : undefined;
}

function latin1(bytes: Uint8Array, limit: number): string {
  return String.fromCharCode(...bytes.subarray(0, limit));
}
