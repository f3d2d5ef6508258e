import { type EventFields, summariseEvent } from "@tyto/domain";
import { fieldsOfRow, type ResultRow, type ResultShape } from "./result-shape.ts";

/** One readable line for an event row; empty when its fields say nothing that the record does not. */
export function summariseRow(shape: ResultShape, row: ResultRow): string {
  // The reply's cells are JSON, which is what field values are.
  return summariseEvent(fieldsOfRow(shape, row) as EventFields);
}
