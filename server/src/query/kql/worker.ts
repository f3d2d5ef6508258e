import { parentPort } from "node:worker_threads";
import { micros } from "@tyto/domain";
import { answerEditor } from "./editor.ts";
import { loadKusto } from "./kusto-adapter.ts";
import { parseKql } from "./parse-kql.ts";
import type { WorkerReply, WorkerRequest } from "./worker-protocol.ts";

/** Entry of the worker's own bundle (`dist/kql-worker.mjs`). */

/** The library's exceptions may carry its whole source. */
const MAX_MESSAGE = 300;

function main(): void {
  const port = parentPort;
  if (port === null) throw new Error("this file runs as a worker");
  const adapter = loadKusto();
  // The first analysis builds the grammar and the built-in functions: a second or more, which is start-up and no query's time.
  parseKql(
    adapter,
    "Events | where source.ip == '' | summarize count() by bin(timestamp, 1h) | take 1",
    micros(0),
  );
  const reply = (message: WorkerReply): void => port.postMessage(message);
  port.on("message", ({ id, text, now, parameters, question }: WorkerRequest) => {
    try {
      if (question !== undefined)
        return reply({ kind: "answered", id, answer: answerEditor(adapter, question) });
      reply({ kind: "parsed", id, result: parseKql(adapter, text, now, parameters) });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      reply({ kind: "failed", id, message: message.slice(0, MAX_MESSAGE) });
    }
  });
  reply({ kind: "ready" });
}

main();
