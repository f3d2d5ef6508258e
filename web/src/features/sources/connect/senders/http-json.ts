import type { SenderWay } from "../way.ts";

export const httpJson: SenderWay = {
  kind: "sender",
  key: "http",
  title: "Your own program, by HTTP",
  about: "POST of NDJSON, a JSON array or plain lines.",
  words: "curl api rest json ndjson script python custom",
  group: "http",
  checks: [
    "401 means that the token is wrong or has expired; the answer's hint says which",
    "503 with Retry-After means: later. Nothing of that request was kept",
  ],
  variants: [
    {
      key: "ndjson",
      label: "JSON",
      listener: "http",
      inputs: ["http"],
      isTokenNeeded: true,
      note: "A success is answered when the records are on disk. gzip is taken.",
      blocks: [
        {
          place: "One event, to try it",
          text: ({ url, token }) => [
            `curl ${url}/api/v1/ingest \\`,
            `  -H 'Authorization: Bearer ${token}' \\`,
            `  -H 'Content-Type: application/x-ndjson' \\`,
            `  -d '{"message": "Hello from curl"}'`,
          ],
        },
        {
          place: "A file of them",
          text: ({ url, token }) => [
            `curl ${url}/api/v1/ingest \\`,
            `  -H 'Authorization: Bearer ${token}' \\`,
            `  -H 'Content-Type: application/x-ndjson' \\`,
            `  --data-binary @events.ndjson`,
          ],
        },
      ],
    },
  ],
};
