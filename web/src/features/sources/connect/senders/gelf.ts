import type { SenderWay, Variant } from "../way.ts";

const dockerOver = (protocol: "udp" | "tcp"): Variant["blocks"][number] => ({
  place: "A container",
  text: ({ host, port }) => [
    `docker run --log-driver gelf --log-opt gelf-address=${protocol}://${host}:${port} IMAGE`,
  ],
});

export const gelf: SenderWay = {
  kind: "sender",
  key: "gelf",
  title: "GELF clients",
  about: "Graylog's format: Docker's gelf driver, NXLog, logging libraries.",
  words: "graylog docker nxlog graypy log4j java python container",
  group: "shippers",
  checks: [
    "UDP loses what nobody hears, without a word: try TCP or HTTP",
    "A message over TCP must end with a zero byte and must not be compressed",
  ],
  variants: [
    {
      key: "udp",
      label: "UDP",
      listener: "gelf-udp",
      inputs: ["gelf-udp"],
      isTokenNeeded: false,
      note: "Plain, compressed or in parts. What the network drops is lost.",
      blocks: [dockerOver("udp")],
    },
    {
      key: "tcp",
      label: "TCP",
      listener: "gelf-tcp",
      inputs: ["gelf-tcp"],
      isTokenNeeded: false,
      note: "Messages end with a zero byte; TLS where the listener has it.",
      blocks: [dockerOver("tcp")],
    },
    {
      key: "http",
      label: "HTTP",
      listener: "http",
      inputs: ["gelf-http"],
      isTokenNeeded: true,
      note: "With a token, answered when the message is on disk here.",
      blocks: [
        { place: "URL", text: ({ url }) => [`${url}/gelf`] },
        {
          place: "One message, to try it",
          text: ({ url, token }) => [
            `curl ${url}/gelf -H 'Authorization: Bearer ${token}' \\`,
            `  -d '{"version": "1.1", "host": "test", "short_message": "Hello from GELF"}'`,
          ],
        },
      ],
    },
  ],
};
