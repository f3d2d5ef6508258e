import { join } from "node:path";
import { writeFileDurably } from "../journal/durable-file.ts";

/** Beside the engine's data, so that its schema is known without starting it. */
export const ENGINE_SCHEMA_FILE = "schema.json";

export async function noteSchema(directory: string, schema: number): Promise<void> {
  await writeFileDurably(join(directory, ENGINE_SCHEMA_FILE), `${JSON.stringify({ schema })}\n`);
}
