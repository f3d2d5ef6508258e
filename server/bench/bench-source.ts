import type { BenchServer } from "./bench-server.ts";

/** A source with a token of its own. */
export interface BenchSource {
  readonly id: string;
  readonly token: string;
}

/** Makes a source known by one line, and gives it its priority. */
export async function makeSource(server: BenchServer, name: string, priority: string): Promise<BenchSource> {
  const { secret } = await server.call<{ readonly secret: string }>("POST", "/api/v1/tokens", {
    name,
    scope: "ingest",
    source: name,
  });
  await server.tryIngest(Buffer.from(`${name} is here`), secret);
  const { items } = await server.call<{ readonly items: readonly { id: string; name: string }[] }>(
    "GET",
    "/api/v1/sources",
  );
  const id = items.find((one) => one.name.includes(name))?.id;
  if (id === undefined) throw new Error(`the source ${name} did not appear`);
  await server.call("POST", `/api/v1/sources/${id}/priority`, { priority });
  return { id, token: secret };
}
