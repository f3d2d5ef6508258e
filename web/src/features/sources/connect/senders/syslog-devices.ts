import type { SenderWay } from "../way.ts";

/** Whatever has a page "remote syslog" in its settings. */
export const syslogDevices: SenderWay = {
  kind: "sender",
  key: "syslog",
  title: "Network devices and appliances",
  about: "Firewalls, switches, hypervisors and whatever else sends syslog.",
  words:
    "syslog udp tcp tls firewall switch router cisco asa fortigate palo alto pfsense vmware esxi nas logger cef leef",
  group: "syslog",
  checks: [
    "A firewall on the way may drop the port, above all for UDP",
    "Some devices send only to port 514: forward it here, or start Tyto with that port",
    "Devices send only what their own log level lets through",
  ],
  variants: [
    {
      key: "udp",
      label: "UDP",
      listener: "syslog-udp",
      inputs: ["syslog-udp"],
      isTokenNeeded: false,
      note: "Every device can. What the network drops is lost, so take TCP or TLS where the device offers it.",
      blocks: [
        { place: "Remote syslog server, by UDP", text: ({ host, port }) => [`${host}:${port}`] },
        {
          place: "One line, to try it",
          text: ({ host, port }) => [
            `logger --server ${host} --port ${port} --udp --rfc3164 "Hello from $(hostname)"`,
          ],
        },
      ],
    },
    {
      key: "tcp",
      label: "TCP",
      listener: "syslog-tcp",
      inputs: ["syslog-tcp"],
      isTokenNeeded: false,
      note: "Lines or counted frames, RFC 3164 or RFC 5424: each is recognised.",
      blocks: [
        { place: "Remote syslog server, by TCP", text: ({ host, port }) => [`${host}:${port}`] },
        {
          place: "One line, to try it",
          text: ({ host, port }) => [
            `logger --server ${host} --port ${port} --tcp --rfc5424 "Hello from $(hostname)"`,
          ],
        },
      ],
    },
    {
      key: "tls",
      label: "TLS",
      listener: "syslog-tls",
      inputs: ["syslog-tls"],
      isTokenNeeded: false,
      note: "RFC 5425. The device must trust the authority of Tyto's certificate.",
      blocks: [
        { place: "Remote syslog server, by TCP with TLS", text: ({ host, port }) => [`${host}:${port}`] },
        {
          place: "Whether the handshake works",
          text: ({ host, port }) => [
            `openssl s_client -connect ${host}:${port} -CAfile ca.pem </dev/null | grep Verify`,
          ],
        },
      ],
    },
  ],
};
