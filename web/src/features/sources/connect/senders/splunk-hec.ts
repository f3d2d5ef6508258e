import type { SenderWay } from "../way.ts";

export const splunkHec: SenderWay = {
  kind: "sender",
  key: "splunk-hec",
  title: "Splunk HEC senders",
  about: "Whatever sends to Splunk's HTTP event collector: products, libraries, forwarders.",
  words: "splunk http event collector hec logging library cribl docker",
  group: "http",
  checks: [
    "Ask whether it is reachable: curl URL/services/collector/health",
    "The header is Authorization: Splunk TOKEN, with the word Splunk",
    "/services/collector/raw needs a channel",
  ],
  variants: [
    {
      key: "settings",
      label: "Product or library",
      listener: "http",
      inputs: ["hec"],
      isTokenNeeded: true,
      note: "Put these in place of Splunk's; answers, codes and acknowledgements are Splunk's.",
      blocks: [
        { place: "HEC URL", text: ({ url }) => [`${url}/services/collector/event`] },
        { place: "HEC token", text: ({ token }) => [token] },
        {
          place: "One event, to try it",
          text: ({ url, token }) => [
            `curl ${url}/services/collector/event \\`,
            `  -H 'Authorization: Splunk ${token}' \\`,
            `  -d '{"event": "Hello from HEC", "host": "test"}'`,
          ],
        },
      ],
    },
    {
      key: "docker",
      label: "Docker driver",
      listener: "http",
      inputs: ["hec"],
      isTokenNeeded: true,
      note: "Docker's own splunk log driver.",
      blocks: [
        {
          place: "Shell",
          text: ({ url, token }) => [
            `docker run --log-driver splunk \\`,
            `  --log-opt splunk-url=${url} \\`,
            `  --log-opt splunk-token=${token} \\`,
            `  IMAGE`,
          ],
        },
      ],
    },
  ],
};
