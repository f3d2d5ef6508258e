import type { SenderWay } from "../way.ts";

export const fileImport: SenderWay = {
  kind: "sender",
  key: "import",
  title: "A file, once",
  about: "Old logs, exports and Windows event logs (.evtx), from the command line.",
  words: "import upload evtx csv json gzip archive history file",
  group: "http",
  checks: [
    "Its events have the file's own times: search a range that holds them",
    "A file that is imported twice adds nothing",
  ],
  variants: [
    {
      key: "local",
      label: "On this machine",
      listener: "http",
      inputs: ["file"],
      isTokenNeeded: false,
      note: "In the directory where Tyto runs; plain or gzip. --source names the pack where it cannot be guessed.",
      blocks: [{ place: "Shell", text: () => ["npx tyto import /path/to/file.log"] }],
    },
  ],
};
