import type { SenderWay } from "../way.ts";

export const journalUpload: SenderWay = {
  kind: "sender",
  key: "systemd-journal-upload",
  title: "systemd-journal-upload",
  about: "The whole journal of a Linux machine, with nothing but systemd.",
  words: "linux journald journal systemd",
  group: "shippers",
  checks: [
    "It says why it fails: journalctl -u systemd-journal-upload -n 20",
    "The URL must name the port: systemd's own would be 19532",
    "Its place is in /var/lib/systemd/journal-upload/state; it goes on from there",
  ],
  variants: [
    {
      key: "http",
      label: "HTTP",
      listener: "http",
      inputs: ["journald"],
      isTokenNeeded: true,
      note: "Needs the package systemd-journal-remote. An entry that is sent twice is kept once.",
      blocks: [
        {
          place: "/etc/systemd/journal-upload.conf",
          text: ({ url, token, isTls }) => [
            "[Upload]",
            `URL=${url.replace("://", `://tyto:${token}@`)}`,
            ...(isTls ? ["TrustedCertificateFile=/etc/ssl/ca.pem"] : []),
          ],
        },
        { place: "Then", text: () => ["sudo systemctl enable --now systemd-journal-upload"] },
      ],
    },
  ],
};
